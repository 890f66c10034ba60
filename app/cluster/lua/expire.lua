-- Remove the finished jobs that ended first: those over a number, and those that ended too long ago.
-- Arguments: most finished jobs, seconds to keep them (0 is no limit for each), most to remove now.
-- Returns the numbers of those removed.

-- Tell whether a key leads to this job: it may have been used again since.
local function leads_to(key, number)
    local first, count = submitted(key)
    return first and tonumber(number) >= first and tonumber(number) < first + count
end

local removed = {}
local over = 0
if tonumber(ARGV[1]) > 0 then
    over = redis.call('ZCARD', FINISHED) - tonumber(ARGV[1])
end
local before = '-inf'
if tonumber(ARGV[2]) > 0 then
    before = now() - ARGV[2]
end
local first = redis.call('ZRANGE', FINISHED, 0, ARGV[3] - 1, 'WITHSCORES')
for place = 1, #first, 2 do
    local old = before ~= '-inf' and tonumber(first[place + 1]) < before
    if not old and (place + 1) / 2 > over then
        break
    end
    local number, answer = string.match(first[place], '^(%d+):(.*)$')
    local key = redis.call('HGET', JOB .. number, 'key')
    if key and leads_to(key, number) then
        redis.call('DEL', SUBMIT .. key)
    end
    redis.call('DEL', JOB .. number)
    redis.call('ZREM', JOBS, number)
    redis.call('ZREM', FINISHED, first[place])
    if answer ~= '' and redis.call('HINCRBY', USES, answer, -1) <= 0 then
        redis.call('HDEL', USES, answer)
        redis.call('DEL', ANSWER .. answer)
    end
    removed[#removed + 1] = number
end
return removed
