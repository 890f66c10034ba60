"""The results of jobs: as JSON, as tables of other formats, and as charts."""

import threading
import time
from collections.abc import Callable
from functools import partial
from http import HTTPStatus

from app import json_bytes
from app.answers.descriptions import questions_of, sentence, source_line, unit
from app.answers.in_language import in_language
from app.charts.drawer import Drawer
from app.concurrency.limiter import Limiter
from app.concurrency.trace import Step
from app.errors import JobCancelled, JobFailed, NoAnswer
from app.http.conditional import is_known, not_modified
from app.http.language import language_of
from app.http.query import Query
from app.http.request import Request
from app.http.responses import AfterWait, Header, OnThread, Reply, Response
from app.job import Job, JobStatus, Outcome
from app.job_service import JobService
from app.statistics.in_words.said import ENGLISH, said_in
from app.views.formats import FORMATS, MEDIA_TYPES, TABLES, file_headers
from app.views.job_ids import job_number
from app.views.pictures import Look, Subject, drawn


class ResultViews:
    """The view of results. What takes a while is done on a thread."""

    def __init__(self, service: JobService, drawer: Drawer, limiter: Limiter) -> None:
        """`limiter` is of the requests that make large answers."""
        self._service = service
        self._drawer = drawer
        self._limiter = limiter

    def get_results(self, request: Request, job_id: str) -> Response:
        """Return a job's status, and its result once it is done."""
        number = job_number(request, job_id)
        query = Query(request)
        seconds = query.wait_seconds()
        wanted = query.one_of("format", FORMATS) or "json"

        respond = partial(self._response, request, query, wanted, number)

        def response() -> Response:
            return self._recorded(number, self._service.outcome(number), respond)

        def now() -> Response:
            return response() if self._service.is_ready(number) else OnThread(response)

        if not self._service.is_ready(number):
            return OnThread(response)
        outcome = self._service.outcome(number)
        if not seconds or outcome.status is not JobStatus.RUNNING:
            return self._recorded(number, outcome, respond)
        wait = self._service.wait_for([number])
        if wait is None:
            return _running(wanted, ("retry-after", "1"))
        # By then it may have gone from memory, and have to be computed again.
        return AfterWait(wait, seconds, now)

    def _recorded(
        self, number: int, outcome: Outcome, respond: Callable[[Outcome], Response]
    ) -> Response:
        """Return the response to an outcome; while somebody looks, tell of the step."""
        trace = self._service.trace
        if not trace.on or outcome.status is JobStatus.RUNNING:
            return respond(outcome)
        began = time.monotonic()
        try:
            return respond(outcome)
        finally:
            lane = threading.current_thread().name
            trace.add(Step(lane, "collect", began, time.monotonic(), number))

    def _response(
        self,
        request: Request,
        query: Query,
        wanted: str,
        number: int,
        outcome: Outcome,
    ) -> Response:
        if outcome.status is JobStatus.ERROR:
            if wanted != "json":
                raise failure(outcome)
            reason = said_in(language_of(request), outcome.reason)
            return Reply(json_bytes.encode({"status": "error", "reason": reason}))
        if outcome.status is not JobStatus.DONE:
            return _running(wanted)
        look = Look.of(query, wanted)
        if wanted == "json" and look.language is None:
            form = ""
        else:
            job = self._service.job(number)
            answers = self._service.catalogue.of_job(job)
            form = look.form(wanted, "" if answers is None else answers.version)
        tag = f"{outcome.digest.tag}{form}"
        header = ("etag", f'"{tag}"')
        if is_known(tag, request):
            return not_modified([header])
        if not form:
            return Reply(b'{"status":"done","data":%b}' % outcome.result, headers=[header])

        def reply() -> Reply:
            with self._limiter.turn():
                return self._formatted(job, outcome.result, wanted, look, header)

        return OnThread(reply)

    def _formatted(
        self,
        job: Job,
        result: bytes,
        wanted: str,
        look: Look,
        tag: Header,
    ) -> Reply:
        """Return the result of a job, in a format of FORMATS, or as JSON in another language.

        Raises BadRequest for what cannot be drawn as it is to `look`, DrawingError, ShuttingDown.
        """
        catalogue = self._service.catalogue
        if wanted == "json":
            language = look.language or ENGLISH
            asked = sentence(job, catalogue, language)
            told = in_language(result, language, asked, catalogue.layout_of(job).name)
            return Reply(b'{"status":"done","data":%b}' % told, headers=[tag])
        statistic = catalogue.statistics.find(job.request.statistic)
        of = unit(job, catalogue)
        table = statistic.table(json_bytes.decode(result), of)
        headers = [*file_headers(wanted, job.id, table), tag]
        if wanted in TABLES:
            content = TABLES[wanted].write(table)
        else:
            # An answer may tell itself what it is of; its dataset may be gone by now.
            answers = catalogue.of_job(job)
            subject = Subject(
                statistic,
                table,
                json_bytes.decode(job.request.parameters),
                questions_of(job.request, catalogue.statistics),
                {} if answers is None else answers.dataset.tables,
                of,
                catalogue.layout_of(job),
                table.about.get("source") or source_line(job, catalogue),
            )
            content = drawn(wanted, look, subject, self._drawer)
        return Reply(content, headers=headers, content_type=MEDIA_TYPES[wanted])


def failure(outcome: Outcome) -> NoAnswer:
    """Return the error that says why a job ended without a result."""
    return (JobCancelled if outcome.cancelled else JobFailed)(outcome.reason)


def _running(wanted: str, *headers: Header) -> Reply:
    # Whoever asks for a file would take a 200 for it.
    status = HTTPStatus.OK if wanted == "json" else HTTPStatus.ACCEPTED
    return Reply(b'{"status":"running"}', status, headers)
