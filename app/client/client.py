"""The client: all that the server offers, as methods."""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Any
from uuid import uuid4

import requests

from app.client.batch import Collecting, Outcome, submit_all
from app.client.connection import ApiRequest, Connection, Passing, Requests
from app.client.errors import BadQuestion, ShuttingDown, TimedOut, UnexpectedAnswer
from app.client.job import Job
from app.client.refusals import parsed
from app.client.request_body import encoded
from app.client.statistics import StatisticMethods
from app.client.table import Data, Table
from app.retries import Pace, retry_after
from app.statistics.registry import STATISTICS, Registry

_POLL = 0.25  # seconds between looks at a server that shuts down


class StatsClient(StatisticMethods):
    """A client of one server, for one thread at a time; make one for each.

    It can be pickled, its token included, and opens connections of its own then.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:5000",
        *,
        token: str = "",
        dataset: str | None = None,
        timeout: float = 60.0,
        retries: int = 5,
        session: Requests | None = None,
        pace: Pace | None = None,
        statistics: Registry = STATISTICS,
    ) -> None:
        """Take the server's address; nothing is sent yet.

        `dataset` is the name of the dataset that is asked where a call names none; without it, the
        server has one for each statistic.
        `timeout` is how many seconds a call may take to bring its answer, unless it says otherwise;
        ValueError where one is less than 0.
        `retries` is how often what is safe to send again is; `pace` has the pauses. A `session`
        (certificates, proxies, hooks) is used as it is and not closed; it must not send again by
        itself. `statistics` are those that the server has.
        """
        self._statistics = statistics
        self._dataset = dataset
        self._connection = Connection(url, token, timeout, retries, session, pace or Pace())

    def __enter__(self) -> "StatsClient":
        """Return the client."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the client."""
        self.close()

    def __repr__(self) -> str:
        """Return the server's address, not the token."""
        return f"StatsClient({self._connection.base!r})"

    def close(self) -> None:
        """Close the connections; calls raise ClientClosed from now on. Can be repeated."""
        self._connection.close()

    def ask(
        self, statistic: str, /, *, timeout: float | None = None, **parameters: Any
    ) -> Data | Table:
        """Submit a job and return its answer, waiting for it; TimedOut has its id."""
        until = self._connection.until(timeout)
        job = self._submit(statistic, parameters, timeout)
        return job.result(max(0.0, until - self._connection.pace.clock()))

    def submit(self, statistic: str, /, **parameters: Any) -> Job:
        """Submit a job and return it at once; what is None is not sent. Raises BadQuestion."""
        return self._submit(statistic, parameters, None)

    def _submit(self, statistic: str, parameters: Mapping[str, Any], timeout: float | None) -> Job:
        if statistic not in self._statistics:
            near = difflib.get_close_matches(statistic, self._statistics)
            hint = "; nearest: " + ", ".join(f'"{name}"' for name in near) if near else ""
            error = BadQuestion(f'unknown statistic "{statistic}"{hint}')
            error.nearest = tuple(near)
            raise error
        body = {name: value for name, value in parameters.items() if value is not None}
        request = ApiRequest(
            "POST",
            f"/api/{statistic}",
            encoded(self._with_dataset(body)),
            key=str(uuid4()),
        )
        return Job.of(self._connection.value(request, "job_id", timeout), self._connection)

    def batch(
        self,
        items: Iterable[Mapping[str, Any]],
        *,
        dataset: str | None = None,
        told: Callable[[Sequence[Job]], None] | None = None,
    ) -> list[Job]:
        """Submit many jobs, `{"statistic": "best5", "question": "Q036"}`; return them in order.

        Those that name no dataset ask `dataset`, or the client's where it is None.
        Up to 10,000 go in one request, accepted as a whole or not at all. Of more, those of earlier
        requests stay accepted when a later one fails: `accepted` of the error has their ids. `told`
        is called with the jobs of each request as soon as they are accepted.
        """
        if isinstance(items, Mapping):
            raise TypeError("batch takes a list of jobs, not one: put it in brackets")
        complete = partial(self._with_dataset, dataset=dataset)
        return submit_all(self._connection, map(complete, items), told)

    def results(
        self, jobs: Iterable[Job | str], *, timeout: float | None = None
    ) -> Iterator[Outcome]:
        """Yield how each job ended, mostly in their order: a job that takes longer comes later.

        `timeout` is how many seconds to wait for each next one. Raises TimedOut with the ids of the
        jobs that are left.
        """
        known = [job if isinstance(job, Job) else self.job(job) for job in jobs]
        return Collecting(self._connection, known, timeout).outcomes()

    def job(self, job_id: str | int) -> Job:
        """Return a job by its id, `job_id_7` or `7`; the server is not asked yet."""
        return Job.of(job_id, self._connection)

    def jobs(
        self,
        *,
        status: str | None = None,
        dataset: str | None = None,
        after: Job | str | int | None = None,
        limit: int | None = None,
    ) -> dict[str, str]:
        """Return the statuses of jobs, by id and in order: `running`, `done` or `error`.

        All, or those with a status, of a dataset, after an id, and so many at most.
        """
        last = after.id if isinstance(after, Job) else after
        given = {"status": status, "dataset": dataset, "after": last, "limit": limit}
        params = {name: str(value) for name, value in given.items() if value is not None}
        content = self._connection.value(ApiRequest("GET", "/api/jobs", params=params))
        return {job_id: status for row in content for job_id, status in row.items()}

    def activity(
        self,
        *,
        status: str | Sequence[str] = (),
        statistic: str | Sequence[str] = (),
        dataset: str | Sequence[str] = (),
        text: str | None = None,
        before: Job | str | int | None = None,
        limit: int | None = None,
        since: str | None = None,
        wait: float = 0.0,
    ) -> Data:
        """Return what the server does, and its jobs, the newest first, as the `page`.

        Those of a status (`queued`, `running`, `done`, `error`, `cancelled`), a statistic or a
        dataset, or of several; that asked for a text; before an id. With the `state` of an earlier
        answer as `since`, it is waited until the state is another: `wait` seconds, 30 at most.
        """
        connection, pace = self._connection, self._connection.pace
        given = {
            "status": status if isinstance(status, str) else ",".join(status),
            "statistic": statistic if isinstance(statistic, str) else ",".join(statistic),
            "dataset": dataset if isinstance(dataset, str) else ",".join(dataset),
            "text": text,
            "before": before.id if isinstance(before, Job) else before,
            "limit": limit,
            "since": since,
        }
        params = {name: str(value) for name, value in given.items() if value not in ("", None)}
        waits = since is not None and wait > 0
        until = connection.until(wait if waits else None)
        asked = ApiRequest("GET", "/api/activity", params=params, waits=waits)

        def read(response: requests.Response, body: bytes) -> tuple[Data, float | None]:
            return parsed(response, body), retry_after(response)

        content, after = connection.fetch(asked, read, until)
        if "data" not in content:
            raise UnexpectedAnswer("/api/activity answers no data")
        if after is not None:  # as many requests as may wait already
            pace.sleep(pace.pause(1, after))
        data: Data = content["data"]
        return data

    def trace(self, job: Job | str | int | None = None, *, seconds: float = 0.0) -> Data:
        """Return what the server did last, in Chrome's trace format, which Perfetto opens.

        Of all jobs, or of one. Steps are recorded while somebody looks, from the first call on for
        a minute; with `seconds`, 30 at most, they are recorded for so long first.
        """
        job_id = job.id if isinstance(job, Job) else job
        params = {} if job_id is None else {"job": str(job_id)}
        until = self._connection.until(seconds or None)
        asked = ApiRequest("GET", "/api/trace", params=params, waits=seconds > 0)
        return self._connection.fetch(asked, parsed, until)

    def num_jobs(self) -> int:
        """Return how many jobs are accepted and not finished."""
        count: int = self._connection.value(ApiRequest("GET", "/api/num_jobs"), "num_jobs")
        return count

    def health(self) -> bool:
        """Tell whether the server takes jobs, at the first try; False while it shuts down."""
        connection = self._connection
        try:
            # Not tried again: who asks wants to know it as it is now.
            with connection.opened(
                ApiRequest("GET", "/api/health"), connection.until(None)
            ) as response:
                body = connection.body(response, connection.until(None))
                return parsed(response, body).get("status") == "ok"
        except Passing as passing:
            if isinstance(passing.error, ShuttingDown):
                return False
            raise passing.error from passing.__cause__

    def datasets(self) -> list[Data]:
        """Return the datasets: name, rows, years, where each is from, which statistics ask it."""
        return _a_list("datasets", self._connection.value(ApiRequest("GET", "/api/datasets")))

    def dataset(self, *, dataset: str | None = None) -> Data:
        """Return what a dataset holds, where it is from, and what to beware of.

        `dataset` is its name, here and below; where neither the call nor the client has one, it is
        the server's default.
        """
        content: Data = self._connection.value(self._about("dataset", dataset))
        return content

    def questions(self, *, dataset: str | None = None) -> list[Data]:
        """Return the questions: id, text, topic, which direction is better and why, the years."""
        return self._listed("questions", dataset)

    def states(self, *, dataset: str | None = None) -> list[Data]:
        """Return the places, the nation last."""
        return self._listed("states", dataset)

    def categories(self, *, dataset: str | None = None) -> list[Data]:
        """Return the stratification categories, their strata, and which of them overlap."""
        return self._listed("categories", dataset)

    def reload_dataset(self, *, dataset: str | None = None) -> Data:
        """Have the server read a dataset again, or all; return `changed` and `datasets`.

        These tell of each; `rows` and `sha256` are of the one that is asked by default. Raises
        Conflict when one cannot be used, or is being read; nothing is replaced then.
        """
        asked = self._about("dataset/reload", dataset)
        content: Data = self._connection.value(replace(asked, method="POST", body=b""))
        return content

    def shut_down(self, *, wait: bool = False, timeout: float | None = None) -> bool:
        """Have the server take no new jobs; return whether none is left to finish.

        With `wait`, that is waited for; raises TimedOut when it takes too long.
        """
        pace = self._connection.pace
        until = self._connection.until(timeout)
        while True:
            asked = ApiRequest("POST", "/api/graceful_shutdown", b"")
            done = self._connection.fetch(asked, _is_done, until)
            if done or not wait:
                return done
            if pace.clock() + _POLL > until:
                raise TimedOut("jobs are left to finish; they go on")
            pace.sleep(_POLL)

    def _with_dataset(
        self, body: Mapping[str, Any], dataset: str | None = None
    ) -> Mapping[str, Any]:
        """Return a body with this dataset, or the client's if there is one, where it has none."""
        name = self._dataset if dataset is None else dataset
        if name is None or body.get("dataset") is not None:
            return body
        return {**body, "dataset": name}

    def _about(self, what: str, dataset: str | None) -> ApiRequest:
        name = self._dataset if dataset is None else dataset
        return ApiRequest(
            "GET", f"/api/{what}", params={"dataset": name} if name is not None else {}
        )

    def _listed(self, what: str, dataset: str | None = None) -> list[Data]:
        return _a_list(what, self._connection.value(self._about(what, dataset)))


def _a_list(what: str, content: Any) -> list[Data]:
    if not isinstance(content, list):
        raise UnexpectedAnswer(f"/api/{what} answers no list")
    return content


def _is_done(response: requests.Response, body: bytes) -> bool:
    return parsed(response, body).get("status") == "done"
