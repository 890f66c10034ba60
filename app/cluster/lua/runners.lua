-- Return the runners of the jobs that run, and the runners and web processes that are alive.
-- Arguments: seconds of silence after which a process is not alive.
local used = {}
local known = {}
for _, number in ipairs(redis.call('ZRANGE', RUNNING, 0, -1)) do
    local runner = redis.call('HGET', JOB .. number, 'runner')
    if not runner then  -- somebody removed the job
        redis.call('ZREM', RUNNING, number)
        redis.call('ZREM', JOBS, number)
    elseif not known[runner] then
        known[runner] = true
        used[#used + 1] = runner
    end
end
return {used, alive(RUNNERS, ARGV[1]), alive(WEBS, ARGV[1])}
