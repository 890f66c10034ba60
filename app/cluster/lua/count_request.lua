-- Count up for a client; the count ends so many seconds after it began.
-- Arguments: client, seconds, by how much. Returns the count.
local key = COUNT .. ARGV[1]
local count = redis.call('INCRBY', key, ARGV[3])
if count == tonumber(ARGV[3]) then
    redis.call('EXPIRE', key, ARGV[2])
end
return count
