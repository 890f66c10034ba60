-- Make a web process the janitor, unless another one is that is alive.
-- Arguments: the web process, seconds of silence after which one is not alive. Returns 1 where it is
-- the janitor now. A key that expires would last too long where the clock is put back.
local janitor = redis.call('GET', JANITOR)
if janitor and janitor ~= ARGV[1] and is_recent(redis.call('ZSCORE', WEBS, janitor), ARGV[2]) then
    return 0
end
redis.call('SET', JANITOR, ARGV[1])
return 1
