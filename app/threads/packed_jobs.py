"""Finished jobs in little memory: 60 bytes each. A million of them as objects have 350 MB.

Of what jobs ask, why they failed, and which dataset and runner answered them most have the same:
each such value is here once. The rest of a job is numbers, which columns of a block hold.
"""

from array import array
from collections import Counter, deque
from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import compress, islice
from operator import gt, lt
from typing import Any, Generic, TypeVar

from app.job import Done, Failed, Job, JobRequest, status_of
from app.threads.records import Kept

T = TypeVar("T", bound=Hashable)

JOBS_A_BLOCK = 1024
_ENDED_A_PART = 1024
_MOST_DEATHS = 255

_NONE, _DONE, _FAILED, _CANCELLED = range(4)


class _Block:
    """Jobs of consecutive numbers: a column for each thing that is known of them."""

    def __init__(self) -> None:
        self.count = 0
        self.how = bytearray(JOBS_A_BLOCK)  # it ended, one of the four above
        self.accepted_at = _column("d")
        self.started_at = _column("d")  # 0 where it is not known
        self.ended_at = _column("d")
        self.size = _column("Q")
        self.crc = _column("I")
        # Places of its request, of its dataset or why it failed, and of its runner.
        self.request = _column("I")
        self.word = _column("I")
        self.runner = _column("I")
        self.deaths = bytearray(JOBS_A_BLOCK)


def _column(kind: str) -> "array[Any]":
    return array(kind, [0]) * JOBS_A_BLOCK


