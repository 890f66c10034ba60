-- Queue the jobs of runners that died, and find queued jobs whose message got lost.
-- Arguments: channel, most deaths, why a lethal job fails, why a job fails whose dataset no runner
-- has, and as JSON `dead` runners, and datasets: `served` by runners, and `given_up`.
-- Returns the numbers of jobs to be sent again, and the datasets that jobs wait for in vain.
local at = now()
local told = cjson.decode(ARGV[5])
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

local dead = set_of(told.dead)
if #told.dead > 0 then
    redis.call('ZREM', RUNNERS, unpack(told.dead))
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

-- A job waits in a queue of its dataset; where these are empty, its message is nowhere. One that
-- its runner gave back has no message. Any other is sent again after a minute, two, four, and so
-- on: what is sent twice runs once, but each message takes room.
local served, given_up = set_of(told.served), set_of(told.given_up)
local lengths, in_vain = {}, {}
local due = redis.call('ZRANGEBYSCORE', WAITING, '-inf', text(at), 'WITHSCORES', 'LIMIT', 0, 1000)
for place = 1, #due, 2 do
    local number, given_back = due[place], tonumber(due[place + 1]) == GIVEN_BACK
    local job = redis.call('HMGET', JOB .. number, 'dataset', 'accepted', 'sends')
    local dataset = job[1]
    if not dataset then  -- somebody removed it
        redis.call('ZREM', WAITING, number)
        redis.call('ZREM', JOBS, number)
    elseif given_up[dataset] then
        fail(number, ARGV[4])
    elseif not served[dataset] then
        in_vain[dataset] = true
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
tell_ended(ARGV[1])
local datasets = {}
for dataset in pairs(in_vain) do
    datasets[#datasets + 1] = dataset
end
return {again, datasets}
