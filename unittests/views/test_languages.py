"""What the API says in sentences, in Romanian; unittests/redis runs these tests, too."""

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from unittests.helpers.data import OBESITY

TREND = "/api/answers/trend?question=Q047&state=OH"
ROMANIAN = "lang=ro"
ASKED = "Cum s-a schimbat ponderea adulților care nu făceau nicio activitate fizică"


@pytest.fixture(name="app", scope="module")
def app_of_the_release(release_app: Flask) -> Flask:
    """Give an app of CDC's release, which answers all statistics."""
    return release_app


def data(client: FlaskClient, path: str) -> Any:
    return json.loads(client.get(path).data)["data"]


def submit(client: FlaskClient, statistic: str, **body: Any) -> str:
    job: str = json.loads(client.post(f"/api/{statistic}", json=body).data)["job_id"]
    client.get(f"/api/get_results/{job}?wait=30")
    return job


def test_an_answer_has_its_sentences_in_romanian_and_the_same_figures(client: FlaskClient) -> None:
    english, romanian = client.get(TREND), client.get(f"{TREND}&{ROMANIAN}")
    told, own = json.loads(english.data), json.loads(romanian.data)
    assert own["rows"] == told["rows"]
    assert own["columns"] == told["columns"]
    about = own["about"]
    assert about["asked"].startswith(ASKED)
    assert about["answer"] == told["about"]["answer_ro"]
    assert len(about["warnings"]) == len(told["about"]["warnings"])
    assert not set(about["warnings"]) & set(told["about"]["warnings"])
    assert "lang=ro" in romanian.headers["Link"]
    assert client.get(f"{TREND}&lang=en").data == english.data
    # Each is kept by caches as itself.
    tags = [answer.headers["ETag"] for answer in (english, romanian)]
    assert tags[0] != tags[1]
    again = client.get(f"{TREND}&{ROMANIAN}", headers={"If-None-Match": tags[1]})
    assert again.status_code == 304
    # The course's answers, and files of tables, have no sentences.
    for path in (
        "/api/answers/global_mean?question=Q036&",
        "/api/answers/ranking.csv?question=Q036&",
    ):
        assert client.get(f"{path}{ROMANIAN}").data == client.get(path).data


def test_several_of_what_is_asked_are_told_as_several(client: FlaskClient) -> None:
    path = "/api/answers/query?question=Q036&group_by=stratum,year&where.state=OH"
    path += "&where.stratum=College graduate&where.stratum=Asian"
    told = json.loads(client.get(f"{path}&{ROMANIAN}").data)
    assert told["about"]["asked"] == (
        "Care este ponderea adulților care aveau obezitate după an și grup în Ohio pentru grupurile"
        " „Asiatici” și „Facultate terminată”?"
    )


def test_an_answer_is_computed_once_for_both_languages(client: FlaskClient) -> None:
    path = "/api/answers/trend?question=Q036&state=UT"

    def computed() -> int:
        kinds: dict[str, int] = data(client, "/api/activity")["answers"]
        return kinds["computed"]

    client.get(path)
    before = computed()
    romanian = client.get(f"{path}&{ROMANIAN}")
    assert romanian.status_code == 200
    again = client.get(f"{path}&{ROMANIAN}")
    assert again.data == romanian.data
    # The sentences were made, the figures were there.
    assert computed() - before <= 1


def test_a_refusal_says_why_in_romanian(client: FlaskClient) -> None:
    def reason(path: str) -> str:
        told: str = json.loads(client.get(f"/api/{path}&{ROMANIAN}").data)["reason"]
        return told

    assert reason("answers/ranking?question=Q036&year=1999") == (
        "acest set de date nu are estimări la Q036 pentru state în grupul „Toți” în 1999; există "
        "în 2011-2023"
    )
    assert reason("answers/query?question=Q036&where.state=Ohoi").startswith("statul „Ohoi” nu se")
    assert reason("answers/query?question=Q036&method=sum").startswith("„method” trebuie să fie")
    unknown = reason("states?dataset=nope")
    assert unknown.startswith("setul de date „nope” nu se cunoaște; se cunosc: ")
    assert reason("nowhere?a=b").startswith("nu există o astfel de rută")
    refused = client.post(f"/api/ranking?{ROMANIAN}", json={})
    assert json.loads(refused.data)["reason"] == "„question” lipsește"
    # What is long is of a client, and is not looked for.
    assert client.get(f"/api/answers/ranking?{'x' * 3000}=1&{ROMANIAN}").status_code == 400


def test_jobs_tell_what_they_asked_and_give_in_romanian(client: FlaskClient) -> None:
    job = submit(client, "trend", question="Q047", state="OH")
    mean = submit(client, "state_mean", question="Q036", state="OH")
    assert data(client, f"/api/jobs/{job}?{ROMANIAN}")["asked"].startswith(ASKED)
    english = data(client, f"/api/get_results/{job}")
    romanian = data(client, f"/api/get_results/{job}?{ROMANIAN}")
    assert romanian["about"]["asked"].startswith(ASKED)
    assert romanian["rows"] == english["rows"]
    # They are found by either name of what they asked.
    for text in ("obezitate", "obesity", OBESITY):
        page = data(client, f"/api/activity?text={text}&{ROMANIAN}")["page"]
        assert mean in [one["job_id"] for one in page]
    assert "Media pentru Ohio, la „Obezitate”" in [one["asked"] for one in page]


def test_statistics_are_described_in_romanian(client: FlaskClient) -> None:
    english, romanian = (data(client, f"/api/statistics{query}") for query in ("", f"?{ROMANIAN}"))
    assert [one["name"] for one in romanian] == [one["name"] for one in english]
    titles = {one["name"]: one["title"] for one in romanian}
    assert titles["ranking"] == "Clasamentul statelor"
    texts = json.dumps(romanian, ensure_ascii=False)
    assert "un an, o listă de ani" in texts
    source = data(client, f"/api/dataset?{ROMANIAN}")["source"]["name"]
    assert source.startswith("versiunea hn4x-zwk7 a CDC din")
