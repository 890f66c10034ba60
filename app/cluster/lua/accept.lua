-- Accept jobs together, all or none: their numbers follow one another.
-- Arguments: the highest number that the web process knows, most unfinished jobs, the key of the submit
-- (may be empty), 1 where only known jobs are returned, as the web process drains, then for each job its
-- statistic, what it asks as JSON, and the version of its dataset.
-- With no job, all is tried that a job needs, and undone.
-- Returns {'draining'}, {'held'}, {'full', unfinished} or {'accepted', first number, time}; of a key
-- whose jobs are all kept {'known', first number, time}, or {'reused'} where they ask something else.
local KEY = ARGV[3]
local count = (#ARGV - 4) / 3

-- Return the first number of the jobs of the key, where all of them are kept, and whether they ask the
-- same as these.
local function known_jobs()
    local first, jobs = submitted(KEY)
    local same = jobs == count
    for place = 0, (jobs or 0) - 1 do
        local job = redis.call('HMGET', JOB .. first + place, 'statistic', 'asked')
        if not job[1] then
            return nil
        end
        same = same and job[1] == ARGV[3 * place + 5] and job[2] == ARGV[3 * place + 6]
    end
    return first, same
end

if KEY ~= '' then
    local first, same = known_jobs()
    if first then
        return same and {'known', first, redis.call('HGET', JOB .. first, 'accepted')} or {'reused'}
    end
end
if ARGV[4] == '1' or redis.call('EXISTS', DRAINING) == 1 then
    return {'draining'}
end
if is_recent(go_on_after(tonumber(ARGV[1])), HOLD) then
    return {'held'}
end
local waiting = redis.call('ZCARD', WAITING) + redis.call('ZCARD', RUNNING)
if waiting + count > tonumber(ARGV[2]) then
    return {'full', waiting}
end
local at = now()
local last = redis.call('INCRBY', LAST, count)

local added, waits = {}, {}

local function add(number, statistic, asked, dataset)
    redis.call('HSET', JOB .. number, 'status', 'queued', 'statistic', statistic, 'asked', asked,
        'dataset', dataset, 'accepted', text(at))
    if KEY ~= '' then
        redis.call('HSET', JOB .. number, 'key', KEY)
    end
    added[#added + 1] = number
    added[#added + 1] = number
    waits[#waits + 1] = text(at + GRACE)
    waits[#waits + 1] = number
end

for place = 1, count do
    local first = 3 * place + 2
    add(last - count + place, ARGV[first], ARGV[first + 1], ARGV[first + 2])
end
if count == 0 then
    add(0, '', '', '')
end
call_for_all('ZADD', JOBS, added)
call_for_all('ZADD', WAITING, waits)
if count == 0 then
    redis.call('DEL', JOB .. 0)
    redis.call('ZREM', JOBS, 0)
    redis.call('ZREM', WAITING, 0)
end
if KEY ~= '' then
    redis.call('SET', SUBMIT .. KEY, string.format('%d %d', last - count + 1, count))
end
return {'accepted', last - count + 1, text(at)}