class PackedJobs:
    """Finished jobs by number, and in the order in which they ended.

    It has no lock: it belongs to an object that has one.
    """

    def __init__(self) -> None:
        self._blocks: dict[int, _Block] = {}
        self._count = 0
        self.highest = 0  # the highest number that a job ever had
        # Numbers by when the jobs ended, in parts, each with the times; and how many of the first
        # part are not there any more.
        self._ended: deque[tuple[array[int], array[float]]] = deque()
        self._gone = 0
        self._requests = _Shared[JobRequest]()
        self._words = _Shared[str]()
        self._keys: dict[int, str] = {}  # of those that have one

    def __len__(self) -> int:
        """Return how many jobs there are."""
        return self._count

    def __contains__(self, number: int) -> bool:
        """Tell whether there is a job of this number."""
        block = self._blocks.get(number // JOBS_A_BLOCK)
        return block is not None and block.how[number % JOBS_A_BLOCK] != _NONE

    def numbers(self) -> Iterator[int]:
        """Yield the numbers of all jobs, ascending."""
        for place in sorted(self._blocks):
            first = place * JOBS_A_BLOCK
            hows = enumerate(self._blocks[place].how, first)
            yield from (number for number, how in hows if how != _NONE)

    @property
    def lowest(self) -> int:
        """A lower bound of the numbers; 0 where there are none."""
        return min(self._blocks, default=0) * JOBS_A_BLOCK

    def get(self, number: int) -> Job | None:
        """Return a job, which is a copy: changing it changes nothing here."""
        place, slot = divmod(number, JOBS_A_BLOCK)
        block = self._blocks.get(place)
        if block is None or block.how[slot] == _NONE:
            return None
        end: Done | Failed
        how, said, ended_at = block.how[slot], self._words[block.word[slot]], block.ended_at[slot]
        if how == _DONE:
            end = Done(number, block.size[slot], block.crc[slot], said, ended_at)
        else:
            end = Failed(number, said, ended_at, how == _CANCELLED)
        return Job(
            number,
            self._requests[block.request[slot]],
            block.accepted_at[slot],
            status_of(end),
            block.started_at[slot] or None,
            self._words[block.runner[slot]],
            end,
            block.deaths[slot],
            self._keys.get(number, ""),
        )

    def add(self, job: Job) -> None:
        """Take in a job that has ended, after all that ended before it."""
        end = job.end
        assert end is not None
        block, slot = self._slot(job.number)
        if isinstance(end, Done):
            block.how[slot] = _DONE
            block.size[slot], block.crc[slot] = end.size, end.crc
            block.word[slot] = self._words.take(end.dataset)
        else:
            block.how[slot] = _CANCELLED if end.cancelled else _FAILED
            block.word[slot] = self._words.take(end.reason)
        block.accepted_at[slot], block.ended_at[slot] = job.accepted_at, end.at
        block.started_at[slot] = job.started_at or 0.0
        block.request[slot] = self._requests.take(job.request)
        block.runner[slot] = self._words.take(job.runner)
        block.deaths[slot] = min(job.deaths, _MOST_DEATHS)
        if job.key:
            self._keys[job.number] = job.key
        block.count += 1
        self._count += 1
        self.highest = max(self.highest, job.number)
        if not self._ended or len(self._ended[-1][0]) >= _ENDED_A_PART:
            self._ended.append((array("Q"), array("d")))
        self._ended[-1][0].append(job.number)
        self._ended[-1][1].append(end.at)

    def add_kept(
        self, asked: Sequence[JobRequest], datasets: Sequence[str], jobs: Sequence[Sequence[Any]]
    ) -> None:
        """Take in many jobs with results, as `records.Kept` has them; `sort` is due afterwards.

        None of them is here yet.
        """
        if not jobs:
            return
        # A column at a time, for there may be a million jobs: so it takes a third of the time.
        numbers, which, accepted_at, ended_at, sizes, crcs, answered = zip(*jobs, strict=True)
        requests = [self._requests.take(one, 0) for one in asked]
        words = [self._words.take(one, 0) for one in datasets]
        nobody = self._words.take("", len(jobs))
        for place, count in Counter(which).items():
            self._requests.used(requests[place], count)
        for place, count in Counter(answered).items():
            self._words.used(words[place], count)
        columns = (
            ("how", bytes([_DONE]) * len(jobs)),
            ("accepted_at", array("d", accepted_at)),
            ("ended_at", array("d", ended_at)),
            ("size", array("Q", sizes)),
            ("crc", array("I", crcs)),
            ("request", array("I", map(requests.__getitem__, which))),
            ("word", array("I", map(words.__getitem__, answered))),
            ("runner", array("I", [nobody]) * len(jobs)),
        )
        for first, last in _runs(numbers):
            block, slot = self._slot(numbers[first])
            end = slot + last - first
            for name, column in columns:
                getattr(block, name)[slot:end] = column[first:last]
            block.count += last - first
        self._count += len(jobs)
        self.highest = max(self.highest, *numbers)
        self._ended.append((array("Q", numbers), array("d", ended_at)))

    def blocks(self) -> Sequence[int]:
        """Return what `kept` takes, for each of the blocks that there are now."""
        return sorted(self._blocks)

    def kept(self, place: int) -> tuple[Kept | None, list[Job]]:
        """Return the jobs of a block: those with results as a record, and the others."""
        block = self._blocks.get(place)
        if block is None:
            return None, []
        first = place * JOBS_A_BLOCK
        failed = [slot for slot, how in enumerate(block.how) if how not in (_NONE, _DONE)]
        others = [job for slot in failed if (job := self.get(first + slot)) is not None]
        has_result = [how == _DONE for how in block.how]

        def column(values: Iterable[T]) -> list[T]:
            return list(compress(values, has_result))

        numbers, requests = column(range(first, first + JOBS_A_BLOCK)), column(block.request)
        words = column(block.word)
        asked = {one: place for place, one in enumerate(dict.fromkeys(requests))}
        datasets = {one: place for place, one in enumerate(dict.fromkeys(words))}
        rows = zip(
            *(numbers, map(asked.__getitem__, requests)),
            *map(column, (block.accepted_at, block.ended_at, block.size, block.crc)),
            map(datasets.__getitem__, words),
            strict=True,
        )
        if not numbers:
            return None, others
        return Kept(
            numbers[-1],
            [[*self._requests[one]] for one in asked],
            [self._words[one] for one in datasets],
            list(rows),
        ), others

    def set_key(self, number: int, key: str) -> None:
        """Note what a job was submitted with."""
        self._keys[number] = key

    def sort(self) -> None:
        """Put jobs that were taken in in any order in the order in which they ended."""
        numbers, times = array("Q"), array("d")
        for some, of_these in self._ended:
            numbers.extend(some)
            times.extend(of_these)
        if any(map(gt, times, islice(times, 1, None))):
            order = sorted(range(len(numbers)), key=times.__getitem__)
            numbers = array("Q", map(numbers.__getitem__, order))
            times = array("d", map(times.__getitem__, order))
        starts = range(0, len(numbers), _ENDED_A_PART)
        parts = (slice(start, start + _ENDED_A_PART) for start in starts)
        self._ended = deque((numbers[part], times[part]) for part in parts)

    def first_ended_at(self) -> float | None:
        """Return when the job ended that ended first, None where there is no job."""
        return self._ended[0][1][self._gone] if self._count else None

    def pop(self) -> Job:
        """Forget the job that ended first, and return it."""
        numbers, _ = self._ended[0]
        number = numbers[self._gone]
        job = self.get(number)
        assert job is not None
        block, slot = self._slot(number)
        self._requests.used(block.request[slot], -1)
        self._words.used(block.word[slot], -1)
        self._words.used(block.runner[slot], -1)
        self._keys.pop(number, None)
        block.how[slot] = _NONE
        block.count -= 1
        if not block.count:
            del self._blocks[number // JOBS_A_BLOCK]
        self._count -= 1
        self._gone += 1
        if self._gone == len(numbers):
            self._ended.popleft()
            self._gone = 0
        return job

    def _slot(self, number: int) -> tuple[_Block, int]:
        place, slot = divmod(number, JOBS_A_BLOCK)
        block = self._blocks.get(place)
        if block is None:
            block = self._blocks[place] = _Block()
        return block, slot


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield where consecutive numbers of one block begin and end in a sequence."""
    first, count = 0, len(numbers)
    while first < count:
        number = numbers[first]
        last = min(count, first + JOBS_A_BLOCK - number % JOBS_A_BLOCK)
        if numbers[last - 1] - number != last - 1 - first or not _ascend(numbers[first:last]):
            last = first + 1
        yield first, last
        first = last


def _ascend(numbers: Sequence[int]) -> bool:
    return all(map(lt, numbers, islice(numbers, 1, None)))


class _Shared(Generic[T]):
    """Values that many jobs have: each is here once, as long as a job has it."""

    def __init__(self) -> None:
        self._values: dict[int, T] = {}
        self._counts: dict[int, int] = {}  # how many jobs have each
        self._places: dict[T, int] = {}
        self._free: list[int] = []

    def __getitem__(self, place: int) -> T:
        return self._values[place]

    def take(self, value: T, count: int = 1) -> int:
        """Return the place of a value, which so many more jobs have from now on."""
        place = self._places.get(value)
        if place is None:
            place = self._free.pop() if self._free else len(self._values)
            self._values[place], self._counts[place] = value, 0
            self._places[value] = place
        self._counts[place] += count
        return place

    def used(self, place: int, more: int) -> None:
        """Take in that so many more jobs, or fewer, have the value at a place."""
        self._counts[place] += more
        if not self._counts[place]:
            del self._places[self._values.pop(place)], self._counts[place]
            self._free.append(place)
