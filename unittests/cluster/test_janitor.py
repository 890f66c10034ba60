"""What the janitor decides: who is dead, what is sent again, what fails, what is removed."""

import logging
from collections.abc import Iterable

import pytest

from app.cluster.celery_app import celery_app
from app.cluster.janitor import MOST_EXPIRED, MOST_ROUNDS, UNSERVED, UNSERVED_SECONDS, Janitor
from app.cluster.publisher import Publisher
from app.cluster.shared_jobs import SharedJobs
from app.cluster.worker_jobs import JobEnd, WorkerJobs
from app.errors import ShuttingDown, StoreUnavailable
from app.job import Job, JobRequest, digest_of
from app.job_service import LETHAL, MOST_DEATHS, Limits
from app.statistics.registry import STATISTICS
from unittests.helpers.clock import Clock
from unittests.helpers.fake_redis import FakeRedis
from unittests.helpers.registry import request

LOG = logging.Logger("silent")
SMALL = request("state_mean", question="a question", state="Ohio")._replace(dataset="data")
COURSE = "v-course"
FOR_EVER = Limits(job_seconds=0, keep_jobs=0, keep_days=0, waiters=1)


class NotedPublisher(Publisher):
    """A publisher that sends nothing, and notes what it is given: numbers, dataset, batch."""

    def __init__(self) -> None:
        super().__init__(celery_app("memory://", 1.0), STATISTICS, 0, LOG)
        self.published: list[tuple[list[int], str, bool]] = []

    def publish(self, jobs: Iterable[Job], dataset: str, *, batch: bool = False) -> None:
        """Note some jobs."""
        self.published.append(([job.number for job in jobs], dataset, batch))

    @property
    def numbers(self) -> list[int]:
        """The numbers of all jobs, in the order in which they were published."""
        return [number for numbers, _, _ in self.published for number in numbers]


