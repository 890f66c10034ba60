-- Accept no more jobs, as long as one of the web processes that are alive now is.
-- Arguments: seconds of silence after which a process is not alive, the web process that asks.
redis.call('SADD', DRAINING, ARGV[2])
for _, web in ipairs(redis.call('ZRANGEBYSCORE', WEBS, text(now() - ARGV[1]), '+inf')) do
    redis.call('SADD', DRAINING, web)
end
