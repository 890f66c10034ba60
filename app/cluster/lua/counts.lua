-- Return the highest number ever given, how many jobs are kept, and how many of them are finished.
return {redis.call('GET', LAST) or '0', redis.call('ZCARD', JOBS), redis.call('ZCARD', FINISHED)}
