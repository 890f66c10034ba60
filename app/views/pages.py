"""The pages and their files; and what `/` answers a client that is no browser."""

import gzip
from functools import cache, lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Flask
from flask import request as current
from jinja2 import Environment, FileSystemLoader
from werkzeug.exceptions import NotFound
from werkzeug.utils import redirect
from werkzeug.wrappers import Request as PageRequest
from werkzeug.wrappers import Response

from app import json_bytes
from app.charts.page_map import page_map
from app.http.paths import way_to_root
from app.http.query import check_number
from app.http.request import Request
from app.http.responses import Reply
from app.http.wsgi import environ_of, reply_of
from app.version import VERSION
from app.views.first_asked import FIRST_QUESTION
from app.web.assets import Assets
from app.web.languages import LANGUAGES, Languages

if TYPE_CHECKING:
    from app.http.error_handlers import Problem
    from app.views.explore import Card

# No script, style or picture but the server's own; charts are saved from pictures made in place.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Of the page that stands in other sites' frames.
_EMBEDDED = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors "
)
_WEB = Path(__file__).resolve().parents[1] / "web"
_COOKIE = "language"
_YEAR = 365 * 24 * 3600
_MADE = 64  # pages that are kept
_ABOUT = {
    "name": "Le Stats Sportif",
    "about": "Statistics on nutrition, physical activity and obesity in the United"
    " States. POST a question, get a job_id, collect the answer from"
    " /api/get_results/<job_id>.",
    "try_it": "/openapi",
    "description": "/openapi/openapi.json",
    "health": "/api/health",
}


def files_of_pages() -> Assets:
    """Return the files that pages ask for."""
    return Assets(_WEB / "static", {"states.json": page_map})


@cache
def _templates() -> Environment:
    """Return the templates of pages: to compile them takes a tenth of a second, once a process."""
    return Environment(loader=FileSystemLoader(_WEB / "templates"), autoescape=True)


