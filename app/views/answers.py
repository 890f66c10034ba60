"""Answers by address: `GET /api/answers/ranking.csv?question=obesity`. No job is made for them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, NamedTuple, TypeVar

from app import json_bytes
from app.answers.addresses import address_of
from app.answers.compute import Answer, Answers
from app.answers.descriptions import sentence_of, short_name
from app.answers.formats import as_csv
from app.answers.in_context import in_context
from app.answers.in_language import in_language
from app.charts.drawer import Drawer
from app.concurrency.cache import BoundedCache
from app.data_ingestor import DataIngestor
from app.datasets.strata import TOTAL
from app.errors import BadRequest, TooCostly, UnknownStatistic
from app.http.conditional import Validators, file, not_modified
from app.http.plain_flask import View
from app.http.query import Query
from app.http.request import Request
from app.http.responses import Header, OnThread, Reply, Response
from app.job import JobRequest
from app.job_service import JobService
from app.messages import reasons
from app.statistics.address import body_of
from app.statistics.in_words.languages import LANGUAGES
from app.statistics.in_words.said import ENGLISH
from app.statistics.parameters import DATASET
from app.statistics.statistic import Statistic
from app.statistics.table import Table
from app.views.asking import Asking, client_of
from app.views.formats import CHARTS, FORMATS, MEDIA_TYPES, TABLES, file_headers
from app.views.pictures import LOOK, Look, Subject, drawn, subject_of

T = TypeVar("T")

# What the endpoints of statistics begin with, and the group that the description has them in.
ANSWER, TAG = "answer_", "Answers"

# What no longer counts as good may be given by a cache while it asks, for a day; where no server
# answers it, for a week.
_STALE = "stale-while-revalidate=86400, stale-if-error=604800"
# Of the query of an address: a longer one is no question.
_MOST_BYTES = 8192
_LONGEST_LINK = 2000
_MOST_READ_BYTES, _EACH_BYTES = 4 * 2**20, 4000  # of addresses that were read
_LONGEST_NAME = 80
_SEVERAL = re.compile(r"\d+ strata")
# Of an answer, as JSON, that is sent to somebody without the token of a public server.
_MOST_PUBLIC_BYTES = 2 * 2**20
_COST_OF_CHART = 5  # in computations
_NO_WORD = re.compile(r"[^a-z0-9]+")
_OF_THE_ADDRESS = (DATASET, "format", *LOOK)


@dataclass(frozen=True)
class _AnswerRequest:
    """What an address asks: of which dataset, what, and in which format."""

    statistic: Statistic[Any]
    answers: Answers
    request: JobRequest
    wanted: str
    look: Look

    def known(self, what: str) -> bytes | None:
        """Return what `once` has made, if it is still there."""
        return self.answers.described(f"{what} {self.key}")

    def once(self, what: str, make: Callable[[], bytes]) -> bytes:
        """Return what `make` returns, made once for this question while there is room for it."""
        return self.answers.describe(f"{what} {self.key}", make)

    @cached_property
    def key(self) -> str:
        """Tells it from whatever else is asked of the same dataset."""
        return f"{self.request.statistic}{self.form} {self.request.parameters}"

    @cached_property
    def form(self) -> str:
        """As `Look.form` has it."""
        return self.look.form(self.wanted, self.answers.version)

    @cached_property
    def links(self) -> Header:
        """The header that tells the one address of the answer, and where it is described.

        Both are relative to the address of the request, which may be below a path of a proxy. One
        too long for a header is left out.
        """
        ending = "" if self.wanted == "json" else f".{self.wanted}"
        address = address_of(self.request, self.answers, ending, self.look.parameters)
        page = f"../../openapi/#/{TAG}/{ANSWER}{self.statistic.name}"
        told = [f'<{page}>; rel="describedby"']
        if len(address) <= _LONGEST_LINK:
            told.insert(0, f'<{address}>; rel="canonical"')
        return "link", ", ".join(told)


class _Read(NamedTuple):
    """An answer that a file is made of, as a table.

    In the `complete` one rows say by themselves what they are of.
    """

    subject: Subject
    complete: Table


class AnswerViews:
    """The view of answers. What takes a while is done on a thread."""

    def __init__(self, service: JobService, drawer: Drawer, max_age: int) -> None:
        """`max_age` is for how many seconds an answer is good without asking for changes."""
        self._service = service
        self._asking = Asking(service)
        self._catalogue = service.catalogue
        self._metrics = service.metrics
        self._drawer = drawer
        self._freshness = f"max-age={max_age}, {_STALE}"
        # Most addresses were asked before; to read one anew takes longer than to answer it.
        self._read = BoundedCache[_AnswerRequest](_MOST_READ_BYTES)

    def of(self, statistic: Statistic[Any]) -> View:
        """Return the view that answers one statistic."""
        return partial(self._answer, statistic, None)

    def answer(self, request: Request, name: str) -> Response:
        """Answer a statistic in the format that the name ends with, such as `ranking.csv`."""
        name, dot, ending = name.partition(".")
        statistic = self._catalogue.statistics.get(name)
        if statistic is None:
            known = ", ".join(self._catalogue.statistics)
            raise UnknownStatistic(reasons.UNKNOWN_STATISTIC(name=name[:100], known=known))
        return self._answer(statistic, ending if dot else None, request)

    def _answer(self, statistic: Statistic[Any], ending: str | None, request: Request) -> Response:
        text = request.query
        key = (statistic.name, ending, text)
        asked = self._read.get(key)
        # One that was read before a reload is of the dataset that was served then.
        if asked is not None and self._catalogue.answers.get(asked.answers.name) is asked.answers:
            return self._response(request, asked)
        if len(text) > _MOST_BYTES:
            raise BadRequest(reasons.LONG_ADDRESS(most=_MOST_BYTES))
        query = Query(request)
        wanted = _format(query.single("format"), ending)
        look = Look.of(query, wanted)
        default = self._catalogue.default(statistic)
        answers = self._catalogue.named(query.single(DATASET), default)
        pairs = [pair for pair in query.pairs if pair[0] not in _OF_THE_ADDRESS]
        body = body_of(pairs, statistic.parameters, partial(_is_name, answers.dataset))
        is_quick = answers.is_quick(statistic, body)

        def response() -> Response:
            asked = _AnswerRequest(
                statistic, answers, answers.request(statistic, body), wanted, look
            )
            self._read.put(key, asked, len(text) + len(asked.request.parameters) + _EACH_BYTES)
            return self._response(request, asked, is_counted=not is_quick)

        if is_quick:
            return response()
        # The check looks at rows, or for the nearest names: it costs as much where it refuses.
        stranger = request.stranger
        if stranger is not None:
            stranger.compute()
        return OnThread(response)

    def _response(
        self, request: Request, asked: _AnswerRequest, *, is_counted: bool = False
    ) -> Response:
        """Return the response to what is asked; `is_counted`: as a computation of its client."""

        def respond(answer: Answer, how: str) -> Response:
            return self._reply(request, asked, answer, how)

        return self._asking.answer(
            request, asked.answers, asked.request, respond, is_counted=is_counted
        )

    def _reply(self, request: Request, asked: _AnswerRequest, answer: Answer, how: str) -> Response:
        """Return an answer in the format that is asked, where need be once its file is made.

        `how` it came about is counted.
        """
        stranger = request.stranger
        if stranger is not None and len(answer.body) > _MOST_PUBLIC_BYTES:
            raise TooCostly(
                reasons.TOO_COSTLY(
                    size=f"{len(answer.body) / 1000000.0:.1f}",
                    most=f"{_MOST_PUBLIC_BYTES / 1000000.0:.1f}",
                )
            )
        tag = f"{answer.digest.tag}{asked.form}"
        validators = Validators(tag, asked.answers.modified_at)
        headers = validators.headers(request, self._freshness)
        headers.append(asked.links)
        if validators.are_known(request):
            self._metrics.answered(asked.statistic.name, "unchanged")
            return not_modified(headers)
        if not asked.form:
            self._metrics.answered(asked.statistic.name, how)
            return Reply(answer.body, headers=headers)

        def of_file(made: tuple[bytes, bytes], how: str) -> Reply:
            content, told = made
            self._metrics.answered(asked.statistic.name, how)
            if asked.wanted == "json":
                return Reply(content, headers=headers)
            headers.extend((name, text) for name, text in json_bytes.decode(told))
            return file(request, content, MEDIA_TYPES[asked.wanted], validators, headers)

        content = asked.known("content")
        told = b"" if asked.wanted == "json" else asked.known("headers")
        if content is not None and told is not None:
            return of_file((content, told), how)
        is_drawn = asked.wanted in CHARTS
        if stranger is not None:
            stranger.compute(_COST_OF_CHART if is_drawn else 1)

        def make() -> tuple[bytes, bytes]:
            if asked.wanted == "json":
                return asked.once("content", lambda: _told(asked, answer)), b""
            read = _read(asked, answer)
            content = asked.once("content", lambda: self._made(asked, read))
            return content, asked.once("headers", lambda: _file_headers(asked, read))

        key = "file", asked.answers.name, answer.version, asked.key
        made = self._service.shared.file(key, make, client_of(stranger), is_drawn=is_drawn)
        return self._asking.after(made, lambda made: of_file(made, "computed"))

    def _made(self, asked: _AnswerRequest, read: _Read) -> bytes:
        # Programs such as R take a mark of UTF-8 for a part of the first column's name.
        if asked.wanted == "csv":
            return as_csv(read.complete, mark=False)
        if asked.wanted in TABLES:
            return TABLES[asked.wanted].write(read.complete)
        return drawn(asked.wanted, asked.look, read.subject, self._drawer)


def _format(named: str | None, ending: str | None) -> str:
    """Return the format that an address names, at its end or as a parameter; JSON where neither."""
    if named is not None and ending is not None and named != ending:
        raise BadRequest(reasons.WRONG_ENDING(ending=ending[:20], format=named[:20]))
    wanted = next((one for one in (named, ending) if one is not None), "json")
    if wanted not in FORMATS:
        raise BadRequest(reasons.UNKNOWN_FORMAT(format=wanted[:20], known=", ".join(FORMATS)))
    return wanted


def _is_name(dataset: DataIngestor, kind: str, text: str) -> bool:
    """Tell whether a text with commas in it is one name; one without is not taken apart anyway."""
    return "," in text and dataset.is_name(kind, text)


def _told(asked: _AnswerRequest, answer: Answer) -> bytes:
    """Return an answer as JSON in the language that is asked for."""
    language, layout = asked.look.language or ENGLISH, asked.answers.dataset.layout
    sentence = sentence_of(asked.request, asked.answers, language)
    return in_language(answer.body, language, sentence, layout.name)


def _read(asked: _AnswerRequest, answer: Answer) -> _Read:
    subject = subject_of(asked.answers, asked.request, answer)
    complete = in_context(subject.table, subject.parameters, subject.statistic.years)
    return _Read(subject, complete)


def _file_headers(asked: _AnswerRequest, read: _Read) -> bytes:
    return json_bytes.encode(file_headers(asked.wanted, _file_name(asked, read), read.complete))


def _file_name(asked: _AnswerRequest, read: _Read) -> str:
    """Return what a file of the answer is called, without its ending: `obesity-2023-ranking`."""
    names = [short_name(text, asked.answers) for text in read.subject.questions[:2]]
    there = {one.name for one in read.complete.columns}
    for column in ("state", "years", "stratum", "strata"):
        cells = read.complete.column(column) if column in there else ()
        found = {str(name) for name in cells if name is not None}
        if len(found) == 1:  # all rows have the same
            names += found
    groups = LANGUAGES["en"].names["strata"]
    parts = [
        groups.get(name, name) for name in names if name != TOTAL and not _SEVERAL.fullmatch(name)
    ]
    parts += [asked.statistic.name, *asked.look.parts]
    return "-".join(_NO_WORD.sub("-", part.lower()).strip("-") for part in parts)[:_LONGEST_NAME]
