"""Explore for other sites: cards at the head of its page, and pictures to embed."""

import html
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from unittests.helpers.app import running_app
from unittests.helpers.files import RELEASE

OHIO = "q=obesity&state=OH&group=Male&year=2023"
SENTENCE = "In 2023, among men, 35.8 % (34.1-37.6) of adults in Ohio had obesity"
CRAWLER = {"Accept": "*/*"}
# Real browsers say so of a page that they are to show.
BROWSER = {"Accept": "text/html,*/*;q=0.8", "Sec-Fetch-Mode": "navigate"}


@pytest.fixture(name="app", scope="module")
def app_of_the_release(release_app: Flask) -> Flask:
    """Give an app of CDC's release."""
    return release_app


@pytest.fixture(name="public", scope="module")
def public_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    folder = tmp_path_factory.mktemp("public")
    with running_app(folder, threads=0, public=True, compute_rate="2/minute") as app:
        yield app.test_client(use_cookies=False)


def cards(text: str) -> dict[str, str]:
    """Return what a page has for other sites, by the names there."""
    found = re.findall(
        r'<meta (?:property|name)="((?:og|twitter):[\w:]+)" content="([^"]*)">', text
    )
    return {name: html.unescape(content) for name, content in found}


def test_a_link_to_explore_is_a_card_with_the_very_chart(client: FlaskClient) -> None:
    answer = client.get(f"/?{OHIO}", headers=CRAWLER)
    assert answer.headers["Content-Type"].startswith("text/html")
    card = cards(answer.text)
    assert card["og:title"] == card["twitter:title"] == "Obesity among men: Ohio, 2023"
    assert card["og:description"].startswith(SENTENCE)
    assert card["twitter:card"] == "summary_large_image"
    assert urlsplit(card["og:url"]).query == OHIO
    image = urlsplit(card["og:image"])
    assert image.scheme == "http"
    assert image.netloc
    assert (card["og:image:width"], card["og:image:height"]) == ("1200", "675")
    assert card["og:image:alt"] == card["og:title"]
    picture = client.get(f"{image.path}?{image.query}").data
    assert struct.unpack(">II", picture[16:24]) == (1200, 675)
    of_all = cards(client.get("/?q=obesity&year=2023", headers=CRAWLER).text)
    assert of_all["og:title"] == "Obesity: by state, 2023"
    assert "ranking.png?" in of_all["og:image"]
    assert "chart=map" in of_all["og:image"]


def test_who_gets_the_page_and_who_what_the_server_is(client: FlaskClient) -> None:
    for path, headers, is_page in (
        ("/", CRAWLER, False),
        ("/?lang=xx", CRAWLER, False),
        (f"/?{OHIO}", {"Accept": "application/json"}, False),
        (f"/index?{OHIO}", CRAWLER, True),
        (f"/?{OHIO}", BROWSER, True),
        ("/?q=obesety", CRAWLER, True),
        ("/?q=obesity&state=Ohoi", CRAWLER, True),
    ):
        answer = client.get(path, headers=headers)
        assert answer.status_code == 200
        assert ("<h1" in answer.text) == is_page, path
        # A browser, which does not show them, does not wait for them either.
        assert bool(cards(answer.text)) == (path.startswith("/index")), path
        assert "Accept" in answer.headers["Vary"]


def test_a_card_speaks_the_language_that_is_asked_for(client: FlaskClient) -> None:
    card = cards(client.get(f"/?{OHIO}", headers={**CRAWLER, "Accept-Language": "ro"}).text)
    assert card["og:title"] == "Obezitate la bărbați: Ohio, 2023"
    assert card["og:description"].startswith("În 2023, la bărbați, 35,8 %")
    assert "lang=ro" in card["og:image"]


def test_behind_a_proxy_a_card_has_the_addresses_that_others_know(client: FlaskClient) -> None:
    proxy = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "stats.example"}
    card = cards(
        client.get(f"/?{OHIO}", headers={**CRAWLER, **proxy, "X-Forwarded-Prefix": "/a/b"}).text
    )
    assert card["og:url"] == f"https://stats.example/a/b/?{OHIO}"
    assert card["og:image"].startswith("https://stats.example/a/b/api/answers/trend.png?")
    strange = client.get(f"/?{OHIO}", headers={**CRAWLER, "X-Forwarded-Host": 'x"><script>'})
    assert not cards(strange.text)


