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

-- Return how many drains have begun and are over.
local function drains_over()
    return tonumber(redis.call('GET', DRAINS) or 0)
end

-- Seconds without new jobs after Redis has started. Within them, each web process that is alive tells
-- which numbers it knows: Redis may have lost its last jobs, and other web processes know them.
local HOLD = 3

-- Numbers that are left out where Redis has lost jobs: more than others can have given since the
-- process that noticed it last heard from Redis, a second ago.
local GAP = 1000000

-- Have numbers go on after the highest one that a web process knows. Redis has lost jobs where its own
-- is lower, as after FLUSHALL, or where it started from an old copy. Returns since when it is known that
-- this process of Redis runs.
local function go_on_after(highest)
    local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
    local known = redis.call('HMGET', RUN, 'id', 'since')
    local since = known[2]
    if tonumber(redis.call('GET', LAST) or 0) < highest then
        redis.call('MSET', LAST, highest + GAP, LOST, highest + GAP)
        since = 0
    elseif known[1] ~= run then
        since = text(now())
    else
        return since
    end
    redis.call('HSET', RUN, 'id', run, 'since', since)
    return since
end

-- Call a command with arguments of any number, in as few calls as can be: each costs more than what it
-- does for one job. Arguments may come in pairs.
local function call_for_all(command, key, arguments)
    for first = 1, #arguments, 1000 do
        redis.call(command, key, unpack(arguments, first, math.min(first + 999, #arguments)))
    end
end

-- Of the jobs that this script has ended, what `publish_ended` tells and changes for all together.
local ended = {}  -- as `SharedJobs.heard` reads them
local numbers, finished = {}, {}
local counts, uses = {}, {}
local times = {}
local unlogged = {}  -- as `SharedJobs.unlogged` reads them

local function add_to(sums, name, number)
    sums[name] = (sums[name] or 0) + number
end

local function count_time(what, seconds)
    local bucket = #BOUNDS + 1
    for place, bound in ipairs(BOUNDS) do
        if seconds <= bound then
            bucket = place
            break
        end
    end
    add_to(times, what .. ' ' .. bucket, 1)
    add_to(times, what .. ' sum', math.max(0, seconds))
end

-- Return the first number of the jobs that were submitted with a key, and how many there are.
local function submitted(key)
    local first, count = string.match(redis.call('GET', SUBMIT .. key) or '', '^(%d+) (%d+)$')
    return tonumber(first), tonumber(count)
end

-- End a job as `done` (`what` is its answer's SHA-256) or `error` (`what` is why); one that has ended
-- already is left as it is. All but the job itself is changed by `publish_ended`.
local function end_job(number, status, what, digest, at)
    local key = JOB .. number
    local job = redis.call('HMGET', key, 'status', 'statistic', 'accepted', 'started', 'dataset', 'runner',
        'cancelled')
    if job[1] ~= 'queued' and job[1] ~= 'running' then
        return
    end
    local answer = ''
    ended[#ended + 1] = number
    if status == 'done' then
        answer = what
        ended[#ended] = table.concat({number, what, digest, job[5]}, ' ')
        redis.call('HSET', key, 'status', status, 'answer', what, 'digest', digest, 'ended', text(at))
        add_to(uses, what, 1)
    else
        redis.call('HSET', key, 'status', status, 'reason', what, 'ended', text(at))
    end
    numbers[#numbers + 1] = number
    finished[#finished + 1] = text(at)
    finished[#finished + 1] = number .. ':' .. answer
    unlogged[#unlogged + 1] = table.concat(
        {number, status, job[3], job[4] or '', text(at), job[6] or ''}, ' ')
    add_to(counts, job[2] .. ' ' .. (job[7] and 'cancelled' or status), 1)
    if job[4] then
        count_time('queued', tonumber(job[4]) - tonumber(job[3]))
        count_time('running', at - tonumber(job[4]))
    end
end

-- Publish the jobs that this script has ended, and do what is left to do for them.
local function publish_ended(channel)
    if #ended == 0 then
        return
    end
    call_for_all('ZREM', WAITING, numbers)
    call_for_all('ZREM', RUNNING, numbers)
    call_for_all('ZADD', FINISHED, finished)
    call_for_all('RPUSH', UNLOGGED, unlogged)
    for name, count in pairs(counts) do
        redis.call('HINCRBY', ENDED, name, count)
    end
    for answer, count in pairs(uses) do
        redis.call('HINCRBY', USES, answer, count)
        redis.call('PERSIST', ANSWER .. answer)
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

-- Put a job back that its runner will not run; the janitor sends it at its next check.
local function give_back(number)
    queue_again(number)
    redis.call('ZADD', WAITING, GIVEN_BACK, number)
end
