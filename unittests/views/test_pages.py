"""The pages as they are sent: their languages, files and policy. unittests/browser/ uses them."""

import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.datasets.layouts import LAYOUTS
from app.web.languages import LANGUAGES
from unittests.helpers.app import running_app
from unittests.helpers.files import PROJECT

WEB = PROJECT / "app" / "web"
HTML = "text/html,application/xhtml+xml,*/*;q=0.8"
PAGES = ("/", "/ask", "/jobs", "/pool")
BROWSER = {"Accept": HTML, "Sec-Fetch-Mode": "navigate"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    with running_app(tmp_path_factory.mktemp("web")) as app:
        yield app.test_client(use_cookies=False)


def page(client: FlaskClient, path: str = "/", **headers: str) -> TestResponse:
    answer = client.get(path, headers={**BROWSER, **headers})
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    return answer


def addresses(html: str) -> set[str]:
    """Return what a page loads from the server: scripts, styles, icon, preloaded files."""
    return set(re.findall(r'(?:src|href)="\.(/assets/[^"]+)"', html))


@pytest.mark.parametrize("path", ["/", "/index"])
def test_a_browser_gets_the_page_and_curl_what_the_server_is(
    client: FlaskClient, path: str
) -> None:
    assert "<h1" in page(client, path).text
    for headers in ({}, {"Accept": "*/*"}, {"Accept": "application/json"}):
        answer = client.get(path, headers=headers)
        assert answer.get_json()["description"] == "/openapi/openapi.json"
        assert "Accept" in answer.headers["Vary"]
    assert client.head(path, headers=BROWSER).data == b""


def test_below_the_path_of_a_proxy_pages_find_all_that_they_need(client: FlaskClient) -> None:
    below = "http://host/some/path"
    needed = set[str]()
    for path in ("/", "/index", "/ask", "/jobs/", "/pool", "/openapi", "/openapi/"):
        named = re.findall(r'(?:src|href|data-root)="([^"#?][^"#]*)["#]', page(client, path).text)
        assert len(named) > 3, path
        needed |= {urljoin(below + path, name) for name in named}
        moved = client.get(f"{path}?lang=en", headers=BROWSER).headers.get("Location")
        assert moved is None or urljoin(below + path, moved) == below + path
    for address in needed:
        assert address.startswith(f"{below}/")
        answer = client.get(address.removeprefix(below), headers=BROWSER)
        assert answer.status_code == 200, address


def test_a_page_may_run_nothing_but_the_servers_own_files(client: FlaskClient) -> None:
    for path in PAGES:
        answer = page(client, path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert not re.search(r"<script(?![^>]*(src=|application/json))", answer.text), path
        assert " style=" not in answer.text, path
        assert not re.search(r"\son\w+=", answer.text), path
        assert "http://" not in answer.text.replace("http://www.w3.org/", ""), path
        assert "https://" not in answer.text, path


def test_all_that_a_page_loads_is_there_small_and_kept_for_ever(client: FlaskClient) -> None:
    sizes: dict[str, int] = {}

    def size_of(address: str) -> int:
        """Look at a file, which several pages may load, once; return its size when packed."""
        if address not in sizes:
            plain, zipped = (
                client.get(address, headers={"Accept-Encoding": coding})
                for coding in ("br", "gzip")
            )
            assert plain.status_code == 200, address
            assert gzip.decompress(zipped.data) == plain.data
            assert plain.mimetype != "application/octet-stream"
            assert "immutable" in plain.headers["Cache-Control"]
            sizes[address] = len(zipped.data)
        return sizes[address]

    for path in PAGES:
        packed = page(client, path, **{"Accept-Encoding": "gzip"}).data
        loaded = addresses(gzip.decompress(packed).decode())
        # Room is left for what the API answers.
        assert len(packed) + sum(map(size_of, loaded)) < 160_000, path


LISTS = ["statistics", "dataset", "questions", "states", "categories"]


def preloads(html: str) -> list[str]:
    """Return which paths of the API a page has the browser ask at once."""
    found = re.findall(r'<link rel="preload" href="\./api/([^"]+)" as="fetch"', html)
    return [unescape(path) for path in found]


def test_explore_has_the_browser_ask_at_once_what_its_scripts_will(client: FlaskClient) -> None:
    assert preloads(page(client).text) == LISTS
    for name in ("ranking", "trend"):
        assert client.get(f"/api/answers/{name}?question=Q036").status_code == 200
    # What is known, and nothing that would have to be computed.
    answers = [f"answers/{name}?question=Q036" for name in ("ranking", "trend")]
    for path in ("/", "/?q=Q036&state=OH&view=years"):
        assert preloads(page(client, path).text) == LISTS + answers, path
    others = ("/?q=obesity", "/?question=Q036", "/?q=Q019")
    for path in ("/?year=2020", "/?show=change", "/?q=Q036&group=Male", *others):
        assert preloads(page(client, path).text) == LISTS, path
    for path in ("/?q=Q036&q=Q019", "/?dataset=course&dataset=release", "/?dataset=x"):
        assert preloads(page(client, path).text) == [], path
    of_course = [LISTS[0], *(f"{one}?dataset=course" for one in LISTS[1:])]
    assert preloads(page(client, "/?dataset=course").text) == of_course
    romanian = page(client, "/", **{"Accept-Language": "ro"}).text
    assert preloads(romanian) == [
        *(f"{one}?lang=ro" for one in LISTS),
        *(f"{one}&lang=ro" for one in answers),
    ]
    assert preloads(page(client, "/ask").text) == []


def test_a_file_of_another_version_is_served_but_not_kept(client: FlaskClient) -> None:
    answer = client.get("/assets/000000000000/js/texts.js")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"


def test_no_other_file_is_served(client: FlaskClient) -> None:
    for name in ("js/nothing.js", "../pages.py", "js/../../pages.py", "%2e%2e/x"):
        answer = client.get(f"/assets/1/{name}")
        assert answer.status_code == 404, name
        assert answer.get_json()["status"] == "error"


def test_people_who_ask_for_what_is_not_there_get_a_page_and_programs_json(
    client: FlaskClient, tmp_path: Path
) -> None:
    for path in ("/nothing", "/a/b/nothing"):
        answer = client.get(path, headers=BROWSER)
        assert (answer.status_code, answer.mimetype) == (404, "text/html")
        assert "There is nothing here" in answer.text
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
        found = re.findall(r'(?:src|href)="([^"#?]+)"', answer.text)
        for address in {urljoin(path, name) for name in found}:
            assert client.get(address, headers=BROWSER).status_code == 200, address
        romanian = client.get(f"{path}?lang=ro", headers=BROWSER)
        assert "Aici nu este nimic" in romanian.text
    for path, headers in (
        ("/nothing", {"Accept": "*/*"}),
        ("/nothing", {"Accept": HTML}),  # a program may take it, too
        ("/nothing", {"Accept": "application/json, text/html"}),
        ("/api/nothing", BROWSER),
        ("/api/get_results/9", BROWSER),
    ):
        answer = client.get(path, headers=headers)
        assert answer.status_code == 404
        assert answer.get_json()["status"] == "error"
    assert client.post("/nothing", headers=BROWSER).get_json()["status"] == "error"
    with running_app(tmp_path, threads=0, public=True) as app:  # which is closed but for a few
        answer = app.test_client().get("/nothing", headers=BROWSER)
        assert (answer.status_code, answer.mimetype) == (404, "text/html")
        assert app.test_client().get("/api/jobs", headers=BROWSER).status_code == 403


@pytest.mark.parametrize("public", [True, False])
def test_people_without_the_token_see_a_page_where_there_is_nothing(
    tmp_path: Path, *, public: bool
) -> None:
    with running_app(tmp_path, threads=0, public=public, token="secret") as app:
        client = app.test_client()
        answer = client.get("/nosuch", headers=BROWSER)
        assert (answer.status_code, answer.mimetype) == (404, "text/html")
        assert "There is nothing here" in answer.text
        for path in ("/api/jobs", "/api/nosuch", "/metrics"):
            assert client.get(path, headers=BROWSER).status_code == 401
        assert client.get("/nosuch", headers={"Accept": HTML}).status_code == 401
        assert client.post("/nosuch", headers=BROWSER).status_code == 401


def test_the_icon_is_where_browsers_look_for_it(client: FlaskClient) -> None:
    icon = client.get("/favicon.ico")
    assert icon.mimetype == "image/vnd.microsoft.icon"
    assert icon.data.startswith(b"\0\0\1\0\3\0")


def language(answer: TestResponse) -> str:
    match = re.search(r'<html lang="(\w+)"', answer.text)
    assert match
    return match[1]


def test_the_language_is_the_one_that_was_chosen_or_the_browsers(client: FlaskClient) -> None:
    for accepted, cookie, spoken in (
        ("", "", "en"),
        ("fr-FR,fr;q=0.9", "", "en"),
        ("ro-RO,ro;q=0.9,en;q=0.8", "", "ro"),
        ("en-US,en;q=0.9,ro;q=0.5", "", "en"),
        ("en-GB,ro;q=0.9", "", "en"),
        ("en;q=0.5,ro-MD", "", "ro"),
        ("ro;q=0,*", "", "en"),
        ("en-US", "language=ro", "ro"),
        ("ro-RO", "language=en", "en"),
        ("ro-RO", "language=xx", "ro"),
    ):
        answer = page(client, **{"Accept-Language": accepted, "Cookie": cookie})
        assert language(answer) == spoken, (accepted, cookie)
        assert {"Accept-Language", "Cookie"} <= set(answer.headers["Vary"].split(", "))


def test_a_switch_of_language_keeps_what_was_chosen_and_leaves_the_address(
    client: FlaskClient,
) -> None:
    answer = client.get("/?q=Q036&lang=ro&state=OH", headers=BROWSER)
    assert answer.status_code == 302
    assert answer.headers["Location"] == ".?q=Q036&state=OH"
    assert answer.headers["Set-Cookie"].startswith("language=ro;")
    assert language(page(client, "/?lang=xx")) == "en"
    away = client.get("//elsewhere.example/?lang=ro", headers=BROWSER)
    assert "elsewhere.example" not in away.headers.get("Location", "")


def flat(texts: Any, prefix: str = "") -> dict[str, str]:
    if isinstance(texts, str):
        return {prefix: texts}
    return {
        key: text
        for name, part in texts.items()
        for key, text in flat(part, f"{prefix}.{name}" if prefix else name).items()
    }


def texts_in(code: str) -> dict[str, str]:
    path = WEB / "texts" / f"{code}.json"
    return flat(json.loads(path.read_text(encoding="utf-8")))


PLURALS = (".one", ".few", ".other")


def test_every_language_has_the_same_texts_with_the_same_places() -> None:
    def kept(texts: dict[str, str]) -> dict[str, list[str]]:
        return {
            key: sorted(re.findall(r"\{\w+\}", text))
            for key, text in texts.items()
            if not key.startswith("names.") and not key.endswith(".few")
        }

    english = texts_in("en")
    # In a template, texts.copy would be the method of a dict.
    assert not {name for key in english for name in key.split(".")} & set(dir(dict))
    for code in LANGUAGES[1:]:
        other = texts_in(code)
        assert kept(other) == kept(english)
        for key in (key for key in english if key.endswith(".other")):
            # Romanian says "2 rânduri", "20 de rânduri".
            assert key.removesuffix("other") + "few" in other


def test_every_text_that_the_page_asks_for_is_there_and_no_other() -> None:
    english = {
        next((key.removesuffix(end) for end in PLURALS if key.endswith(end)), key)
        for key in texts_in("en")
        if not key.startswith("names.")
    }
    scripts = "".join(path.read_text("utf-8") for path in (WEB / "static" / "js").rglob("*.js"))
    pages = "".join(path.read_text("utf-8") for path in (WEB / "templates").glob("*.html"))
    asked = set(re.findall(r'"([a-z_]+(?:\.[a-z_]+)+)"', scripts))
    asked |= {key.replace("texts.", "", 1) for key in re.findall(r"texts(?:\.\w+)+", pages)}
    # With a name put in, as in t(`status.${status}`) and texts.views[name].title.
    patterns = {
        re.escape(key).replace(re.escape("{}"), "[a-z_]+")
        for key in (
            re.sub(r"\$\{[^}]*\}", "{}", text)
            for text in re.findall(r"`([a-z_]+(?:\.(?:[a-z_]|\$\{[^}]*\})+)+)`", scripts)
        )
    }
    patterns |= {r"(take|tabs|map)\.\w+", r"nav\.\w+", r"choose\.\w+", r"theme\.\w+", r"name"}
    patterns |= {r"jobs\.(gauges|columns|statuses)\.\w+", r"pool\.(gauges|way|runners|locks)\.\w+"}
    missing = {
        key
        for key in asked
        if key not in english and not any(one.startswith(f"{key}.") for one in english)
    }
    others = (
        "names.",
        "datum.",
        "jobs.statuses.items",
        "jobs.json",
        "trace.json",
    )  # of Vega, of Jinja
    assert not {key for key in missing if not key.startswith(others)}
    unused = {
        key
        for key in english - asked
        if not any(re.fullmatch(pattern, key) for pattern in patterns)
    }
    assert not unused


def test_what_others_made_is_as_they_published_it() -> None:
    told = (WEB / "static" / "vendor" / "README.md").read_text(encoding="utf-8")
    digests = dict(re.findall(r"`([\w.-]+\.js)` .*`([0-9a-f]{64})`", told))
    files = {path.name for path in (WEB / "static" / "vendor").glob("*.js")}
    assert files == set(digests)
    for name, digest in digests.items():
        content = (WEB / "static" / "vendor" / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest, name


def test_the_pages_tell_nothing_of_the_dataset_to_who_has_no_token(tmp_path: Path) -> None:
    with running_app(tmp_path, token="secret") as app:
        client = app.test_client()
        for path in ("/", "/ask", "/jobs", "/pool"):
            html = page(client, path).text
            assert "18,650" not in html
            assert "Percent of adults" not in html
            assert preloads(html) == []  # they would be refused
            for address in addresses(html):
                assert client.get(address).status_code == 200, address


def test_the_page_has_words_for_the_people_of_each_layout() -> None:
    people = {name for name, layout in LAYOUTS.items() if layout.people}
    english = json.loads((WEB / "texts" / "en.json").read_text(encoding="utf-8"))["names"]
    for code in LANGUAGES:
        names = json.loads((WEB / "texts" / f"{code}.json").read_text(encoding="utf-8"))["names"]
        assert set(names["layouts"]) == people
        for layout in people:
            own = {key for key in flat(names["layouts"][layout]) if not key.startswith("names.")}
            # Each stands for one of the texts that do not say who was asked.
            assert own == set(flat(english["layouts"]["brfss"])) - {"names.strata.Total"}
            assert own <= set(texts_in(code))
        assert set(flat(names["plain"])) == set(flat(english["plain"])) <= set(texts_in(code))
