-- For wrk: GETs the paths of a file (a line each) in turn, and tells what was seen as JSON.
-- wrk -s benchmarks/collect.lua http://HOST:PORT -- FILE
local requests, place = {}, 0

function init(arguments)
    for path in io.lines(arguments[1]) do
        requests[#requests + 1] = wrk.format('GET', path)
    end
end

function request()
    place = place % #requests + 1
    return requests[place]
end

function done(summary, latency)
    local errors = summary.errors
    local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
    io.write(string.format('{"answers": %d, "microseconds": %d, "p99": %d, "failed": %d}\n',
        summary.requests, summary.duration, latency:percentile(99), failed))
end
