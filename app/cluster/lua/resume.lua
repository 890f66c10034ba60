-- Accept jobs again where all web processes that belong to a drain are gone.
-- Arguments: seconds of silence after which a process is not alive, the web process that asks, and
-- where it belongs to a drain as far as it knows, how many were over when that began; -1 where not.
-- Returns 0 for no drain, 1 for a drain, 2 for a drain that this process belongs to, 3 where the one that
-- it belongs to is over; and how many are over.
local over, known = drains_over(), tonumber(ARGV[3])
if redis.call('SISMEMBER', DRAINING, ARGV[2]) == 1 then
    return {2, over}
end
if known >= 0 then
    -- Others have taken it for gone, and accept jobs again: it was paused, say.
    if over > known then
        return {3, over}
    end
    -- Redis has lost the drain while it was away.
    redis.call('SADD', DRAINING, ARGV[2])
    return {2, over}
end
if redis.call('EXISTS', DRAINING) == 0 then
    return {0, over}
end
for _, web in ipairs(redis.call('SMEMBERS', DRAINING)) do
    if is_recent(redis.call('ZSCORE', WEBS, web), ARGV[1]) then
        return {1, over}
    end
end
redis.call('DEL', DRAINING)
return {0, redis.call('INCR', DRAINS)}
