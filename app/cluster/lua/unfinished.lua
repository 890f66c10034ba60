-- Return the numbers of the jobs that are not finished.
local numbers = redis.call('ZRANGE', WAITING, 0, -1)
for _, number in ipairs(redis.call('ZRANGE', RUNNING, 0, -1)) do
    numbers[#numbers + 1] = number
end
return numbers