def test_an_embedded_page_has_sentence_picture_source_and_a_way_back(client: FlaskClient) -> None:
    answer = client.get(f"/embed?{OHIO}")
    assert answer.status_code == 200
    text = html.unescape(answer.text)
    assert SENTENCE in text
    assert "Source: CDC's release hn4x-zwk7 of September 2025 (public domain)." in text
    assert f'href="./?{OHIO}"' in text
    assert "<script" not in text
    assert ' style="' not in text
    assert 'alt="Obesity among men: Ohio, 2023"' in text
    wide, narrow = (re.search(rf'{name}="([^"]+)"', text)[1] for name in ("src", "srcset"))  # type: ignore[index]
    drawn = client.get(urljoin("/embed", wide))
    assert drawn.headers["Content-Type"] == "image/svg+xml"
    assert 'width="1200" height="675"' in drawn.text[:300]
    assert narrow == wide.replace("size=wide", "size=narrow")
    of_romanians = client.get(f"/embed?{OHIO}&lang=ro")
    assert of_romanians.text.count("lang=ro") == 2
    assert "Sursa: versiunea hn4x-zwk7" in of_romanians.text


def test_what_cannot_be_embedded_is_told_in_a_sentence(client: FlaskClient) -> None:
    for query, told in (
        ("", 'The address names no question: "q=obesity", say.'),
        ("q=obesety", 'Unknown question "obesety"; nearest: "Percent of adults aged 18'),
        ("q=obesity&state=Ohoi", 'Unknown state "Ohoi"; nearest: "Ohio"'),
        ("q=obesity&state=OH&group=Mal", 'Unknown stratum "Mal"; nearest: "Male"'),
        ("q=obesity&year=1999", "1999"),
        ("q=obesity&year=x", '"year"'),
        ("q=obesity&show=x", '"show" must be one of level, change.'),
        ("q=obesity&dataset=x", 'Unknown dataset "x"'),
        (f"q=obesity&state={'OH,' * 11}", "The address names 11 states; at most 10."),
    ):
        answer = client.get(f"/embed?{query}")
        assert answer.headers["Content-Type"].startswith("text/html")
        assert answer.status_code == 400, query
        (sentence,) = re.findall(r'role="alert">([^<]*)<', answer.text)
        assert told in html.unescape(sentence)
        assert 'href="./?' in answer.text


def test_all_that_explore_shows_can_be_embedded(client: FlaskClient) -> None:
    for query, title, picture in (
        ("q=Q036&state=OH,TX&year=2023", "Obesity: Ohio and Texas, 2023", "trend.svg?"),
        ("q=Q036&state=OH&state=TX&show=change", "Obesity: trend over the years", "trend.svg?"),
        ("q=Q036&state=US", "Obesity: United States, 2023", "state=National&stratum"),
        ("q=Q036&statistic=trend", "Obesity: trend over the years", "chart=map"),
        (
            "q=Q036&view=pair&with=Q018",
            "Obesity and fruit less than once a day: correlation over the states, 2021",
            "correlation.svg?questions=Q036&questions=Q018",
        ),
        ("question=Q036&group=Female", "Obesity among women: by state, 2023", "ranking.svg?"),
    ):
        answer = client.get(f"/embed?{query}")
        assert answer.status_code == 200, query
        text = html.unescape(answer.text)
        assert f"<h1>{title}" in text
        assert picture.replace("&stratum", "") in text


def test_only_a_public_server_lets_others_frame_its_pictures(
    client: FlaskClient, public: FlaskClient
) -> None:
    own, open_to_all = (one.get("/embed?q=obesity&state=OH") for one in (client, public))
    assert own.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in own.headers["Content-Security-Policy"]
    assert open_to_all.status_code == 200
    assert "X-Frame-Options" not in open_to_all.headers
    assert "frame-ancestors *" in open_to_all.headers["Content-Security-Policy"]
    assert public.get("/").headers["X-Frame-Options"] == "DENY"
    # What has to be computed is counted; a page goes without its card then.
    assert cards(public.get("/?q=obesity&state=TX", headers=CRAWLER).text)
    assert not cards(public.get("/?q=obesity&state=UT", headers=CRAWLER).text)
    refused = public.get("/embed?q=obesity&state=UT")
    assert (refused.status_code, refused.mimetype) == (429, "text/html")
    assert int(refused.headers["Retry-After"]) > 0


def test_who_has_no_token_learns_nothing(tmp_path: Path) -> None:
    with running_app(tmp_path, threads=0, token="secret", data=RELEASE) as app:
        client = app.test_client()
        assert client.get(f"/embed?{OHIO}").status_code == 401
        assert not cards(client.get(f"/?{OHIO}", headers=CRAWLER).text)
        known = {**CRAWLER, "Authorization": "Bearer secret"}
        assert cards(client.get(f"/?{OHIO}", headers=known).text)
