"""How many workers run, whether they help, what they cost when idle, and whether they survive."""

import itertools
import time
from dataclasses import dataclass

from app.grade.bench import Bench, Running, data_of, settled
from app.grade.findings import Exchange
from app.grade.http_client import at_once
from app.grade.processes import Family

_AT_ONCE, _BURSTS = 12, 3
_FEW, _SOME, _MANY = 1, 2, 8
_IDLE_SECONDS, _IDLE_WINDOWS = 0.6, 3
# Who waits takes a hundredth of a core. On a busy machine one that spins gets little, and is in
# line for the rest.
_IDLE_CPU, _IDLE_SHARE = 0.08, 0.5
_GROWTH_ROUNDS, _GROWTH_JOBS = 5, 36
_MEMORY_PER_JOB = 150_000  # bytes; an answer has 5,000 at most
_OTHERS = 1  # threads that are no workers, and come and go
_WAITING = 0.5  # the share of a burst in which the server neither computes nor is in line for it


@dataclass(frozen=True, slots=True)
class _Burst:
    """What a server did with some jobs that came at once."""

    seconds: float
    busy: float  # seconds on a core or in line for one
    deepest: int  # the most unfinished jobs that it told of
    threads: int  # afterwards, when it was idle


def run(bench: Bench) -> None:
    """Start servers with 1, 2 and 8 threads, and measure each."""
    bench.looked_at("workers")
    bursts: dict[int, _Burst] = {}
    for threads in (_FEW, _SOME, _MANY):
        with bench.server(threads, hurried=False) as running:
            family = running.family
            assert family is not None
            bursts[threads] = _burst(bench, family)
            if threads == _SOME:
                _idle(bench, family)
                if not bench.has_found("busy-waiting"):
                    _growth(bench, family)
            if threads == _FEW:
                _bad_jobs(bench, running)
    _numbers(bench, bursts)
    _speed_up(bench, bursts)
    counts = ", ".join(f"{threads}: {one.threads}" for threads, one in bursts.items())
    bench.silence(
        f"Threads of the whole server at 1, 2 and 8 workers were {counts}. Less than "
        f"{_IDLE_SHARE:.0%} of a core when idle, and {_MEMORY_PER_JOB // 1000} kB for a job, "
        "would not "
        "have been told. Where jobs compute in Python, threads give no speed-up, and none is "
        "asked for."
    )


def _burst(bench: Bench, family: Family) -> _Burst:
    """Warm the server up, send jobs at once, and wait for them."""
    _jobs(bench, _AT_ONCE)
    before, began = family.usage(), time.monotonic()
    submits: list[Exchange] = []
    deepest = 0
    with bench.client() as http:
        for _ in range(_BURSTS):
            asked = [bench.question("state_mean")[:2] for _ in range(_AT_ONCE)]
            submits += at_once(bench.address, asked)
            answer = http.get("/api/num_jobs").json
            number = answer.get("num_jobs") if isinstance(answer, dict) else None
            deepest = max(deepest, number if isinstance(number, int) else 0)
        for submit in submits:
            if submit.job_id is not None:
                bench.ended(http, submit.job_id)
    seconds, after = time.monotonic() - began, family.usage()
    busy = after.cpu + after.in_line - before.cpu - before.in_line
    return _Burst(seconds, busy, deepest, settled(family.threads))


def _jobs(bench: Bench, count: int) -> None:
    """Run so many jobs."""
    with bench.client() as http:
        for _ in range(0, count, _AT_ONCE):
            asked = [bench.question("state_mean")[:2] for _ in range(_AT_ONCE)]
            for submit in at_once(bench.address, asked):
                if submit.job_id is not None:
                    bench.ended(http, submit.job_id)


def _numbers(bench: Bench, bursts: dict[int, _Burst]) -> None:
    """Compare the numbers of threads; what looks wrong is measured again before it is told."""
    name, seen = _wrong_number(bursts)
    if name:
        again = {}
        for threads in (_FEW, _SOME, _MANY):
            with bench.server(threads, hurried=False) as running:
                assert running.family is not None
                again[threads] = _burst(bench, running.family)
        if _wrong_number(again)[0] == name:
            lines = [
                f"TP_NUM_OF_THREADS={threads} START YOUR SERVER; ls /proc/PID/task | wc -l"
                for threads in (_FEW, _SOME, _MANY)
            ]
            bench.found(name, seen, again="\n".join(lines))
    elif seen:
        bench.note(seen)


def _wrong_number(bursts: dict[int, _Burst]) -> tuple[str, str]:
    """Return the fault that the numbers show, and what is wrong with them."""
    few, some, many = (bursts[threads] for threads in (_FEW, _SOME, _MANY))
    counts = f"{few.threads}, {some.threads} and {many.threads} threads at 1, 2 and 8 workers"
    more, asked = many.threads - few.threads, _MANY - _FEW
    if more > asked + _OTHERS:
        return "too-many-workers", f"{counts}: {more} more at 8 than at 1"
    if more >= asked - _OTHERS:
        return "", ""
    told = f"{counts}: {more} more at 8 than at 1"
    # A pool may start its threads when they are needed: by then they all were.
    if more <= 0 or many.deepest >= 2 * _MANY:
        return "too-few-workers", told
    return "", f"{told}. The queue was never so long that a pool has to start all of them."


def _speed_up(bench: Bench, bursts: dict[int, _Burst]) -> None:
    """See that jobs overlap where they wait for something else than a core."""
    few, many = bursts[_FEW], bursts[_MANY]
    waits = few.busy < (1 - _WAITING) * few.seconds
    if not waits or few.seconds < 0.15:
        return
    if many.seconds > 0.7 * few.seconds and many.busy < (1 - _WAITING) * many.seconds:
        jobs = _AT_ONCE * _BURSTS
        bench.found(
            "no-speed-up",
            f"{jobs} jobs took {few.seconds:.2f} s with 1 worker and {many.seconds:.2f} s "
            "with 8, while "
            f"the server computed for {few.busy:.2f} s: jobs wait, and do not overlap",
            again="time a burst of submits with TP_NUM_OF_THREADS=1, then with 8",
        )


def _idle(bench: Bench, family: Family) -> None:
    """Measure what an idle server takes, in several windows: each must be too much."""
    shares = []
    for _ in range(_IDLE_WINDOWS):
        before, began = family.usage(), time.monotonic()
        time.sleep(_IDLE_SECONDS)
        after = family.usage()
        seconds, cpu = time.monotonic() - began, after.cpu - before.cpu
        shares.append((cpu + after.in_line - before.in_line) / seconds)
        if cpu < _IDLE_CPU * seconds or shares[-1] < _IDLE_SHARE:
            return
    bench.found(
        "busy-waiting",
        f"with no job and no request, it computed, or was in line for a core, for {min(shares):.0%} "
        f"of the time or more, {_IDLE_WINDOWS} times for {_IDLE_SECONDS} s",
        again="start the server, send nothing, and look at it in `top`",
    )


def _growth(bench: Bench, family: Family) -> None:
    """Run jobs in rounds: memory and threads that grow in each of the later ones never stop."""
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
        result = bench.ended(http, good.job_id, bench.patience)
    if accepted and data_of(result) is None:
        first = accepted[0]
        curls = "\n".join(filter(None, (one.curl(bench.address.url) for one in [*accepted, good])))
        bench.found(
            "worker-killed",
            f"with one worker, {len(accepted)} bad jobs were accepted, and a good one after "
            "them did not "
            f"end within {bench.patience:g} s",
            first,
            good,
            result,
            again=f"TP_NUM_OF_THREADS=1 START YOUR SERVER\n{curls}",
        )
