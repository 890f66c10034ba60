-- End a job that is queued.
-- Arguments: channel, number, reason. Returns its status before, empty where there is no such job.
local status = redis.call('HGET', JOB .. ARGV[2], 'status')
if status == 'queued' then
    redis.call('HSET', JOB .. ARGV[2], 'cancelled', 1)
    end_job(ARGV[2], 'error', ARGV[3], '', now())
    publish_ended(ARGV[1])
end
return status or ''
