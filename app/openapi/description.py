"""The OpenAPI 3.1 description of the HTTP API, made from the app's own routes and tables."""

import re
from collections.abc import Sequence
from itertools import chain, islice
from typing import Any

import msgspec
from apispec import APISpec
from flask import Flask
from werkzeug.routing import Rule

from app.answers.catalogue import Catalogue
from app.data_ingestor import DataIngestor
from app.errors import BadRequest
from app.http.error_handlers import PROBLEM
from app.job_service import JobService
from app.openapi.queries import (
    ASKED,
    JOB_ID,
    KEY,
    PREFER,
    QUERIES,
    STATISTIC,
    TOLD_OF_A_SUBMIT,
    address_of,
)
from app.openapi.schemas import (
    ANSWERS,
    BODY_REFUSALS,
    GUARDED,
    NDJSON,
    OF_JOBS,
    OF_THE_DATA,
    REFUSALS,
    SCHEMAS,
    SUBMIT_REFUSALS,
    Schema,
)
from app.statistics.parameters import body_model
from app.statistics.registry import Registry
from app.statistics.statistic import Statistic
from app.version import VERSION
from app.views.answers import ANSWER, TAG
from app.views.batches import MOST_JOBS
from app.views.formats import FORMATS, MEDIA_TYPES, TABLE_FORMATS

_FORMATS_OF = {  # beside JSON
    "api.answer": FORMATS[1:],
    "api.get_results": FORMATS[1:],
    "api.rows": TABLE_FORMATS[1:],
}
_MAY_BE_BUSY = (
    *("api.health", "api.activity", "api.pool", "api.trace", "api.list_jobs", "api.cancel"),
    *_FORMATS_OF,
)
_MAY_CONFLICT = ("api.cancel", "api.rows", "api.reload", "api.get_results")


def describe(app: Flask) -> Schema:
    """Return the description of all routes of `app`."""
    service: JobService = app.extensions["job_service"]
    statistics = service.catalogue.statistics
    spec = APISpec(
        title="Le Stats Sportif",
        version=VERSION,
        openapi_version="3.1.0",
        info={
            "description": "An asynchronous statistics server: POST a question, get a job_id,"
            " collect the answer from /api/get_results/{job_id}.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        # From where the description is, which may be below the path of a proxy.
        servers=[{"url": ".."}],
        # None is needed by a server without a token.
        security=[{"token": []}, {}],
        tags=[{"name": name} for name in (TAG, "Questions", "Jobs", "Data", "Server")],
    )
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    for name, schema in {**SCHEMAS, **_models(statistics)}.items():
        spec.components.schema(name, schema)
    for status, description in REFUSALS.items():
        spec.components.response(_name_of_a_refusal(status), _as_json_or_problem(description))
    for rule in sorted(described_rules(app), key=lambda rule: rule.rule):
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        operations = {
            method.lower(): _operation(app, rule, method, service.catalogue) for method in methods
        }
        spec.path(path=path, operations=operations)
    return spec.to_dict()


def described_rules(app: Flask) -> list[Rule]:
    """Return the routes that the description has: all but the files of the page itself."""
    service: JobService = app.extensions["job_service"]
    names = list(service.catalogue.statistics)
    endpoints = {*ANSWERS, *(f"api.{start}{name}" for start in ("", ANSWER) for name in names)}
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint in endpoints]


def _models(statistics: Registry) -> Schema:
    """Return the schemas of what statistics are asked, by the names of their models."""
    # Several are asked the same.
    different = dict.fromkeys(statistic.parameters for statistic in statistics.values())
    models = [body_model(parameters) for parameters in different]
    return msgspec.json.schema_components(models, ref_template="#/components/schemas/{name}")[1]


def _operation(app: Flask, rule: Rule, method: str, catalogue: Catalogue) -> Schema:
    statistic = catalogue.statistics.get(rule.endpoint.removeprefix("api."))
    if statistic is not None:
        return _submit_operation(statistic, catalogue)
    statistic = catalogue.statistics.get(rule.endpoint.removeprefix(f"api.{ANSWER}"))
    if statistic is not None:
        return _answer_operation(statistic)
    # `python -OO` leaves no docstrings.
    described = app.view_functions[rule.endpoint].__doc__ or rule.endpoint.partition(".")[2]
    # A summary is no Markdown.
    summary = described.strip().splitlines()[0].replace("`", "")
    operation: Schema = {
        "tags": [_tag(rule.endpoint)],
        "operationId": f"{rule.endpoint.split('.')[-1]}_{method.lower()}{_suffix(rule)}",
        "summary": summary,
        "responses": {"200": _json(ANSWERS[rule.endpoint], "The answer")},
    }
    if rule.endpoint == "api.metrics":
        text = {
            "description": "The numbers",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        }
        operation["responses"]["200"] = text
    is_page = rule.endpoint == "api.health" or rule.rule.startswith("/openapi")
    guarded = (429,) if is_page else GUARDED
    operation["responses"] |= {str(status): _refusal(status) for status in guarded}
    operation["parameters"] = []
    if "job_id" in rule.arguments:
        operation["parameters"].append(JOB_ID)
        operation["responses"]["404"] = _refusal(404)
    if rule.endpoint == "api.answer":
        operation["parameters"].append(STATISTIC)
        operation["responses"] |= _of_an_address()
    if rule.endpoint in QUERIES:
        operation["parameters"] += QUERIES[rule.endpoint]
        operation["responses"]["400"] = _refusal(400)
    if rule.endpoint == "api.trace":
        operation["responses"]["404"] = _refusal(404)
    operation["responses"]["200"].setdefault("content", {}).update(
        _files(_FORMATS_OF.get(rule.endpoint, ()))
    )
    if rule.endpoint == "api.get_results":
        operation["responses"]["202"] = _json(
            {"$ref": "#/components/schemas/Running"}, "There is nothing to put into the format yet"
        )
        operation["responses"]["304"] = {"description": "The result is what If-None-Match names"}
    if rule.endpoint in ("api.batch", "api.batch_results"):
        operation |= _batch_body(rule.endpoint, catalogue)
        if rule.endpoint == "api.batch":
            operation["parameters"].append(KEY)
        refusals = SUBMIT_REFUSALS if rule.endpoint == "api.batch" else BODY_REFUSALS
        operation["responses"] |= {str(status): _refusal(status) for status in refusals}
    if rule.endpoint == "api.batch_results":
        operation["responses"]["200"] = NDJSON
    if rule.endpoint in _MAY_CONFLICT:
        operation["responses"]["409"] = _refusal(409)
    if rule.endpoint in _MAY_BE_BUSY:
        operation["responses"]["503"] = _refusal(503)
    if rule.endpoint == "api.cancel":
        operation["responses"]["507"] = _refusal(507)
    return operation


