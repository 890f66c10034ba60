"""Pictures of answers: their sizes, their languages, and what stands around each of them."""

import re
import struct
from typing import Any
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient

FOLDER = "/api/answers"
MEN = "question=obesity&year=2023&stratum=Male"
SOURCE = "Source: CDC's release hn4x-zwk7 of September 2025 (public domain)."


@pytest.fixture(name="app", scope="module")
def app_of_the_release(release_app: Flask) -> Flask:
    """Give an app of CDC's release."""
    return release_app


def described(client: FlaskClient, path: str) -> dict[str, Any]:
    """Return a chart by its description, which costs no drawing."""
    answer = client.get(f"{FOLDER}/{path}")
    assert answer.status_code == 200, answer.text[:200]
    chart: dict[str, Any] = answer.get_json(force=True)
    return chart


def around(chart: dict[str, Any]) -> str:
    """Return what stands above a chart."""
    return " ".join([*chart["title"]["text"], *chart["title"]["subtitle"]])


def test_a_picture_of_a_size_says_all_that_it_is_of(client: FlaskClient) -> None:
    answer = client.get(f"{FOLDER}/ranking.svg?{MEN}&size=wide")
    assert answer.headers["Content-Disposition"] == (
        'inline; filename="obesity-2023-men-ranking-wide.svg"'
    )
    assert "size=wide" in answer.headers["Link"]
    root = ElementTree.fromstring(answer.data)
    assert (root.get("width"), root.get("height")) == ("1200", "675")
    texts = [" ".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]
    told = " ".join(texts)
    for text in (
        "Obesity among men: ranking of the states, 2023",
        "Percent of adults aged 18 years and older who have obesity. Men, 2023.",
        "Thin lines: 95 % confidence limits, as CDC published them.",
        SOURCE,
        "West Virginia",
    ):
        assert text in told
    square = client.get(f"{FOLDER}/ranking.png?{MEN}&size=square")
    assert square.headers["Content-Disposition"].endswith('ranking-square.png"')
    assert struct.unpack(">II", square.data[16:24]) == (1080, 1080)


def test_a_chart_names_what_it_is_of_and_how_its_limits_were_made(client: FlaskClient) -> None:
    charts: tuple[tuple[str, tuple[str, ...]], ...] = (
        (
            "trend.vega?question=obesity&state=OH,US&stratum=Male",
            (
                "Obesity among men: trend over the years, United States and Ohio, 2011-2023",
                "Bands: 95 % confidence limits, as CDC published them.",
                SOURCE,
            ),
        ),
        (
            f"ranking.vega?{MEN}&chart=map",
            ("Obesity among men: by state, 2023", "(31.6 to 32.5; 95 % confidence limits, as CDC"),
        ),
        (
            "change.vega?question=Q036&state=OH,TX&chart=dot",
            ("limits, computed from the standard errors of the two estimates.",),
        ),
        (
            "ranking.vega?question=Q036&year=2023&adjust=age2000",
            ("Standardised by age.", "computed from the standard errors of the age groups."),
        ),
        (
            "disparity.vega?question=Q036&category=Income&state=OH",
            ("Obesity: differences between groups, Ohio, 2023", "Income, 2023."),
        ),
        (
            "best5.vega?question=Q036",
            ("All rows, of every group of people, 2011-2022.", "has no confidence limits."),
        ),
        ("compare.vega?states=OH,TX&year=2023", ("Comparison: Ohio and Texas, 2023",)),
    )
    for path, texts in charts:
        told = around(described(client, path))
        for text in texts:
            assert text in told, path


def test_a_chart_speaks_romanian(client: FlaskClient) -> None:
    chart = described(client, f"ranking.vega?{MEN}&lang=ro")
    told = around(chart)
    for text in (
        "Obezitate la bărbați: clasamentul statelor, 2023",
        "Ponderea adulților care aveau obezitate. Bărbați, 2023.",
        "Linii subțiri: limite de încredere de 95 %, așa cum le-a publicat CDC.",
        "Nepublicat: Kentucky și Pennsylvania.",
        "Sursa: versiunea hn4x-zwk7 a CDC din septembrie 2025 (domeniu public).",
    ):
        assert text in told
    labels = {row["state"]: row["label"] for row in chart["data"]["values"]}
    assert labels["Ohio"] == "35,8"
    assert chart["config"]["locale"]["number"]["decimal"] == ","
    assert "%1f" not in str(chart)
    lanes = chart["layer"][0]["encoding"]["y"]["scale"]["domain"]
    assert any(lane.endswith("Districtul Columbia") for lane in lanes)
    for path in ("disparity.vega?question=Q036&category=Sex&state=OH", "compare.vega?states=OH,US"):
        words = str(described(client, f"{path}&lang=ro"))
        assert not re.search(r"confidence|Thin lines|Women|United States|percentage", words), path


def test_the_chart_of_a_job_is_asked_for_in_the_same_way(client: FlaskClient) -> None:
    body = {"question": "Q036", "year": 2023}
    job_id = client.post("/api/ranking", json=body).get_json()["job_id"]
    path = f"/api/get_results/{job_id}?wait=20&format="
    chart = client.get(f"{path}vega&lang=ro").get_json(force=True)
    assert "Obezitate: clasamentul statelor, 2023" in around(chart)
    assert client.get(f"{path}vega").get_json(force=True) != chart
    assert client.get(f"{path}csv&size=wide").status_code == 400


def test_what_a_picture_cannot_be(client: FlaskClient) -> None:
    for path, reason in (
        ("ranking.csv?question=Q036&size=wide", '"size" goes with svg, png; the answer is in csv'),
        ("ranking.vega?question=Q036&size=wide", '"size" goes with svg, png'),
        ("ranking?question=Q036&lang=fr", '"lang" must be one of en, ro'),
        ("ranking.svg?question=Q036&lang=fr", '"lang" must be one of en, ro'),
        ("ranking.svg?question=Q036&size=huge", '"size" must be one of wide, square, narrow'),
    ):
        answer = client.get(f"{FOLDER}/{path}")
        assert answer.status_code == 400, path
        assert answer.get_json()["reason"].startswith(reason)
