-- End a job that is queued.
-- Arguments: channel, number, reason. Returns its status before; an empty one where there is none.
local status = redis.call('HGET', JOB .. ARGV[2], 'status')
if status == 'queued' then
    end_job(ARGV[2], 'error', ARGV[3], '', now())
    tell_ended(ARGV[1])
end
return status or ''
