"""The page Explore with the cards that other sites show of it, and pictures to embed there."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from werkzeug.wrappers import Request

from app.answers.addresses import address_of
from app.answers.answers import Answer, Answers
from app.charts.picture import SIZES, Size
from app.errors import StatsError
from app.http.error_handlers import Problem
from app.http.paths import way_to_root
from app.http.policies import TRUSTED
from app.http.query import Query, check_number
from app.http.rates import STRANGER, Stranger
from app.http.responses import AfterWait, OnThread
from app.job import JobRequest
from app.job_service import JobService
from app.statistics.in_words.languages import LANGUAGES
from app.views.asking import Asking
from app.views.explored import Explored, answers_for, explored, is_asked
from app.views.pages import Pages
from app.views.pictures import Look, caption_of, subject_of, words_of

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

    from werkzeug.wrappers import Response as PageResponse

    from app.http.responses import Response

_ENGLISH = next(iter(LANGUAGES))
_HOST = re.compile(r"[0-9A-Za-z.-]+(:[0-9]+)?|\[[0-9A-Fa-f:.]+\](:[0-9]+)?")
_PREFIX = re.compile(r"(/[0-9A-Za-z._~-]+)*")
# What an address of the page says, as app/web/static/js/explore/address.js has it.
_KEPT = frozenset(
    {
        *("q", "question", "dataset", "group", "year", "state"),
        *("show", "statistic", "against", "sort", "rows", "view", "with"),
    }
)
_PICTURES = "api/answers/"


class Card(NamedTuple):
    """An answer in short: all names, its sentence, where it is from, and addresses of pictures.

    These are relative to the root of the server; `pictures` has one of each size.
    """

    title: str
    sentence: str
    source: str
    pictures: Mapping[str, str]
    size: Size


class ExploreViews:
    """The views of what Explore shows. An answer may have to be computed for them."""

    def __init__(self, service: JobService, pages: Pages) -> None:
        self._catalogue = service.catalogue
        self._asking = Asking(service)
        self._pages = pages

    def index(self, environ: "WSGIEnvironment") -> Any:
        """Say what the server is; for a browser and for crawlers of an address, return the page.

        A crawler gets the answer's card at the head of it. A browser does not wait for that: it
        has no use for cards.
        """
        request = Request(environ)
        check_number(environ)
        query = Query(environ)
        plain = partial(self._pages.index, request, is_asked=is_asked(query))
        wants_card = is_asked(query) and "lang" not in request.args and TRUSTED in environ
        if not wants_card or environ.get("HTTP_SEC_FETCH_MODE") == "navigate":
            return plain()
        if not self._pages.wants_page(request, is_asked=True):
            return plain()
        home = _absolute(environ)
        if home is None:
            return plain()
        language = self._pages.language(request)

        def page(card: Card) -> "PageResponse":
            address = f"{home}{request.path}?{_kept(query)}"
            return self._pages.index(
                request, is_asked=True, shared=card, home=home, address=address
            )

        return self._card(environ, query, language, page, lambda _: plain())

    def embed(self, environ: "WSGIEnvironment") -> Any:
        """Return a small page with a picture of what Explore shows, and its answer as text."""
        request = Request(environ)
        check_number(environ)
        query = Query(environ)
        language = self._pages.language(request, query.text("lang"))
        link = f"{way_to_root(request.path)}/?{_kept(query)}"

        def page(card: Card) -> "PageResponse":
            return self._pages.embedded(request, language, link=link, card=card)

        def refused(problem: Problem) -> "PageResponse":
            return self._pages.embedded(request, language, link=link, problem=problem)

        return self._card(environ, query, language, page, refused)

    def _card(
        self,
        environ: "WSGIEnvironment",
        query: Query,
        language: str,
        respond: Callable[[Card], Any],
        refuse: Callable[[Problem], Any],
    ) -> "Response":
        """Return the response to the card of what an address shows, or to why there is none."""

        def told(made: Callable[[], Any]) -> Any:
            try:
                response = made()
            except StatsError as error:
                return refuse(Problem.of(error))
            if isinstance(response, AfterWait):
                return replace(response, reply=partial(told, response.reply))
            return response

        def ask() -> Any:
            answers = answers_for(query, self._catalogue)
            shown = explored(query, answers)
            request = self._request(environ, answers, shown)
            drawn = answers.request(
                answers.statistics.find(shown.drawn.statistic), dict(shown.drawn.body)
            )

            def card(answer: Answer, _: str) -> Any:
                return respond(_card_of(answers, request, answer, drawn, shown.chart, language))

            return self._asking.answer(environ, answers, request, card, is_counted=True)

        return OnThread(partial(told, ask))

    def _request(self, environ: "WSGIEnvironment", answers: Answers, shown: Explored) -> JobRequest:
        """Return what is asked, once it is counted as a computation of its client."""
        stranger: Stranger | None = environ.get(STRANGER)
        if stranger is not None:
            stranger.compute()
        statistic = answers.statistics.find(shown.told.statistic)
        return answers.request(statistic, dict(shown.told.body))


def _card_of(
    answers: Answers,
    request: JobRequest,
    answer: Answer,
    drawn: JobRequest,
    chart: str | None,
    language: str,
) -> Card:
    subject = subject_of(answers, request, answer)
    caption = caption_of(subject, words_of(subject, language), chart)
    about = subject.table.about
    code = None if language == _ENGLISH else language
    sentence = about.get(f"answer_{language}") or about.get("answer") or caption.of
    pictures = {
        size: _PICTURES + address_of(drawn, answers, ending, look.parameters)
        for size, ending, look in (
            (size, ".png" if size == "wide" else ".svg", Look(chart, size, code)) for size in SIZES
        )
    }
    return Card(caption.title, sentence, caption.source, pictures, SIZES["wide"])


def _kept(query: Query) -> str:
    """Return the part of an address that says what is shown."""
    return urlencode([pair for pair in query.pairs if pair[0] in _KEPT and pair[1]])


def _absolute(environ: "WSGIEnvironment") -> str | None:
    """Return the absolute address of this server as its client knows it, None if that is strange.

    What a trusted proxy says of it counts.
    """
    host, scheme, prefix = environ.get("HTTP_HOST", ""), environ["wsgi.url_scheme"], ""
    if environ.get(TRUSTED):
        forwarded = environ.get("HTTP_X_FORWARDED_PROTO", "")
        scheme = forwarded if forwarded in ("http", "https") else scheme
        host = environ.get("HTTP_X_FORWARDED_HOST") or host
        prefix = environ.get("HTTP_X_FORWARDED_PREFIX", "").rstrip("/")
    if not _HOST.fullmatch(host) or not _PREFIX.fullmatch(prefix):
        return None
    return f"{scheme}://{host}{prefix}"
