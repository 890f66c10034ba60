-- What the other scripts share; it stands before each of them, after the names of the keys.
-- A script runs as one step: nobody sees half of it, and Redis' file has all of it or nothing.

-- Seconds that a queued job has to be started, before somebody looks whether it got lost.
local GRACE = 3

local function now()
    local time = redis.call('TIME')
    return tonumber(time[1]) + tonumber(time[2]) / 1e6
end

local function text(seconds)
    return string.format('%.6f', seconds)
end

-- End an unfinished job as `done` (`what` is its answer's SHA-256) or `error` (`what` is why).
local function end_job(number, status, what, digest, at)
    local key = JOB .. number
    local job = redis.call('HMGET', key, 'keep', 'statistic')
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

local function unfinished(number)
    local status = redis.call('HGET', JOB .. number, 'status')
    return status == 'queued' or status == 'running'
end
