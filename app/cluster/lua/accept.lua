-- Accept jobs together, all or none: their numbers follow one another.
-- Arguments: the highest number that the web process knows, most unfinished jobs, seconds to keep finished
-- ones (0 is for ever), then for each job its statistic, what it asks as JSON, and the version of its
-- dataset. With no job, all is tried that a job needs, and undone.
-- Returns {'draining'}, {'held'}, {'full', unfinished} or {'accepted', first number, time}.
if redis.call('EXISTS', DRAINING) == 1 then
    return {'draining'}
end
go_on_after(tonumber(ARGV[1]))
if is_recent(redis.call('HGET', RUN, 'since'), HOLD) then
    return {'held'}
end
local waiting = redis.call('ZCARD', WAITING) + redis.call('ZCARD', RUNNING)
local count = (#ARGV - 3) / 3
if waiting + count > tonumber(ARGV[2]) then
    return {'full', waiting}
end
local at = now()
local last = redis.call('INCRBY', LAST, count)

local function add(number, statistic, asked, dataset)
    redis.call('HSET', JOB .. number, 'status', 'queued', 'statistic', statistic, 'asked', asked,
        'dataset', dataset, 'keep', ARGV[3], 'accepted', text(at))
    redis.call('ZADD', JOBS, number, number)
    redis.call('ZADD', WAITING, text(at + GRACE), number)
end

for place = 1, count do
    local first = 3 * place + 1
    add(last - count + place, ARGV[first], ARGV[first + 1], ARGV[first + 2])
end
if count == 0 then
    add(0, '', '', '')
    redis.call('DEL', JOB .. 0)
    redis.call('ZREM', JOBS, 0)
    redis.call('ZREM', WAITING, 0)
end
return {'accepted', last - count + 1, text(at)}