class Service:
    """A Redis, and the janitors of its web processes."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.put_back = 0.0  # seconds that the clock of Redis was put back by
        self.redis = FakeRedis(lambda: self.clock.now() - self.put_back)
        self.jobs = SharedJobs(self.redis)
        self.publisher = NotedPublisher()

    def janitor(
        self, web: str = "web", limits: Limits = FOR_EVER, log: logging.Logger = LOG
    ) -> Janitor:
        return Janitor(
            web, self.redis, self.jobs, self.publisher, limits, COURSE, log, clock=self.clock.now
        )

    def accept(self, count: int = 1, dataset: str = "v1") -> list[int]:
        return [
            job.number for job in self.jobs.accept([SMALL] * count, [dataset] * count, 10**6).jobs
        ]

    def runner(self, name: str = "r1", dataset: str = "v1") -> WorkerJobs:
        runner = WorkerJobs(self.redis, f"{dataset} {name}")
        runner.send_heartbeat()
        return runner

    def go_on(self, seconds: int, *janitors: Janitor, alive: Iterable[WorkerJobs] = ()) -> None:
        """Let each second pass: runners that are alive send heartbeats, and janitors work."""
        for _ in range(seconds):
            self.clock.sleep(1)
            for runner in alive:
                runner.send_heartbeat()
            for janitor in janitors:
                janitor.run_chores()


@pytest.fixture(name="service")
def new_service() -> Service:
    return Service()


def test_the_jobs_of_a_worker_that_is_silent_run_again(service: Service) -> None:
    janitor, other = service.janitor(), service.runner("r2")
    numbers = service.accept(2)
    service.runner("r1").start(numbers)
    service.go_on(5, janitor, alive=[other])
    assert service.redis.in_status("running") == numbers
    service.go_on(3, janitor, alive=[other])
    assert service.redis.in_status("queued") == numbers
    assert service.publisher.published == [(numbers, "v1", True)]
    assert [service.jobs.get(number).job.deaths for number in numbers] == [1, 1]


def test_a_worker_that_was_silent_for_a_while_is_not_dead(service: Service) -> None:
    janitor, runner = service.janitor(), service.runner()
    runner.start(service.accept())
    for _ in range(10):
        service.go_on(5, janitor)
        service.go_on(1, janitor, alive=[runner])
    assert service.publisher.published == []


def test_a_pause_of_redis_is_no_death_of_a_worker(service: Service) -> None:
    janitor, runner = service.janitor(), service.runner()
    numbers = service.accept()
    runner.start(numbers)
    service.go_on(5, janitor)  # it may be silent because of what is about to happen
    service.redis.down = True
    for _ in range(60):
        service.clock.sleep(1)
        with pytest.raises(StoreUnavailable):
            janitor.run_chores()
    service.redis.down = False
    service.go_on(2, janitor)
    service.go_on(30, janitor, alive=[runner])
    assert service.redis.in_status("running") == numbers
    service.go_on(8, janitor)
    assert service.redis.in_status("queued") == numbers


def test_a_clock_that_is_put_back_makes_no_dead_process_alive(service: Service) -> None:
    before, after, alive = service.janitor("web1"), service.janitor("web2"), service.runner("r2")
    [running, waiting] = service.accept(2)
    service.runner("r1").start([running])
    service.go_on(1, before, alive=[alive])
    service.put_back = 600
    service.go_on(8, after, alive=[alive])
    assert after.processes() == ["r2"]
    assert service.redis.in_status("queued") == [running, waiting]
    assert {running, waiting} <= set(service.publisher.numbers)


def test_a_drain_ends_though_the_clock_was_put_back(service: Service) -> None:
    old, new = service.janitor("web1"), service.janitor("web2")
    service.go_on(1, old)
    old.drain()
    service.put_back = 600
    service.go_on(1, new)
    assert new.run_chores()[0] is False
    service.accept()


def test_a_job_whose_workers_die_again_and_again_fails(service: Service) -> None:
    janitor, alive = service.janitor(), service.runner("other")
    [number] = service.accept()
    for death in range(MOST_DEATHS):
        service.runner(f"r{death}").start([number])
        service.go_on(8, janitor, alive=[alive])
    assert service.redis.jobs[number].fields["reason"] == LETHAL
    assert service.publisher.numbers == [number] * (MOST_DEATHS - 1)


def test_one_web_process_at_a_time_is_the_janitor(service: Service) -> None:
    first, second = service.janitor("web1"), service.janitor("web2")
    service.runner().start(service.accept())
    service.go_on(1, first, second)
    assert len(service.redis.sent("runners")) == 1
    # The first one ends. The second one starts to watch when it takes over.
    service.go_on(5, second)
    assert service.publisher.published == []
    service.go_on(2, second)
    assert len(service.publisher.published) == 1


def test_a_janitor_that_is_elected_again_begins_to_watch_anew(service: Service) -> None:
    first, second, runner = service.janitor("web1"), service.janitor("web2"), service.runner()
    runner.start(service.accept())
    service.go_on(5, first)  # the runner was silent for a moment
    service.go_on(5, second, alive=[runner])
    service.go_on(5, second, first, alive=[runner])
    service.go_on(4)
    service.go_on(2, first)
    assert service.publisher.published == []


def test_a_job_whose_message_is_lost_is_sent_again(service: Service) -> None:
    janitor, runner = service.janitor(), service.runner()
    numbers = service.accept(2)
    service.redis.queued_messages["v1"] = 1
    service.go_on(10, janitor, alive=[runner])
    assert service.publisher.published == []
    service.redis.queued_messages["v1"] = 0
    service.go_on(1, janitor, alive=[runner])
    assert service.publisher.published == [(numbers, "v1", True)]


def test_single_jobs_of_several_datasets_are_sent_to_their_own_workers(service: Service) -> None:
    alive = [service.runner("r1", "v1"), service.runner("r2", "v2")]
    first, second = service.accept(dataset="v1"), service.accept(dataset="v2")
    service.go_on(4, service.janitor(), alive=alive)
    assert service.publisher.published == [(first, "v1", False), (second, "v2", False)]


def test_a_worker_of_several_datasets_serves_each(service: Service) -> None:
    alive = [service.runner("r1", "v1,v2")]
    first, second = service.accept(dataset="v1"), service.accept(dataset="v2")
    service.go_on(4, service.janitor(), alive=alive)
    assert service.publisher.published == [(first, "v1", False), (second, "v2", False)]


def test_jobs_wait_as_long_as_there_are_no_workers_at_all(service: Service) -> None:
    janitor = service.janitor()
    numbers = service.accept()
    service.go_on(10 * int(UNSERVED_SECONDS), janitor)
    assert service.redis.in_status("queued") == numbers
    service.go_on(3, janitor, alive=[service.runner()])
    assert service.publisher.numbers == numbers


def test_jobs_fail_whose_dataset_only_workers_of_another_one_are_left_of(service: Service) -> None:
    janitor, runner = service.janitor(), service.runner("r1", "v2")
    [old], [new] = service.accept(dataset="v1"), service.accept(dataset="v2")
    service.go_on(int(UNSERVED_SECONDS), janitor, alive=[runner])
    assert service.redis.in_status("queued") == [old, new]
    service.go_on(8, janitor, alive=[runner])
    assert service.redis.jobs[old].fields["reason"] == UNSERVED
    assert service.redis.in_status("queued") == [new]


@pytest.mark.parametrize(
    "recorded",
    [
        SMALL._replace(dataset=""),
        JobRequest("state_mean", "a question", "Ohio"),  # as versions up to 1.3 recorded it
    ],
)
def test_jobs_that_name_no_dataset_go_to_the_course_when_theirs_is_gone(
    recorded: JobRequest, service: Service
) -> None:
    janitor, runner = service.janitor(), service.runner("r1", COURSE)
    [old] = (job.number for job in service.jobs.accept([recorded], ["v1"], 10).jobs)
    [named] = service.accept(dataset="v1")
    service.go_on(int(UNSERVED_SECONDS), janitor, alive=[runner])
    assert service.redis.in_status("queued") == [old, named]
    service.go_on(8, janitor, alive=[runner])
    assert service.publisher.published[0] == ([old], COURSE, False)
    assert service.redis.in_status("queued") == [old]
    assert service.redis.jobs[named].fields["reason"] == UNSERVED


def test_jobs_that_name_no_dataset_fail_when_no_worker_has_the_course_either(
    service: Service,
) -> None:
    janitor, runner = service.janitor(), service.runner("r1", "v2")
    service.jobs.accept([SMALL._replace(dataset="")], ["v1"], 10)
    service.go_on(int(UNSERVED_SECONDS) + 8, janitor, alive=[runner])
    assert service.redis.in_status("queued") == [1]
    service.go_on(int(UNSERVED_SECONDS) + 8, janitor, alive=[runner])
    assert service.redis.jobs[1].fields["reason"] == UNSERVED
    assert service.publisher.published == []


def test_workers_that_come_in_time_save_the_jobs_of_their_dataset(service: Service) -> None:
    janitor, of_another = service.janitor(), service.runner("r1", "v2")
    numbers = service.accept(dataset="v1")
    service.go_on(50, janitor, alive=[of_another])
    late = service.runner("r2", "v1")
    service.go_on(3, janitor, alive=[of_another, late])
    assert service.publisher.numbers == numbers
    service.go_on(55, janitor, alive=[of_another])  # the time counts from the beginning again
    assert service.redis.in_status("queued") == numbers


def finished(service: Service, count: int) -> list[int]:
    numbers, runner = service.accept(count), service.runner()
    runner.start(numbers)
    runner.finish([JobEnd(number, b"1", digest_of(b"1")) for number in numbers])
    return numbers


def test_old_jobs_are_removed_in_rounds(service: Service) -> None:
    numbers = finished(service, 2500)
    janitor = service.janitor(limits=Limits(0, keep_jobs=100, keep_days=0, waiters=1))
    assert janitor.run_chores() == (False, numbers[:2400])
    assert len(service.redis.sent("expire")) == 4  # the last one finds none
    assert janitor.run_chores() == (False, [])


def test_so_many_rounds_are_enough_for_one_second(service: Service) -> None:
    most = MOST_EXPIRED * MOST_ROUNDS
    numbers = finished(service, most + 10)
    janitor = service.janitor(limits=Limits(0, keep_jobs=1, keep_days=0, waiters=1))
    assert janitor.run_chores() == (False, numbers[:most])
    assert janitor.run_chores() == (False, numbers[most:-1])


def test_jobs_are_removed_when_they_have_been_kept_for_long(service: Service) -> None:
    early, janitor = finished(service, 1), service.janitor(limits=Limits(0, 0, 1, 1))
    service.clock.sleep(86000)
    finished(service, 1)
    service.clock.sleep(500)
    assert janitor.run_chores() == (False, early)


class Lines(logging.Handler):
    """The lines of a log, but for the times in them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.log = logging.Logger("lines")
        self.log.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(record.getMessage())