def _tag(endpoint: str) -> str:
    if endpoint == "api.answer":
        return TAG
    if endpoint in OF_THE_DATA:
        return "Data"
    return "Jobs" if endpoint in OF_JOBS else "Server"


def _suffix(rule: Rule) -> str:
    """Tell apart the two addresses of the index."""
    return "_alias" if rule.rule == "/index" else ""


def _submit_operation(statistic: Statistic[Any], catalogue: Catalogue) -> Schema:
    body = {"$ref": f"#/components/schemas/{statistic.parameters.__name__}"}
    accepted = _json({"$ref": "#/components/schemas/Submitted"}, "The job was accepted")
    return {
        "tags": ["Questions"],
        "operationId": statistic.name,
        "summary": statistic.summary,
        "parameters": [ASKED, KEY, PREFER],
        **_body(body, _example(statistic, catalogue.default(statistic).dataset)),
        "responses": {
            "200": accepted | {"headers": TOLD_OF_A_SUBMIT},
            **{str(status): _refusal(status) for status in (*GUARDED, *SUBMIT_REFUSALS)},
        },
    }


def _answer_operation(statistic: Statistic[Any]) -> Schema:
    done = _json({"$ref": "#/components/schemas/Answer"}, "The answer")
    done["content"] |= _files(FORMATS[1:])
    return {
        "tags": [TAG],
        "operationId": f"{ANSWER}{statistic.name}",
        "summary": statistic.summary,
        "parameters": address_of(statistic),
        "responses": {
            "200": done,
            "400": _refusal(400),
            **{str(status): _refusal(status) for status in GUARDED},
            **_of_an_address(),
        },
    }


def _of_an_address() -> Schema:
    """Return what is answered by an address beside the answer."""
    return {
        "206": {"description": "The part of the file that Range asks for"},
        "304": {"description": "The answer is what If-None-Match or If-Modified-Since has"},
        "404": _refusal(404),
        "416": _refusal(416),
        "503": _refusal(503),
    }


def _files(formats: Sequence[str]) -> Schema:
    """Return what is answered in formats other than JSON, by their media types."""
    # A chart's description is JSON; what is no text at all has no schema.
    schemas: dict[str, Schema] = {"vega": {"type": "object"}, "parquet": {}, "png": {}}
    return {
        MEDIA_TYPES[one].partition(";")[0]: {"schema": schemas.get(one, {"type": "string"})}
        for one in formats
    }


def _batch_body(endpoint: str, catalogue: Catalogue) -> Schema:
    """Return the description of the body of a batch, or of what collects its results."""
    if endpoint == "api.batch_results":
        ids = {"type": "array", "maxItems": MOST_JOBS, "items": {"type": "string"}}
        schema = {"type": "object", "required": ["job_ids"], "properties": {"job_ids": ids}}
        return _body(schema, {"job_ids": ["job_id_1"]})
    item = {
        "type": "object",
        "description": "the statistic, beside what it is asked, and the dataset",
        "required": ["statistic"],
        "properties": {
            "statistic": {"enum": list(catalogue.statistics)},
            "dataset": {"type": ["string", "null"], "description": "the name of the one to ask"},
        },
    }
    some = islice(catalogue.statistics.values(), 2)
    example = [
        {"statistic": one.name, **_example(one, catalogue.default(one).dataset)} for one in some
    ]
    return _body({"type": "array", "minItems": 1, "maxItems": MOST_JOBS, "items": item}, example)


def _example(statistic: Statistic[Any], dataset: DataIngestor) -> dict[str, Any]:
    """Return a body that can be sent as it is, where the dataset can answer any.

    That is the statistic's own, or the same about another question and state.
    """
    own: dict[str, Any] = dict(statistic.example)
    others = (
        {**own, "question": text, **({"state": state} if "state" in own else {})}
        for text, table in dataset.tables.items()
        for state in islice(table.state_means, 1)
    )
    for body in chain([own], others if "question" in own else ()):
        try:
            statistic.ask(body, dataset)
        except BadRequest:
            continue
        return body
    return own


def _body(schema: Schema, example: Any) -> Schema:
    content = {"application/json": {"schema": schema, "example": example}}
    return {"requestBody": {"required": True, "content": content}}


def _json(schema: Schema, description: str) -> Schema:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _refusal(status: int) -> Schema:
    """Refer to what is answered with a status, which is the same whoever is refused."""
    return {"$ref": f"#/components/responses/{_name_of_a_refusal(status)}"}


def _name_of_a_refusal(status: int) -> str:
    return f"Refused{status}"


def _as_json_or_problem(description: str) -> Schema:
    refusal = _json({"$ref": "#/components/schemas/Error"}, description)
    refusal["content"][PROBLEM] = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return refusal
