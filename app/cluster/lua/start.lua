-- Mark queued jobs as running; those that have ended, or run elsewhere, are left alone. Those that
-- this runner has started already are returned again: it may have missed the first answer.
-- Arguments: the runner, then numbers. Returns the numbers that it is to run.
local at = text(now())
local started = {}
for place = 2, #ARGV do
    local number = ARGV[place]
    local key = JOB .. number
    local job = redis.call('HMGET', key, 'status', 'runner')
    if job[1] == 'queued' then
        redis.call('HSET', key, 'status', 'running', 'started', at, 'runner', ARGV[1])
        redis.call('ZREM', WAITING, number)
        redis.call('ZADD', RUNNING, at, number)
        started[#started + 1] = number
    elseif job[1] == 'running' and job[2] == ARGV[1] then
        started[#started + 1] = number
    end
end
return started
