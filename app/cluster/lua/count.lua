-- Counts up for a client, for so many seconds from the first time on; returns the count.
-- ARGV: the client, seconds, by how much.
local key = COUNT .. ARGV[1]
local count = redis.call('INCRBY', key, ARGV[3])
if count == tonumber(ARGV[3]) then
    redis.call('EXPIRE', key, ARGV[2])
end
return count
