-- Queue the jobs of dead runners again, and find the queued jobs whose message is lost.
-- Arguments: channel, most deaths, reason for a lethal job, reason for a job whose dataset is not
-- served, and as JSON `dead` runners, the datasets that are `served` by runners, or `abandoned`, and
-- that of the `course`.
-- Returns the numbers of the jobs to send again, and the datasets of jobs that no runner serves.
local at = now()
local known = cjson.decode(ARGV[5])
local again = {}

local function set_of(names)
    local set = {}
    for _, name in ipairs(names) do
        set[name] = true
    end
    return set
end

local function fail(number, reason)
    end_job(number, 'error', reason, '', at)
end

local function send_again(number, grace)
    redis.call('ZADD', WAITING, text(at + grace), number)
    again[#again + 1] = number
end

-- Tell whether a job was recorded without the name of a dataset: see `JobRequest.recorded`.
local function is_nameless(asked)
    local recorded = cjson.decode(asked)
    local parameters, name = recorded[1], recorded[2]
    return parameters:sub(1, 1) ~= '{' or type(name) ~= 'string' or name == ''
end

local dead = set_of(known.dead)
if #known.dead > 0 then
    redis.call('ZREM', RUNNERS, unpack(known.dead))
    for _, number in ipairs(redis.call('ZRANGE', RUNNING, 0, -1)) do
        local key = JOB .. number
        if dead[redis.call('HGET', key, 'runner') or ''] then
            local deaths = redis.call('HINCRBY', key, 'deaths', 1)
            if deaths >= tonumber(ARGV[2]) then
                fail(number, ARGV[3])
            else
                queue_again(number)
                send_again(number, GRACE)
            end
        end
    end
end

-- The messages of a job are in the queues of its dataset; where these are empty, it has none. A job
-- that its runner gave back has none either. Any other is sent again after a minute, two, four, and
-- so on: a job that is sent twice runs once, but each message takes memory. Where its dataset is
-- abandoned, a job that names none goes to the course's, and any other fails.
local served, abandoned = set_of(known.served), set_of(known.abandoned)
local lengths, unserved = {}, {}
local due = redis.call('ZRANGEBYSCORE', WAITING, '-inf', text(at), 'WITHSCORES', 'LIMIT', 0, 1000)
-- So are those that are due later than any can be by this clock: it was put back since.
local late = redis.call('ZRANGEBYSCORE', WAITING, '(' .. text(at + GRACE), '+inf', 'WITHSCORES',
    'LIMIT', 0, 1000)
for _, value in ipairs(late) do
    due[#due + 1] = value
end
for place = 1, #due, 2 do
    local number, given_back = due[place], tonumber(due[place + 1]) == GIVEN_BACK
    local job = redis.call('HMGET', JOB .. number, 'dataset', 'accepted', 'sends', 'asked')
    local dataset = job[1]
    if abandoned[dataset] and is_nameless(job[4]) then
        dataset, given_back = known.course, true  -- it has no message there yet
        redis.call('HSET', JOB .. number, 'dataset', dataset)
    end
    if not dataset then  -- somebody removed it
        redis.call('ZREM', WAITING, number)
        redis.call('ZREM', JOBS, number)
    elseif abandoned[dataset] then
        fail(number, ARGV[4])
    elseif not served[dataset] then
        unserved[dataset] = true
        redis.call('ZADD', WAITING, given_back and GIVEN_BACK or text(at + GRACE), number)
    else
        lengths[dataset] = lengths[dataset]
            or redis.call('LLEN', QUEUE .. dataset) + redis.call('LLEN', BATCHES .. dataset)
        local sends = tonumber(job[3] or '0')
        if lengths[dataset] == 0 or given_back then
            send_again(number, GRACE)
        elseif at - tonumber(job[2]) > 60 * 2 ^ sends then
            redis.call('HSET', JOB .. number, 'sends', sends + 1)
            send_again(number, GRACE)
        else
            redis.call('ZADD', WAITING, text(at + GRACE), number)
        end
    end
end
publish_ended(ARGV[1])
local datasets = {}
for dataset in pairs(unserved) do
    datasets[#datasets + 1] = dataset
end
return {again, datasets}
