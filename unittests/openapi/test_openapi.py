"""The OpenAPI description against the app: nothing missing, nothing more, and all of it true."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from itertools import chain, count
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.statistics.address import query_of
from app.statistics.registry import STATISTICS
from unittests.helpers.app import default_answers, running_app
from unittests.helpers.data import OBESITY
from unittests.helpers.registry import COURSE_STATISTICS, TABLE_STATISTICS
from unittests.helpers.rows import row, write

Description = dict[str, Any]
# The pages and their files.
PAGE = re.compile(
    r"/openapi/(<path:name>)?|/jobs|/pool|/ask|/embed|/robots\.txt|/favicon\.ico|/assets/.*"
)


@pytest.fixture(name="app", scope="module")
def app_of_the_release(release_app: Flask) -> Flask:
    """Give an app of CDC's release, which answers all statistics."""
    return release_app


@pytest.fixture(scope="module", autouse=True)
def crawled_once() -> Iterator[None]:
    """Have validators look for the parts of a schema once: two thirds of the time are this.

    Registries never change, but each of them is searched again at every reference.
    """
    from referencing import Registry

    found: dict[int, tuple[Any, Any]] = {}
    crawl = Registry.crawl

    def once(registry: Any) -> Any:
        if id(registry) not in found:
            found[id(registry)] = (registry, crawl(registry))  # kept, so that the id stays its own
        return found[id(registry)][1]

    with mock.patch.object(Registry, "crawl", once):
        yield


