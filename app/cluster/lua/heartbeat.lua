-- Record that a process is alive.
-- Arguments: RUNNERS or WEBS, the process, and the highest number of a job that it knows.
-- Processes that were silent for an hour are removed. Returns the highest number ever given, and the
-- one up to which jobs may be lost.
local at = now()
redis.call('ZADD', ARGV[1], text(at), ARGV[2])
redis.call('ZREMRANGEBYSCORE', ARGV[1], '-inf', text(at - 3600))
go_on_after(tonumber(ARGV[3]))
return {redis.call('GET', LAST) or '0', redis.call('GET', LOST) or '0'}
