-- Make a web process the janitor for some seconds, unless another one is.
-- Arguments: the web process, milliseconds. Returns 1 where it is the janitor now.
local janitor = redis.call('GET', JANITOR)
if janitor and janitor ~= ARGV[1] then
    return 0
end
redis.call('SET', JANITOR, ARGV[1], 'PX', ARGV[2])
return 1
