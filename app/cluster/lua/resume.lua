-- End a drain whose web processes are all gone: those that live now came after it.
-- Arguments: seconds of silence after which a process counts as dead. Returns 1 while it lasts.
if redis.call('EXISTS', DRAINING) == 0 then
    return 0
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
