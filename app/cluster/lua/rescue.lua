-- Queue the jobs of runners that died, and find queued jobs whose message got lost.
-- Arguments: channel, most deaths, why a lethal job fails, why a job fails whose dataset no runner
-- has, seconds of silence after which a process counts as dead, then the dead runners.
-- Returns the numbers of jobs to be sent again.
local at = now()
local again = {}
local dead = {}
for place = 6, #ARGV do
    dead[ARGV[place]] = true
    redis.call('ZREM', RUNNERS, ARGV[place])
end

local function fail(number, reason)
    end_job(number, 'error', reason, '', at)
end

local function send_again(number, grace)
    redis.call('ZADD', WAITING, text(at + grace), number)
    again[#again + 1] = number
end

if #ARGV > 5 then
    for _, number in ipairs(redis.call('ZRANGE', RUNNING, 0, -1)) do
        local key = JOB .. number
        if dead[redis.call('HGET', key, 'runner') or ''] then
            local deaths = redis.call('HINCRBY', key, 'deaths', 1)
            if deaths >= tonumber(ARGV[2]) then
                fail(number, ARGV[3])
            else
                redis.call('HSET', key, 'status', 'queued')
                redis.call('ZREM', RUNNING, number)
                send_again(number, GRACE)
            end
        end
    end
end

-- A job waits in a queue of its dataset; where these are empty, its message is nowhere. One that
-- its runner gave back (at 0) has no message, and one that waits for a minute is sent again in any
-- case: what is sent twice runs once.
local lengths = {}
local served = {}
local runners = 0
for _, runner in ipairs(redis.call('ZRANGEBYSCORE', RUNNERS, text(at - ARGV[5]), '+inf')) do
    served[string.match(runner, '^[^ ]*')] = true
    runners = runners + 1
end
local due = redis.call('ZRANGEBYSCORE', WAITING, '-inf', text(at), 'WITHSCORES', 'LIMIT', 0, 1000)
for place = 1, #due, 2 do
    local number = due[place]
    local job = redis.call('HMGET', JOB .. number, 'dataset', 'accepted')
    local dataset = job[1]
    if not dataset then
        redis.call('ZREM', WAITING, number)
    else
        local old = at - tonumber(job[2]) > 60
        lengths[dataset] = lengths[dataset]
            or redis.call('LLEN', QUEUE .. dataset) + redis.call('LLEN', BATCHES .. dataset)
        if old and runners > 0 and not served[dataset] then
            fail(number, ARGV[4])
        elseif lengths[dataset] == 0 or due[place + 1] == '0' then
            send_again(number, GRACE)
        elseif old then
            send_again(number, 60)
        else
            redis.call('ZADD', WAITING, text(at + GRACE), number)
        end
    end
end
tell_ended(ARGV[1])
return again