@pytest.fixture(name="spec")
def description(client: FlaskClient) -> Description:
    answer = client.get("/openapi/openapi.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    content: Description = answer.get_json()
    return content


def shortened(content: Any) -> Any:
    """Return JSON with at most 20 elements of each array: thousands of rows are alike."""
    if isinstance(content, dict):
        return {name: shortened(value) for name, value in content.items()}
    return [shortened(one) for one in content[:20]] if isinstance(content, list) else content


def validator_of(schema: Description, spec: Description) -> Any:
    """Return a validator by a part of the description."""
    from openapi_schema_validator import OAS31Validator  # which takes a while

    # The components come along, so that references into them are found.
    return OAS31Validator({**schema, "components": spec["components"]})


def conforms(spec: Description, path: str, method: str, answer: Any) -> None:
    """Hold an answer against what the description says of its route and status."""
    described = spec["paths"][path][method]["responses"][str(answer.status_code)]
    if "$ref" in described:
        described = spec["components"]["responses"][described["$ref"].rpartition("/")[2]]
    schema = described["content"][answer.mimetype]["schema"]
    validator = validator_of(schema, spec)
    validator.validate(shortened(answer.get_json()) if answer.is_json else answer.text)


def examples(spec: Description) -> Iterator[tuple[str, Any]]:
    for path, operations in spec["paths"].items():
        for operation in operations.values():
            if "requestBody" in operation:
                yield path, operation["requestBody"]["content"]["application/json"]["example"]


def without_repetitions(spec: Description) -> Description:
    """Return a description without responses and queries that an operation before has, too.

    Word for word the same, they are right everywhere or nowhere: sixty operations refuse alike.
    """
    short: Description = deepcopy(spec)
    seen: set[str] = set()

    def is_new(part: Any) -> bool:
        before = len(seen)
        seen.add(json.dumps(part))
        return len(seen) > before

    for operation in chain.from_iterable(map(dict.values, short["paths"].values())):
        responses, parameters = operation["responses"], operation.get("parameters", [])
        operation["responses"] = {
            status: one for status, one in responses.items() if status == "200" or is_new(one)
        }
        operation["parameters"] = [one for one in parameters if one["in"] == "path" or is_new(one)]
    return short


def test_it_is_valid_openapi_3_1(spec: Description) -> None:
    from openapi_spec_validator import OpenAPIV31SpecValidator

    assert spec["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(without_repetitions(spec)).validate()


def test_it_describes_every_route_and_method_and_nothing_more(
    app: Flask, spec: Description
) -> None:
    served = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if not PAGE.fullmatch(rule.rule) and not rule.endpoint.endswith("static")
    }
    told = {(path, method) for path, methods in spec["paths"].items() for method in methods}
    assert told == served


def test_every_operation_tells_what_it_does(spec: Description) -> None:
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"].strip(), (path, method)


def test_every_example_can_be_sent_as_it_is(client: FlaskClient, spec: Description) -> None:
    bodies = dict(examples(spec))
    together = {"/api/batch", "/api/batch/results"}
    assert set(bodies) == {f"/api/{name}" for name in STATISTICS} | together
    for path, body in bodies.items():
        answer = client.post(path, json=body)
        assert answer.status_code == 200, (path, answer.text)
        conforms(spec, path, "post", answer)


def test_examples_suit_any_dataset(tmp_path: Path) -> None:
    # The first question by name is one whose direction is not known.
    lines = (
        "YearStart,YearEnd,LocationAbbr,LocationDesc,Question,QuestionID,Data_Value,"
        "StratificationCategory1,Stratification1",
        "2011,2022,OH,Ohio,A new question,Q999,1,Sex,Male",
        "2011,2022,UT,Utah,Obesity,Q036,2,Sex,Male",
        "2023,2023,OH,Ohio,A later question,Q043,3,Sex,Male",
    )
    data = tmp_path / "data.csv"
    data.write_text("\n".join(lines), encoding="utf-8")
    with running_app(tmp_path, threads=0, data=data) as app:
        client = app.test_client()
        for path, body in examples(client.get("/openapi/openapi.json").get_json()):
            if path.removeprefix("/api/") in TABLE_STATISTICS:
                continue  # their examples are for CDC's release
            answer = client.post(path, json=body)
            assert answer.status_code == 200, (path, answer.text)


def test_the_schema_of_a_body_refuses_what_the_server_refuses(
    client: FlaskClient, spec: Description
) -> None:
    wrong: tuple[Any, ...] = ({}, [], {"question": 1}, {"state": "Ohio"}, {"question": None}, [{}])
    for path, body in examples(spec):
        content = spec["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        validator = validator_of(content["schema"], spec)
        validator.validate(body)
        for refused in wrong:
            # A query may say nothing; of two states or strata, the schema leaves open which.
            fits = validator.is_valid(refused)
            assert not fits or path in ("/api/query", "/api/compare"), (path, refused)
            # Whatever the schema refuses, the server does; and more, such as unknown names.
            status = client.post(path, json=refused).status_code
            assert status == 400 or (fits and status == 200), (path, refused)


def test_answers_of_every_get_route_are_as_described(
    client: FlaskClient, spec: Description
) -> None:
    body = {"question": OBESITY, "state": "Ohio"}
    ids = [
        client.post(f"/api/{name}", json=body).get_json()["job_id"] for name in COURSE_STATISTICS
    ]
    ids.append(client.post("/api/ranking", json={"question": "Q036"}).get_json()["job_id"])
    paths = [path for path, methods in spec["paths"].items() if "get" in methods]
    assert paths.count("/api/get_results/{job_id}") == 1
    for path in paths:
        if path == "/api/answers/{name}":
            for name in ("json", "csv", "ndjson", "svg", "vega"):
                answer = client.get(f"/api/answers/ranking.{name}?question=Q036")
                assert answer.status_code == 200, name
                conforms(spec, path, "get", answer)
        elif path.startswith("/api/answers/"):
            statistic = STATISTICS[path.removeprefix("/api/answers/")]
            asked = query_of({**statistic.example, "dataset": "data"})
            answer = client.get(f"{path}?{asked}")
            assert answer.status_code == 200, path
            conforms(spec, path, "get", answer)
        elif path != "/api/graceful_shutdown":
            # What is known of a job, and its rows, have one form; answers have several.
            some = ids if path == "/api/get_results/{job_id}" else ids[-2:]
            for job_id in some if "{" in path else [""]:
                answer = client.get(path.replace("{job_id}", job_id))
                assert answer.status_code == 200, path
                conforms(spec, path, "get", answer)
    example = spec["paths"]["/api/get_results/{job_id}"]["get"]["parameters"][0]["example"]
    assert client.get(f"/api/get_results/{example}").status_code == 200


def test_what_speaks_romanian_says_so(spec: Description) -> None:
    for path in ("/api/activity", "/api/jobs/{job_id}", "/api/statistics", "/api/dataset"):
        assert "lang" in [one["name"] for one in spec["paths"][path]["get"]["parameters"]], path


def test_refusals_are_as_described(client: FlaskClient, spec: Description) -> None:
    for path, body in examples(spec):
        answers = [
            client.post(path, data=b"{"),
            client.post(path, data=b"[]", content_type="text/html"),
            client.post(path, data=bytes(70_000 if "/batch" not in path else 9_000_000)),
        ]
        assert [answer.status_code for answer in answers] == [400, 415, 413]
        for answer in answers:
            conforms(spec, path, "post", answer)
        assert str(client.get(path).status_code) in spec["paths"][path]["post"]["responses"], body
    answer = client.get("/api/get_results/999999999")
    assert answer.status_code == 404
    conforms(spec, "/api/get_results/{job_id}", "get", answer)


def test_a_job_that_waits_or_failed_and_a_drain_are_as_described(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_app(tmp_path, threads=0) as app:
        client, path = app.test_client(), "/api/get_results/{job_id}"
        spec = client.get("/openapi/openapi.json").get_json()
        during: list[Any] = []
        activities: list[Any] = []

        def look_and_fail(*_: Any) -> bytes:
            during.append(client.get("/api/get_results/1"))
            during.append(client.get("/api/graceful_shutdown"))
            activities.append(client.get("/api/activity"))
            raise ValueError

        monkeypatch.setattr(default_answers(app), "answer", look_and_fail)
        assert client.post("/api/best5", json={"question": OBESITY}).status_code == 200
        running_job, draining = during
        activities.append(client.get("/api/activity"))
        failed, drained = client.get("/api/get_results/1"), client.post("/api/graceful_shutdown")
        assert [answer.get_json()["status"] for answer in (running_job, failed)] == [
            "running",
            "error",
        ]
        assert [answer.get_json()["status"] for answer in (draining, drained)] == [
            "running",
            "done",
        ]
        for one, job in zip(activities, ("running", "error"), strict=True):
            assert one.get_json()["data"]["page"][0]["status"] == job
            conforms(spec, "/api/activity", "get", one)
        conforms(spec, "/api/jobs/{job_id}", "get", client.get("/api/jobs/1"))
        conforms(spec, path, "get", running_job)
        conforms(spec, path, "get", failed)
        conforms(spec, "/api/jobs", "get", client.get("/api/jobs"))
        conforms(spec, "/api/graceful_shutdown", "get", draining)
        conforms(spec, "/api/graceful_shutdown", "post", drained)
        unwell = client.get("/api/health")
        refused = client.post("/api/best5", json={"question": OBESITY})
        assert (unwell.status_code, refused.status_code) == (503, 503)
        conforms(spec, "/api/health", "get", unwell)
        conforms(spec, "/api/best5", "post", refused)


def test_the_description_is_made_once_for_each_dataset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = count()
    monkeypatch.setattr("app.openapi.description.describe", lambda _: {"made": next(made)})
    path = write([row("Ohio", 30.0)], tmp_path / "few.csv")
    with running_app(tmp_path, threads=0, data=path) as app:
        client = app.test_client()
        first = [client.get("/openapi/openapi.json").get_json() for _ in range(2)]
        write([row("Ohio", 31.0)], path)
        assert client.post("/api/dataset/reload").get_json()["data"]["changed"]
        assert [*first, client.get("/openapi/openapi.json").get_json()] == [
            {"made": 0},
            {"made": 0},
            {"made": 1},
        ]
