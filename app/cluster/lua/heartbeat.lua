-- Record that a process is alive.
-- Arguments: RUNNERS or WEBS, the process, and the highest number of a job that it knows.
-- Processes that were silent for an hour are removed. Returns the highest number ever given, the one up to
-- which jobs may be lost, and what tells this process of Redis from others.
local at = now()
redis.call('ZADD', ARGV[1], text(at), ARGV[2])
redis.call('ZREMRANGEBYSCORE', ARGV[1], '-inf', text(at - 3600))
go_on_after(tonumber(ARGV[3]))
return {redis.call('GET', LAST) or '0', redis.call('GET', LOST) or '0', redis.call('HGET', RUN, 'id')}
