-- Give back jobs that a runner has started and will not run: they are sent to another one soon.
-- Arguments: the runner, then numbers.
for place = 2, #ARGV do
    local number = ARGV[place]
    local job = redis.call('HMGET', JOB .. number, 'status', 'runner')
    if job[1] == 'running' and job[2] == ARGV[1] then
        give_back(number)
    end
end
