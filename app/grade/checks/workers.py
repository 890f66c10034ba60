"""How many workers run, whether they help, what they cost when idle, and whether they survive."""

import itertools
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.grade.bench import Bench, Running, data_of, settled
from app.grade.http_client import sent_and_answered
from app.grade.processes import Family, of_this_thread

_AT_ONCE, _FEW_AT_ONCE = 24, 12
_FEW, _SOME, _MANY = 1, 2, 8
_IDLE_SECONDS, _IDLE_LIMIT = 0.6, 4
# Who waits takes a hundredth of a core. On a busy machine one that spins gets little, and is in
# line for the rest.
_IDLE_CPU, _IDLE_SHARE = 0.08, 0.5
_GROWTH_ROUNDS, _GROWTH_JOBS = 8, 24
_MEMORY_PER_JOB = 150_000  # bytes; an answer has 5,000 at most
_OTHERS = 1  # threads that are no workers, and come and go
# Jobs at once; the share of the time of as many, one by one, that shows no overlap; how often it
# is seen before it is told; and the share of it that computing may explain.
_OVERLAP, _OVERLAPS, _SLOW_BURSTS, _EXPLAINED = 8, 0.7, 3, 0.8


@dataclass(frozen=True, slots=True)
class _Burst:
    """What a server did with some jobs that came at once."""

    deepest: int  # unfinished jobs that it told of
    threads: int  # afterwards, when it was idle
    active: int  # of those that were there before, too: how many had a core meanwhile


def run(bench: Bench) -> None:
    """Start servers with 1, 2 and 8 threads, and measure each."""
    bursts: dict[int, _Burst] = {}
    compares = bench.wants("too-many-workers", "too-few-workers")
    for threads in (_FEW, _SOME, _MANY):
        looks = [look for look, names in _LOOKS.get(threads, {}).items() if bench.wants(*names)]
        if compares or looks:
            with bench.server(threads, hurried=False) as running:
                if compares:
                    bursts[threads] = _burst(bench, running)
                for look in looks:
                    look(bench, running)
    if compares:
        found = _wrong(bursts)
        if found.name and _wrong(_bursts(bench)).name == found.name:  # what is told was seen twice
            bench.found(found.name, found.seen, again=found.again)
        elif found.note:
            bench.note(found.note)
    counts = ", ".join(f"{threads}: {one.threads}" for threads, one in bursts.items())
    bench.silence(
        f"Threads of the whole server at 1, 2 and 8 workers were {counts}. What takes less than "
        f"{_IDLE_CPU:.0%} of a core when idle, or {_MEMORY_PER_JOB // 1000} kB for a job, is "
        "not told. Where jobs compute in Python, threads give no speed-up, and none is asked for."
    )


def _burst(bench: Bench, running: Running) -> _Burst:
    """Send jobs at once, wait for them, and count threads."""
    family = _family(running)
    settled(family.threads)
    prepared, before = bench.prepared(_AT_ONCE), family.turns()
    submits = sent_and_answered(bench.address, prepared)
    with bench.client() as http:
        answer = http.get("/api/num_jobs").json
        number = answer.get("num_jobs") if isinstance(answer, dict) else None
        for submit in submits:
            if submit.job_id is not None:
                bench.ended(http, submit.job_id)
    threads, after = settled(family.threads), family.turns()
    active = sum(after[thread] > before[thread] for thread in after.keys() & before.keys())
    return _Burst(number if isinstance(number, int) else 0, threads, active)


def _jobs(bench: Bench, count: int) -> None:
    """Run so many jobs, a few at once."""
    with bench.client() as http:
        for begin in range(0, count, _FEW_AT_ONCE):
            prepared = bench.prepared(min(_FEW_AT_ONCE, count - begin), "state_mean")
            for submit in sent_and_answered(bench.address, prepared):
                if submit.job_id is not None:
                    bench.ended(http, submit.job_id)


@dataclass(frozen=True, slots=True)
class _Wrong:
    """What bursts show: a fault, and how to see it again; or what cannot be told for sure."""

    name: str = ""
    seen: str = ""
    again: str = ""
    note: str = ""


