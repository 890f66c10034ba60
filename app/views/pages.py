"""The pages and their files; and what `/` answers a client that is no browser."""

import gzip
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, current_app, redirect, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from app import json_bytes
from app.charts.geography import ATLAS, NUDGES, SMALLEST_LABELLED
from app.http.paths import way_to_root
from app.http.query import check_number
from app.version import VERSION
from app.web.assets import Assets
from app.web.languages import LANGUAGES, Languages

# No script, style or picture but the server's own; charts are saved from pictures made in place.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
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


class Pages:
    """The pages. They hold nothing of the dataset: what they show, they ask the API for."""

    def __init__(self, is_public: bool = False) -> None:
        """Where `is_public`, what is about jobs is shown only to who has entered the token."""
        self._is_public = is_public
        self._assets = Assets(_WEB / "static", {"vendor/us-states.json": ATLAS})
        self._languages = Languages()
        self._made = lru_cache(_MADE)(self._make)  # to make one takes some milliseconds

    def load(self, app: Flask) -> None:
        """Read files and templates, so that the first visitor does not wait for it."""
        _ = self._assets.version, self._languages.texts
        for name in ("explore.html", "ask.html", "jobs.html", "pool.html"):
            app.jinja_env.get_template(name)

    def index(self) -> AnyResponse:
        """Say what the server is and where its routes are described; for a browser, the page."""
        if request.accept_mimetypes.best_match(("application/json", "text/html")) == "text/html":
            return self._page("explore")
        body = json_bytes.encode(_ABOUT, option=json_bytes.PRETTY)
        return Response(body, mimetype="application/json", headers={"Vary": "Accept"})

    def ask(self) -> AnyResponse:
        """Return the page on which any statistic can be asked."""
        return self._page("ask")

    def jobs(self) -> AnyResponse:
        """Return the page of the jobs."""
        return self._page("jobs")

    def pool(self) -> AnyResponse:
        """Return the page of the pool."""
        return self._page("pool")

    def robots(self) -> Response:
        """Ask crawlers to leave the API alone: its addresses have no end."""
        return Response("User-agent: *\nDisallow: /api/\n", mimetype="text/plain")

    def asset(self, version: str, name: str) -> Response:
        """Return a file of the page, to be cached for ever when its address names its content."""
        asset = self._assets.find(name)
        if asset is None:
            raise NotFound
        response = _zipped(asset.plain, asset.zipped)
        response.content_type = asset.content_type
        kept = f"public, max-age={_YEAR}, immutable"
        response.headers["Cache-Control"] = kept if version == self._assets.version else "no-store"
        response.vary.add("Accept-Encoding")
        return response

    def _page(self, page: str) -> AnyResponse:
        check_number(request.environ)
        asked = request.args.get("lang")
        if asked in LANGUAGES:  # kept, and gone from the address: a link is for every language
            others = [pair for pair in request.args.items(multi=True) if pair[0] != "lang"]
            here = request.path.rpartition("/")[2] or "."  # relative: a proxy may have more before
            answer = redirect(f"{here}?{urlencode(others)}" if others else here)
            answer.set_cookie(_COOKIE, asked, max_age=_YEAR, samesite="Lax")
            return answer
        language = self._languages.choose(request.cookies.get(_COOKIE), request.accept_languages)
        made = self._make if current_app.debug else self._made
        response = _zipped(*made(page, language, way_to_root(request.path)))
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["Cache-Control"] = "no-cache"
        response.vary.update(("Accept", "Accept-Encoding", "Accept-Language", "Cookie"))
        return response

    def _make(self, page: str, language: str, root: str) -> tuple[bytes, bytes]:
        """Return a page as it is, and zipped."""
        context = self._context(page, language, root)
        html = render_template(f"{page}.html", page=page, **context).encode()
        return html, gzip.compress(html)

    def _context(self, page: str, language: str, root: str) -> dict[str, Any]:
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
            "map_labels": {"smallest": SMALLEST_LABELLED, "nudges": dict(NUDGES)},
            "modules": [name for name in self._assets.names if name.startswith("js/")],
            "version": VERSION,
            "hidden": " hidden" if self._is_public else "",
        }


def _zipped(plain: bytes, zipped: bytes) -> Response:
    """Return a response with one of two forms of a body: what the client takes."""
    if not request.accept_encodings.quality("gzip"):
        return Response(plain)
    return Response(zipped, headers={"Content-Encoding": "gzip"})
