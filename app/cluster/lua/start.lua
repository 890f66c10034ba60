-- Mark queued jobs as running; those that have ended, or run elsewhere, are left alone. Those that
-- this runner has started already are returned again: it may have missed the first answer.
-- Arguments: the runner, then numbers. Returns the numbers that it is to run.
local at = text(now())
local started, waited, runs = {}, {}, {}
for place = 2, #ARGV do
    local number = ARGV[place]
    local key = JOB .. number
    local job = redis.call('HMGET', key, 'status', 'runner')
    if job[1] == 'queued' then
        redis.call('HSET', key, 'status', 'running', 'started', at, 'runner', ARGV[1])
        waited[#waited + 1] = number
        runs[#runs + 1] = at
        runs[#runs + 1] = number
        started[#started + 1] = number
    elseif job[1] == 'running' and job[2] == ARGV[1] then
        started[#started + 1] = number
    end
end
call_for_all('ZREM', WAITING, waited)
call_for_all('ZADD', RUNNING, runs)
return started