def _bursts(bench: Bench) -> dict[int, _Burst]:
    bursts = {}
    for threads in (_FEW, _SOME, _MANY):
        with bench.server(threads, hurried=False) as running:
            bursts[threads] = _burst(bench, running)
    return bursts


def _wrong(bursts: dict[int, _Burst]) -> _Wrong:
    """Compare the numbers of threads, and then how long the jobs took."""
    few, some, many = (bursts[threads] for threads in (_FEW, _SOME, _MANY))
    more, asked = many.threads - few.threads, _MANY - _FEW
    told = (
        f"{few.threads}, {some.threads} and {many.threads} threads at 1, 2 and 8 workers: "
        f"{more} more at 8 than at 1"
    )
    again = "\n".join(
        f"TP_NUM_OF_THREADS={threads} START YOUR SERVER; ls /proc/PID/task | wc -l"
        for threads in (_FEW, _SOME, _MANY)
    )
    # A server may have threads for other things, too, which come when they are needed: what
    # counts is how many have a core when jobs come.
    active = many.active - few.active
    if more > asked + _OTHERS and active > asked + _OTHERS:
        return _Wrong("too-many-workers", f"{told}, {active} of them active", again)
    if more < asked - _OTHERS:
        same = few.threads == some.threads == many.threads
        # A pool, too, may start its threads when they are needed: by then all of them were.
        if same or (many.deepest >= 2 * _MANY and active < asked - _OTHERS):
            return _Wrong("too-few-workers", told, again)
        return _Wrong(note=f"{told}. Not all need be workers, and a pool need not start all.")
    return _Wrong()


def _speed_up(bench: Bench, running: Running) -> None:
    """See that jobs overlap, where each of them waits for something else than a core.

    They do not where jobs that come at once take as long as one after the other. Bursts that took
    long because the machine has other things to do say nothing.
    """
    server = _family(running)
    shortest, slow = math.inf, 0
    end = time.monotonic() + bench.seconds
    while slow < _SLOW_BURSTS:
        if time.monotonic() > end:
            return
        before = _now(server)
        for _ in range(_OVERLAP):
            began = time.monotonic()
            _jobs(bench, 1)
            shortest = min(shortest, time.monotonic() - began)
        alone = _now(server) - before
        if alone.cpu / _OVERLAP > shortest / 3:
            return  # jobs compute: that threads help is not asked for
        before = _now(server)
        _jobs(bench, _OVERLAP)
        burst = _now(server) - before
        if burst.seconds < _OVERLAPS * _OVERLAP * shortest:
            return
        slow += burst.in_line < _EXPLAINED * burst.seconds
    if slow == _SLOW_BURSTS:
        bench.found(
            "no-speed-up",
            f"with 8 workers, {_OVERLAP} jobs at once took {burst.seconds:.3f} s, and one alone "
            f"{shortest:.3f} s, of which the server computed {alone.cpu / _OVERLAP:.3f} s: "
            "jobs wait, and do not overlap",
            again=f"time {_OVERLAP} submits at once with TP_NUM_OF_THREADS=8, and one alone",
        )


@dataclass(frozen=True, slots=True)
class _Span:
    """A time, or what lies between two of them."""

    seconds: float
    cpu: float  # of the server
    in_line: float  # for a core, and what this program took

    def __sub__(self, earlier: "_Span") -> "_Span":
        return _Span(
            self.seconds - earlier.seconds,
            self.cpu - earlier.cpu,
            self.in_line - earlier.in_line,
        )


def _now(server: Family) -> _Span:
    usage = server.usage()
    own = of_this_thread()
    return _Span(time.monotonic(), usage.cpu, usage.in_line + own.cpu + own.in_line)


def _family(running: Running) -> Family:
    assert running.family is not None  # this check starts its servers
    return running.family


