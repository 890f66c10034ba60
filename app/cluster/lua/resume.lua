-- End a drain whose web processes are all gone: those that live now came after it.
-- Arguments: seconds of silence after which a process counts as dead, the web process that asks,
-- and 1 where it knows that it was told to drain: while Redis was away, none could tell that it
-- lives. Returns 0 for no drain, 1 for one, 2 for one that this process was told of.
if ARGV[3] == '1' then
    redis.call('SADD', DRAINING, ARGV[2])
    return 2
end
if redis.call('EXISTS', DRAINING) == 0 then
    return 0
end
if redis.call('SISMEMBER', DRAINING, ARGV[2]) == 1 then
    return 2
end
local since = now() - ARGV[1]
for _, web in ipairs(redis.call('SMEMBERS', DRAINING)) do
    local beat = redis.call('ZSCORE', WEBS, web)
    if beat and tonumber(beat) > since then
        return 1
    end
end
redis.call('DEL', DRAINING)
return 0
