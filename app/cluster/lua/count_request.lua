-- Count up for a client; the count ends so many seconds after it began.
-- Arguments: client, seconds, by how much. Returns the count.
local key = COUNT .. ARGV[1]
local count = redis.call('INCRBY', key, ARGV[3])
local left = redis.call('TTL', key)
-- It has no end yet; or one further away than it can be, where the clock was put back.
if left < 0 or left > tonumber(ARGV[2]) then
    redis.call('EXPIRE', key, ARGV[2])
end
return count