def test_each_job_that_ends_has_one_line_in_the_log_of_one_web_process(service: Service) -> None:
    lines = [Lines(), Lines()]
    janitors = [service.janitor(f"web{place}", log=each.log) for place, each in enumerate(lines)]
    [first], [second], runner = service.accept(), service.accept(), service.runner()
    service.clock.sleep(2)
    runner.start([first])
    service.clock.sleep(0.5)
    runner.finish([JobEnd(first, b"1", digest_of(b"1"))])
    runner.finish([JobEnd(second, None, digest_of(b""), "never ran")])
    service.go_on(3, *janitors, alive=[runner])
    assert lines[0].found == [
        "job_id_1 done after 500.0 ms on r1, 2000.0 ms in the queue",
        "job_id_2 error after 0.0 ms on no process, 2500.0 ms in the queue",
    ]
    finished(service, 1500)
    service.go_on(10, janitors[1], alive=[runner])  # the other one is silent
    assert len(lines[0].found) == 2
    logged = [line.partition(" ")[0] for line in lines[1].found if "job_id" in line]
    assert logged == [f"job_id_{number}" for number in range(3, 1503)]


def test_a_drain_is_of_all_web_processes(service: Service) -> None:
    one, other = service.janitor("web1"), service.janitor("web2")
    service.go_on(1, one, other)
    assert one.run_chores()[0] is False
    one.drain()
    assert one.run_chores()[0] is True
    assert other.run_chores()[0] is True
    with pytest.raises(ShuttingDown):
        service.accept()


