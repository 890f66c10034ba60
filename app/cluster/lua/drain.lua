-- Accept no more jobs, as long as one of the web processes that live now does.
-- Arguments: seconds of silence after which a process counts as dead, the web process that asks.
redis.call('SADD', DRAINING, ARGV[2])
for _, web in ipairs(redis.call('ZRANGEBYSCORE', WEBS, text(now() - ARGV[1]), '+inf')) do
    redis.call('SADD', DRAINING, web)
end
