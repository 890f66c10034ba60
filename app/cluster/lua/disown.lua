-- Queue the jobs again that run, as far as Redis knows, in a process that has none of them: Redis has
-- started from an older copy of its log, in which they had not ended.
-- Arguments: the runner, then the numbers of the jobs that it has.
local has = {}
for place = 2, #ARGV do
    has[ARGV[place]] = true
end
for _, number in ipairs(redis.call('ZRANGE', RUNNING, 0, -1)) do
    if not has[number] and redis.call('HGET', JOB .. number, 'runner') == ARGV[1] then
        give_back(number)
    end
end
