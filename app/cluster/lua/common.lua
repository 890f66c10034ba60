-- What the other scripts share: it is put before each of them, after the names of the keys.
-- A script runs as one step: nobody sees half of it, and Redis' log has all of it or nothing.

-- Seconds that a queued job has to be started; then the janitor checks whether its message is lost.
local GRACE = 3

-- In WAITING instead of a time: a job that its runner gave back, to be sent at the next check.
local GIVEN_BACK = 0

local function now()
    local time = redis.call('TIME')
    return tonumber(time[1]) + tonumber(time[2]) / 1e6
end

local function text(seconds)
    return string.format('%.6f', seconds)
end

local ended = {}
local times = {}

local function count_time(what, seconds)
    local bucket = #BOUNDS + 1
    for place, bound in ipairs(BOUNDS) do
        if seconds <= bound then
            bucket = place
            break
        end
    end
    times[what .. ' ' .. bucket] = (times[what .. ' ' .. bucket] or 0) + 1
    times[what .. ' sum'] = (times[what .. ' sum'] or 0) + math.max(0, seconds)
end

-- End an unfinished job as `done` (`what` is its answer's SHA-256) or `error` (`what` is why).
local function end_job(number, status, what, digest, at)
    local key = JOB .. number
    local job = redis.call('HMGET', key, 'keep', 'statistic', 'accepted', 'started')
    local answer = ''
    if status == 'done' then
        answer = what
        redis.call('HSET', key, 'status', status, 'answer', what, 'digest', digest, 'ended', text(at))
        redis.call('HINCRBY', USES, what, 1)
    else
        redis.call('HSET', key, 'status', status, 'reason', what, 'ended', text(at))
    end
    redis.call('ZREM', WAITING, number)
    redis.call('ZREM', RUNNING, number)
    redis.call('ZADD', FINISHED, text(at), number .. ':' .. answer)
    redis.call('HINCRBY', ENDED, job[2] .. ' ' .. status, 1)
    ended[#ended + 1] = number
    if job[4] then
        count_time('queued', tonumber(job[4]) - tonumber(job[3]))
        count_time('running', at - tonumber(job[4]))
    end
    local keep = tonumber(job[1])
    if keep > 0 then
        redis.call('EXPIRE', key, keep)
        if answer ~= '' then
            redis.call('EXPIRE', ANSWER .. answer, keep + 60, 'GT')
        end
    elseif answer ~= '' then
        redis.call('PERSIST', ANSWER .. answer)
    end
end

-- Publish the numbers of the jobs that this script has ended, and count their times.
local function publish_ended(channel)
    if #ended == 0 then
        return
    end
    redis.call('PUBLISH', channel, table.concat(ended, ','))
    for name, value in pairs(times) do
        redis.call('HINCRBYFLOAT', TIMES, name, value)
    end
end

-- Put a job that was running back in the queue.
local function queue_again(number)
    redis.call('HSET', JOB .. number, 'status', 'queued')
    redis.call('HDEL', JOB .. number, 'started', 'runner')
    redis.call('ZREM', RUNNING, number)
end

local function unfinished(number)
    local status = redis.call('HGET', JOB .. number, 'status')
    return status == 'queued' or status == 'running'
end