def test_a_drain_ends_with_the_web_processes_that_it_began_with(service: Service) -> None:
    old = [service.janitor("web1"), service.janitor("web2")]
    service.go_on(1, *old)
    old[0].drain()
    new = service.janitor("web3")
    service.go_on(1, *old, new)
    assert new.run_chores()[0] is True
    old[0].leave()
    service.go_on(1, old[1], new)
    assert new.run_chores()[0] is True
    service.go_on(5, new)  # the other one died
    assert new.run_chores()[0] is False
    service.accept()


def test_a_process_whose_drain_is_over_closes_itself_alone(service: Service) -> None:
    paused, new = service.janitor("web1"), service.janitor("web2")
    service.go_on(1, paused)
    paused.drain()
    assert paused.run_chores()[0] is True
    service.go_on(5, new)  # the other one stands still
    assert new.run_chores()[0] is False
    for _ in range(2):
        service.go_on(1, paused, new)
        assert paused.run_chores()[0] is True
        assert new.run_chores()[0] is False
        service.accept()
    new.drain()  # another one, of both
    service.go_on(5, paused)
    assert service.janitor("web3").run_chores()[0] is True
    with pytest.raises(ShuttingDown):
        service.accept()


def test_a_drain_survives_a_redis_that_has_lost_it(service: Service) -> None:
    janitor = service.janitor()
    janitor.drain()
    for _ in range(2):
        service.redis.draining.clear()
        assert janitor.run_chores()[0] is True
    with pytest.raises(ShuttingDown):
        service.accept()


def test_it_knows_which_processes_run_jobs(service: Service) -> None:
    janitor = service.janitor()
    first, _second = service.runner("r1"), service.runner("r2")
    assert janitor.processes() == ["r1", "r2"]
    service.go_on(4, janitor, alive=[first])
    assert janitor.processes() == ["r1"]
    first.leave()
    assert janitor.processes() == []
