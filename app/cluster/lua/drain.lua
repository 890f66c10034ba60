-- Accept no more jobs, as long as one of the web processes that are alive now is.
-- Arguments: seconds of silence after which a process is not alive, the web process that asks.
-- Returns how many drains were over when this one began.
redis.call('SADD', DRAINING, ARGV[2])
for _, web in ipairs(alive(WEBS, ARGV[1])) do
    redis.call('SADD', DRAINING, web)
end
return drains_over()
