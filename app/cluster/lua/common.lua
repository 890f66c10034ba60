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

-- Tell whether some time is within the last so many seconds. One that is still to come was written by
-- a clock that was put back since, and says nothing.
local function is_recent(time, seconds)
    local age = now() - tonumber(time or 0)
    return age >= 0 and age <= tonumber(seconds)
end

-- Return those of RUNNERS or WEBS that have sent a heartbeat within so many seconds.
local function alive(key, seconds)
    return redis.call('ZRANGEBYSCORE', key, text(now() - seconds), text(now()))
end

-- Seconds without new jobs after Redis has started. Within them, each web process that is alive tells
-- which numbers it knows: Redis may have lost its last jobs, and other web processes know them.
local HOLD = 3

-- Numbers that are left out where Redis has lost jobs: more than others can have given since the
-- process that noticed it last heard from Redis, a second ago.
local GAP = 1000000

-- Have numbers go on after the highest one that a web process knows. Redis has lost jobs where its own
-- is lower, as after FLUSHALL, or where it started from an old copy.
local function go_on_after(highest)
    local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
    if tonumber(redis.call('GET', LAST) or 0) < highest then
        redis.call('MSET', LAST, highest + GAP, LOST, highest + GAP)
        redis.call('HSET', RUN, 'id', run, 'since', 0)
    elseif redis.call('HGET', RUN, 'id') ~= run then
        redis.call('HSET', RUN, 'id', run, 'since', text(now()))
    end
end

local ended = {} -- as `SharedJobs.heard` reads them
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

-- Return the first number of the jobs that were submitted with a key, and how many there are.
local function submitted(key)
    local first, count = string.match(redis.call('GET', SUBMIT .. key) or '', '^(%d+) (%d+)$')
    return tonumber(first), tonumber(count)
end

-- Tell whether a key leads to this job: it may have been used again since.
local function leads_to(key, number)
    local first, count = submitted(key)
    return first and tonumber(number) >= first and tonumber(number) < first + count
end

-- End an unfinished job as `done` (`what` is its answer's SHA-256) or `error` (`what` is why).
local function end_job(number, status, what, digest, at)
    local key = JOB .. number
    local job = redis.call('HMGET', key, 'keep', 'statistic', 'accepted', 'started', 'key', 'dataset')
    local answer = ''
    ended[#ended + 1] = number
    if status == 'done' then
        answer = what
        ended[#ended] = table.concat({number, what, digest, job[6]}, ' ')
        redis.call('HSET', key, 'status', status, 'answer', what, 'digest', digest, 'ended', text(at))
        redis.call('HINCRBY', USES, what, 1)
    else
        redis.call('HSET', key, 'status', status, 'reason', what, 'ended', text(at))
    end
    redis.call('ZREM', WAITING, number)
    redis.call('ZREM', RUNNING, number)
    redis.call('ZADD', FINISHED, text(at), number .. ':' .. answer)
    redis.call('HINCRBY', ENDED, job[2] .. ' ' .. status, 1)
    if job[4] then
        count_time('queued', tonumber(job[4]) - tonumber(job[3]))
        count_time('running', at - tonumber(job[4]))
    end
    local keep = tonumber(job[1])
    if keep > 0 then
        redis.call('EXPIRE', key, keep)
        if job[5] and leads_to(job[5], number) then
            redis.call('EXPIRE', SUBMIT .. job[5], keep)
        end
        if answer ~= '' then
            redis.call('EXPIRE', ANSWER .. answer, keep + 60, 'GT')
        end
    elseif answer ~= '' then
        redis.call('PERSIST', ANSWER .. answer)
    end
end

-- Publish the jobs that this script has ended, and count their times.
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
