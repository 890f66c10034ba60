-- End jobs; one that has ended already is left as it is.
-- Arguments: channel, number of answers, for each its SHA-256 and its body (empty where it should
-- be here already), then for each job its number, `done` or `error`, SHA-256 or reason, digest.
-- Returns the SHA-256 of answers that are not here; then nothing was changed.
local answers = tonumber(ARGV[2])
local missing = {}
for place = 1, answers do
    local sha, body = ARGV[1 + 2 * place], ARGV[2 + 2 * place]
    if body == '' and redis.call('EXISTS', ANSWER .. sha) == 0 then
        missing[#missing + 1] = sha
    end
end
if #missing > 0 then
    return missing
end
for place = 1, answers do
    local sha, body = ARGV[1 + 2 * place], ARGV[2 + 2 * place]
    if body ~= '' and redis.call('EXISTS', ANSWER .. sha) == 0 then
        -- Where a job has it, `publish_ended` keeps it; maybe all of them have ended already.
        redis.call('SET', ANSWER .. sha, body, 'EX', 60)
    end
end
local at = now()
for place = 3 + 2 * answers, #ARGV, 4 do
    end_job(ARGV[place], ARGV[place + 1], ARGV[place + 2], ARGV[place + 3], at)
end
publish_ended(ARGV[1])
return {}