class Pages:
    """The pages. They hold nothing of the dataset: what they show, they ask the API for."""

    def __init__(self, app: Flask, is_public: bool = False) -> None:
        """Where `is_public`, others may frame pictures, and only who has the token sees jobs."""
        self._app = app
        self._is_public = is_public
        self._assets = files_of_pages()
        self._languages = Languages()
        self._made = lru_cache(_MADE)(self._make)  # to make one takes some milliseconds

    def load(self) -> None:
        """Read files and templates, so that the first visitor does not wait for it."""
        _ = self._assets.version, self._languages.texts
        for name in ("explore", "ask", "jobs", "pool", "openapi", "embed", "missing"):
            _templates().get_template(f"{name}.html")

    def index(
        self,
        asked: PageRequest,
        *,
        is_asked: bool = False,
        preloads: tuple[str, ...] = (),
        **card: Any,
    ) -> Response:
        """Say what the server is and where its routes are described; for a browser, the page.

        Where the address `is_asked` something, for whoever takes any format, too. `preloads` are
        paths of the API that the page asks at once. It has a card at its head, if there is one:
        `shared`, the absolute address of the server as `home`, and the page's own `address`.
        """
        if self.wants_page(asked, is_asked=is_asked):
            return self._page("explore", asked, preloads, **card)
        body = json_bytes.encode(_ABOUT, option=json_bytes.PRETTY)
        return Response(body, mimetype="application/json", headers={"Vary": "Accept"})

    def wants_page(self, asked: PageRequest, *, is_asked: bool) -> bool:
        """Tell whether a client at `/` wants the page."""
        kinds = ("application/json", "text/html")
        best = asked.accept_mimetypes.best_match(kinds[::-1] if is_asked else kinds)
        return best == "text/html"

    def embedded(
        self,
        asked: PageRequest,
        language: str,
        *,
        link: str,
        card: "Card | None" = None,
        problem: "Problem | None" = None,
    ) -> Response:
        """Return a page for a frame of another site: a card, or why there is none."""
        context = self._context(language, way_to_root(asked.path))
        told = problem and problem.said_in(language)
        html = self._render("embed", shared=card, problem=told, link=link, **context)
        response = Response(html, mimetype="text/html")
        if problem is not None:
            response.status_code = problem.status
            response.headers.extend(problem.headers)
        ancestors = "*" if self._is_public else "'none'"
        response.headers["Content-Security-Policy"] = f"{_EMBEDDED}{ancestors}"
        response.headers["Cache-Control"] = "no-cache"
        response.vary.update(("Accept-Language", "Cookie"))
        return response

    def ask(self) -> Response:
        """Return the page on which any statistic can be asked."""
        return self._page("ask", current)

    def jobs(self) -> Response:
        """Return the page of the jobs."""
        return self._page("jobs", current)

    def openapi(self) -> Response:
        """Return the page on which the routes can be tried (Swagger UI, no internet needed)."""
        response = self._page("openapi", current)
        # Swagger UI sets styles on elements, and draws its icons from data: addresses.
        policy = _POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
        response.headers["Content-Security-Policy"] = policy
        return response

    def pool(self) -> Response:
        """Return the page of the pool."""
        return self._page("pool", current)

    def robots(self) -> Response:
        """Ask crawlers to leave the API alone, but for pictures of cards: it has no end."""
        text = "User-agent: *\nAllow: /api/answers/*.png?*size=wide\nDisallow: /api/\n"
        return Response(text, mimetype="text/plain")

    def favicon(self) -> Response:
        """Return the icon, for browsers that ask for it where it always was."""
        response = self.asset(self._assets.version, "favicon.ico")
        response.headers["Cache-Control"] = "public, max-age=86400"
        return response

    def missing(self, request: Request) -> Reply:
        """Return the page for people who ask for what is not there."""
        asked = PageRequest(environ_of(request))
        language, root = self.language(asked, asked.args.get("lang")), way_to_root(asked.path)
        response = _zipped(asked, *self._made("missing", language, root))
        response.status_code = HTTPStatus.NOT_FOUND
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["Cache-Control"] = "no-store"
        response.vary.update(("Accept", "Accept-Encoding", "Accept-Language", "Cookie"))
        return reply_of(response, request)

    def asset(self, version: str, name: str) -> Response:
        """Return a file of the page, to be cached for ever when its address names its content."""
        asset = self._assets.find(name)
        if asset is None:
            raise NotFound
        response = _zipped(current, asset.plain, asset.zipped)
        response.content_type = asset.content_type
        kept = f"public, max-age={_YEAR}, immutable"
        response.headers["Cache-Control"] = kept if version == self._assets.version else "no-store"
        response.vary.add("Accept-Encoding")
        return response

    def language(self, asked: PageRequest, chosen: str | None = None) -> str:
        """Return the language of a page: the one that was chosen, now or before, or the browser's.

        One of the address counts where it stays there.
        """
        kept = asked.cookies.get(_COOKIE)
        return self._languages.choose(chosen or kept, asked.accept_languages)

    def _page(
        self, page: str, asked: PageRequest, preloads: tuple[str, ...] = (), **card: Any
    ) -> Response:
        check_number(asked.environ["QUERY_STRING"])
        chosen = asked.args.get("lang")
        if chosen in LANGUAGES:  # kept, and gone from the address: a link is for every language
            others = [pair for pair in asked.args.items(multi=True) if pair[0] != "lang"]
            here = asked.path.rpartition("/")[2] or "."  # relative: a proxy may have more before
            answer = redirect(f"{here}?{urlencode(others)}" if others else here)
            answer.set_cookie(_COOKIE, chosen, max_age=_YEAR, samesite="Lax")
            return answer
        language, root = self.language(asked), way_to_root(asked.path)
        made = self._make if card or self._app.debug else self._made
        response = _zipped(asked, *made(page, language, root, preloads, **card))
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["Cache-Control"] = "no-cache"
        response.vary.update(("Accept", "Accept-Encoding", "Accept-Language", "Cookie"))
        if page == "explore":
            response.vary.add("Sec-Fetch-Mode")
        return response

    def _make(
        self, page: str, language: str, root: str, preloads: tuple[str, ...] = (), **card: Any
    ) -> tuple[bytes, bytes]:
        """Return a page as it is, and zipped."""
        spoken = [_spoken(language, path) for path in preloads]
        context = self._context(language, root, page=page)
        html = self._render(page, preloads=spoken, **card, **context)
        return html, gzip.compress(html)

    def _render(self, page: str, **context: Any) -> bytes:
        template = _templates().get_template(f"{page}.html")
        return template.render(page=page, **context).encode()

    def _context(self, language: str, root: str, *, page: str = "") -> dict[str, Any]:
        texts = self._languages.texts
        # A page brings its texts along; those of the pool are of no use to the others.
        left_out = {"pool"} - {page}
        own = {name: text for name, text in texts[language].items() if name not in left_out}
        return {
            "root": root,
            "language": language,
            "languages": {name: texts[name]["name"] for name in LANGUAGES},
            "texts": own,
            "assets": f"{root}/assets/{self._assets.version}",
            "first_question": FIRST_QUESTION,
            "version": VERSION,
            "hidden": " hidden" if self._is_public else "",
            "is_public": self._is_public,
        }


def _spoken(language: str, path: str) -> str:
    """Return a path of the API that has its sentences in a language, as scripts write it."""
    if language == LANGUAGES[0]:
        return path
    return f"{path}{'&' if '?' in path else '?'}lang={language}"


def _zipped(asked: PageRequest, plain: bytes, zipped: bytes) -> Response:
    """Return a response with one of two forms of a body: what the client takes."""
    if not asked.accept_encodings.quality("gzip"):
        return Response(plain, mimetype="text/html")
    return Response(zipped, mimetype="text/html", headers={"Content-Encoding": "gzip"})
