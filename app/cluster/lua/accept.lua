-- Accept jobs together, all or none: their numbers follow one another.
-- Arguments: most unfinished jobs, seconds to keep finished ones (0 is for ever), then for each job
-- its statistic, what it asks as JSON, and the version of its dataset.
-- Returns {'draining'}, {'full', unfinished} or {'accepted', first number, time}.
if redis.call('EXISTS', DRAINING) == 1 then
    return {'draining'}
end
local waiting = redis.call('ZCARD', WAITING) + redis.call('ZCARD', RUNNING)
local count = (#ARGV - 2) / 3
if waiting + count > tonumber(ARGV[1]) then
    return {'full', waiting}
end
local at = now()
local last = redis.call('INCRBY', LAST, count)
for place = 1, count do
    local number = last - count + place
    redis.call('HSET', JOB .. number, 'status', 'queued', 'statistic', ARGV[3 * place],
        'asked', ARGV[3 * place + 1], 'dataset', ARGV[3 * place + 2], 'keep', ARGV[2],
        'accepted', text(at))
    redis.call('ZADD', JOBS, number, number)
    redis.call('ZADD', WAITING, text(at + GRACE), number)
end
return {'accepted', last - count + 1, text(at)}