def _idle(bench: Bench, running: Running) -> None:
    """Measure what an idle server takes, again and again: it must be too much for long.

    One that has something to do once, after its start, comes to an end with it.
    """
    family = _family(running)
    _jobs(bench, _FEW_AT_ONCE)
    began, burnt, least = time.monotonic(), 0.0, math.inf
    while (waited := time.monotonic() - began) < bench.patience or burnt < bench.patience / 2:
        if waited > _IDLE_LIMIT * bench.patience:
            bench.note("The machine was too busy to see whether the server is idle when it should.")
            return
        before, since = family.usage(), time.monotonic()
        time.sleep(_IDLE_SECONDS)
        after = family.usage()
        seconds, cpu = time.monotonic() - since, after.cpu - before.cpu
        share = (cpu + after.in_line - before.in_line) / seconds
        if cpu < _IDLE_CPU * seconds or share < _IDLE_SHARE:
            return
        burnt, least = burnt + cpu, min(least, share)
    bench.found(
        "busy-waiting",
        f"with no job and no request, it computed for {burnt:.1f} s within {waited:.1f} s; "
        f"at least {least:.0%} of the time a thread had a core, or was in line for one",
        again="start the server, send nothing, and look at it in `top`",
    )


def _growth(bench: Bench, running: Running) -> None:
    """Run jobs in rounds: memory and threads that grow in each of the later ones never stop."""
    family = _family(running)
    memory, threads = [], []
    for number in range(_GROWTH_ROUNDS):
        _jobs(bench, _GROWTH_JOBS)
        threads.append(settled(family.threads))
        memory.append(family.memory())
        grows = [later - earlier for earlier, later in itertools.pairwise(memory)]
        more = [later - earlier for earlier, later in itertools.pairwise(threads)]
        if number >= 1 and more[-1] <= 2 and grows[-1] < _GROWTH_JOBS * _MEMORY_PER_JOB:
            return  # it stood still once
    if min(more[1:]) > 2:
        told = ", ".join(map(str, threads))
        bench.found(
            "threads-grow",
            f"after each {_GROWTH_JOBS} jobs, idle, there were {told} threads",
            again="ls /proc/PID/task | wc -l   # before and after some jobs",
        )
    if min(grows[1:]) >= _GROWTH_JOBS * _MEMORY_PER_JOB:
        told = ", ".join(f"{one / 1e6:.0f}" for one in memory)
        bench.found(
            "memory-grows",
            f"after each {_GROWTH_JOBS} jobs of one number each, the server had {told} MB",
            again="grep VmRSS /proc/PID/status   # before and after some jobs",
        )


def _bad_jobs(bench: Bench, running: Running) -> None:
    """With one worker, send what may end it; a good job must come to its answer afterwards."""
    question = bench.expected.questions[0]
    state = bench.expected.states(question)[0]
    bad: list[tuple[str, object]] = [
        ("state_mean", {"question": "What is the meaning of life?", "state": state}),
        ("state_mean", {"question": question, "state": "Atlantis"}),
        ("state_mean_by_category", {"question": question, "state": "Atlantis"}),
        ("state_diff_from_mean", {"question": question, "state": "Atlantis"}),
        ("states_mean", {"question": "What is the meaning of life?"}),
        ("best5", {"question": 5}),
        ("global_mean", {"question": [question]}),
        ("mean_by_category", {"question": None}),
        ("state_mean", {"question": question}),
        ("diff_from_mean", {}),
    ]
    with bench.client() as http:
        accepted = []
        for route, body in bad:
            submit = http.submit(route, body)
            if submit.job_id is not None:
                accepted.append(submit)
        route, body, _ = bench.question("state_mean")
        good = http.submit(route, body)
        if good.job_id is None or running.reap():
            return  # which another check looks for
        seconds = bench.patience * (1 + len(accepted))  # each of them may take its time
        result = bench.ended(http, good.job_id, seconds)
    if accepted and data_of(result) is None:
        first = accepted[0]
        curls = "\n".join(filter(None, (one.curl(bench.address.url) for one in [*accepted, good])))
        bench.found(
            "worker-killed",
            f"with one worker, {len(accepted)} bad jobs were accepted, and a good one after "
            f"them did not end within {seconds:g} s",
            first,
            good,
            result,
            again=f"TP_NUM_OF_THREADS=1 START YOUR SERVER\n{curls}",
        )


_LOOKS: Mapping[int, Mapping[Callable[[Bench, Running], None], tuple[str, ...]]] = MappingProxyType(
    {
        _FEW: {_bad_jobs: ("worker-killed",)},
        _SOME: {_idle: ("busy-waiting",), _growth: ("threads-grow", "memory-grows")},
        _MANY: {_speed_up: ("no-speed-up",)},
    }
)
