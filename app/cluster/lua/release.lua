-- Give back jobs that a runner started and will not run: they are sent to another soon.
-- Arguments: the runner, then numbers.
for place = 2, #ARGV do
    local number = ARGV[place]
    local job = redis.call('HMGET', JOB .. number, 'status', 'runner')
    if job[1] == 'running' and job[2] == ARGV[1] then
        redis.call('HSET', JOB .. number, 'status', 'queued')
        redis.call('ZREM', RUNNING, number)
        redis.call('ZADD', WAITING, 0, number)
    end
end
