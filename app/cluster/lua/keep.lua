-- Be the one web process that looks after lost jobs, or stay it, for some seconds.
-- Arguments: the web process, milliseconds. Returns 1 where it is.
local keeper = redis.call('GET', KEEPER)
if keeper and keeper ~= ARGV[1] then
    return 0
end
redis.call('SET', KEEPER, ARGV[1], 'PX', ARGV[2])
return 1
