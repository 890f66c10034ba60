"""The page Explore with the cards that other sites show of it, and pictures to embed there."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import NamedTuple
from urllib.parse import urlencode

from werkzeug.wrappers import Request as PageRequest

from app.answers.addresses import address_of
from app.answers.compute import Answer, Answers
from app.charts.picture import SIZES, Size
from app.errors import StatsError
from app.http.error_handlers import Problem
from app.http.paths import absolute_root, way_to_root
from app.http.query import Query
from app.http.request import Request
from app.http.responses import AfterWait, OnThread, Reply, Response
from app.http.wsgi import environ_of, reply_of
from app.job import JobRequest
from app.job_service import JobService
from app.statistics.in_words.said import ENGLISH
from app.views.asking import Asking
from app.views.explored import Explored, answers_for, explored, is_asked
from app.views.first_asked import first_asked
from app.views.pages import Pages
from app.views.pictures import Look, caption_of, subject_of, words_of

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

    def index(self, request: Request) -> Response:
        """Say what the server is; for a browser and for crawlers of an address, return the page.

        A crawler gets the answer's card at the head of it. A browser does not wait for that: it
        has no use for cards.
        """
        query = Query(request)
        asked = PageRequest(environ_of(request))

        def plain(_: object = None) -> Reply:
            preloads: tuple[str, ...] = ()
            # Who needs a token has not entered it when the page comes.
            if request.trusted is not None and self._pages.wants_page(asked, is_asked=True):
                preloads = first_asked(query, self._catalogue)
            made = self._pages.index(asked, is_asked=is_asked(query), preloads=preloads)
            return reply_of(made, request)

        wants_card = is_asked(query) and "lang" not in asked.args and request.trusted is not None
        if not wants_card or request.headers.get("sec-fetch-mode") == "navigate":
            return plain()
        if not self._pages.wants_page(asked, is_asked=True):
            return plain()
        home = absolute_root(request)
        if home is None:
            return plain()

        def page(card: Card) -> Reply:
            address = f"{home}{request.path}?{_kept(query)}"
            made = self._pages.index(asked, is_asked=True, shared=card, home=home, address=address)
            return reply_of(made, request)

        return self._card(request, query, self._pages.language(asked), page, plain)

    def embed(self, request: Request) -> Response:
        """Return a small page with a picture of what Explore shows, and its answer as text."""
        query = Query(request)
        asked = PageRequest(environ_of(request))
        language = self._pages.language(asked, query.text("lang"))
        link = f"{way_to_root(request.path)}/?{_kept(query)}"

        def page(card: Card) -> Reply:
            return reply_of(self._pages.embedded(asked, language, link=link, card=card), request)

        def refused(problem: Problem) -> Reply:
            made = self._pages.embedded(asked, language, link=link, problem=problem)
            return reply_of(made, request)

        return self._card(request, query, language, page, refused)

    def _card(
        self,
        request: Request,
        query: Query,
        language: str,
        respond: Callable[[Card], Reply],
        refuse: Callable[[Problem], Reply],
    ) -> Response:
        """Return the response to the card of what an address shows, or to why there is none."""

        def told(made: Callable[[], Response]) -> Response:
            try:
                response = made()
            except StatsError as error:
                return refuse(Problem.of(error))
            if isinstance(response, AfterWait):
                return replace(response, reply=partial(told, response.reply))
            return response

        def ask() -> Response:
            answers = answers_for(query, self._catalogue)
            shown = explored(query, answers)
            asked = self._asked(request, answers, shown)
            drawn = answers.request(
                answers.statistics.find(shown.drawn.statistic), dict(shown.drawn.body)
            )

            def card(answer: Answer, _: str) -> Reply:
                return respond(_card_of(answers, asked, answer, drawn, shown.chart, language))

            return self._asking.answer(request, answers, asked, card, is_counted=True)

        return OnThread(partial(told, ask))

    def _asked(self, request: Request, answers: Answers, shown: Explored) -> JobRequest:
        """Return what is asked, once it is counted as a computation of its client."""
        if request.stranger is not None:
            request.stranger.compute()
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
    code = None if language == ENGLISH else language
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
