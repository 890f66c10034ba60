-- Accept jobs again where all web processes that belong to a drain are gone.
-- Arguments: seconds of silence after which a process is not alive, the web process that asks, and
-- 1 where it belongs to a drain as far as it knows: Redis may have lost that while it was away.
-- Returns 0 for no drain, 1 for a drain, 2 for a drain that this process belongs to.
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
for _, web in ipairs(redis.call('SMEMBERS', DRAINING)) do
    if is_recent(redis.call('ZSCORE', WEBS, web), ARGV[1]) then
        return 1
    end
end
redis.call('DEL', DRAINING)
return 0
