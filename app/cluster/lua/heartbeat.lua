-- Record that a process is alive.
-- Arguments: RUNNERS or WEBS, the process. Processes that were silent for an hour are removed.
local at = now()
redis.call('ZADD', ARGV[1], text(at), ARGV[2])
redis.call('ZREMRANGEBYSCORE', ARGV[1], '-inf', text(at - 3600))
