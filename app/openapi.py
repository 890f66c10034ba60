"""The OpenAPI 3.1 description of the HTTP API, made from the app's own routes and tables."""

import re
from typing import Any

from apispec import APISpec
from flask import Flask
from werkzeug.routing import Rule

from app.data_ingestor import DataIngestor
from app.job_service import JobService
from app.statistics import STATISTICS, Statistic
from app.version import VERSION

Schema = dict[str, Any]

_MEAN: Schema = {"type": "number", "description": "percent"}
_MEANS: Schema = {"type": "object", "additionalProperties": _MEAN}
_OBJECT: Schema = {"type": "object"}

_STATUS_REASON: Schema = {
    "type": "object",
    "required": ["status", "reason"],
    "properties": {"status": {"const": "error"}, "reason": {"type": "string"}},
}

_SCHEMAS: dict[str, Schema] = {
    "Error": _STATUS_REASON,
    "Submitted": {
        "type": "object",
        "required": ["job_id"],
        "properties": {"job_id": {"type": "string", "pattern": "^job_id_[1-9][0-9]*$"}},
    },
    "Running": {
        "type": "object",
        "required": ["status"],
        "properties": {"status": {"const": "running"}},
        "additionalProperties": False,
    },
    "Done": {
        "type": "object",
        "required": ["status", "data"],
        "properties": {
            "status": {"const": "done"},
            "data": {
                "type": "object",
                "description": "by state or stratum, in percent; state_mean_by_category nests"
                " the strata under the state",
                "additionalProperties": {"anyOf": [_MEAN, _MEANS]},
            },
        },
    },
    "Jobs": {
        "type": "object",
        "required": ["status", "data"],
        "properties": {
            "status": {"const": "done"},
            "data": {
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": {"enum": ["running", "done", "error"]},
                    "minProperties": 1,
                    "maxProperties": 1,
                },
            },
        },
    },
    "NumJobs": {
        "type": "object",
        "required": ["status", "num_jobs"],
        "properties": {"status": {"const": "done"}, "num_jobs": {"type": "integer", "minimum": 0}},
    },
    "Drain": {
        "type": "object",
        "required": ["status"],
        "properties": {"status": {"enum": ["running", "done"]}},
    },
    "Cancelled": {
        "type": "object",
        "required": ["status", "job_id"],
        "properties": {"status": {"const": "cancelled"}, "job_id": {"type": "string"}},
    },
    "Health": {
        "type": "object",
        "required": ["status"],
        "properties": {"status": {"const": "ok"}},
    },
    "About": _OBJECT,
    "Description": _OBJECT,
}

# Endpoint to the schema of its 200, where it is not a statistic's.
_ANSWERS: dict[str, Schema] = {
    "api.get_results": {
        "anyOf": [{"$ref": f"#/components/schemas/{n}"} for n in ("Running", "Done", "Error")]
    },
    "api.list_jobs": {"$ref": "#/components/schemas/Jobs"},
    "api.cancel": {"$ref": "#/components/schemas/Cancelled"},
    "api.num_jobs": {"$ref": "#/components/schemas/NumJobs"},
    "api.graceful_shutdown": {"$ref": "#/components/schemas/Drain"},
    "api.health": {"$ref": "#/components/schemas/Health"},
    "api.metrics": {},
    "api.index": {"$ref": "#/components/schemas/About"},
    "openapi.description": {"$ref": "#/components/schemas/Description"},
}

_OF_JOBS = frozenset({"api.get_results", "api.list_jobs", "api.num_jobs", "api.cancel"})

_REFUSALS = {
    400: "The body cannot be a job; the reason says why, and names the nearest known ones",
    401: "The server has a token, and the request does not",
    403: "The request seems to come from a web page or through a proxy",
    404: "There is no such job",
    405: "The route does not take this method",
    409: "The job is not queued any more",
    408: "The body took too long to arrive",
    411: "The body has no Content-Length",
    413: "The body is larger than 64 KiB",
    415: "The body is declared to be something other than JSON",
    503: "The server is shutting down, has too many jobs waiting, or could not record the job",
    507: "The disk is full",
}
_GUARDED = (401, 403)
_SUBMIT_REFUSALS = (400, 405, 408, 411, 413, 415, 503, 507)


def describe(app: Flask) -> Schema:
    """Return the description of all routes of `app`, with examples from its dataset."""
    service: JobService = app.extensions["job_service"]
    spec = APISpec(
        title="Le Stats Sportif",
        version=VERSION,
        openapi_version="3.1.0",
        info={
            "description": "An asynchronous statistics server: POST a question, get a job_id,"
            " collect the answer from /api/get_results/{job_id}.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        # None is needed by a server without a token.
        security=[{"token": []}, {}],
        tags=[{"name": "Questions"}, {"name": "Jobs"}, {"name": "Server"}],
    )
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    for name, schema in _SCHEMAS.items():
        spec.components.schema(name, schema)
    for rule in sorted(described_rules(app), key=lambda rule: rule.rule):
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        operations = {
            method.lower(): _operation(app, rule, method, service.answers.dataset)
            for method in methods
        }
        spec.path(path=path, operations=operations)
    return spec.to_dict()


def described_rules(app: Flask) -> list[Rule]:
    """Return the routes that the description tells of: all but the files of the page itself."""
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint in _endpoints()]


def _endpoints() -> set[str]:
    return {*_ANSWERS, *(f"api.{name}" for name in STATISTICS)}


def _operation(app: Flask, rule: Rule, method: str, dataset: DataIngestor) -> Schema:
    statistic = STATISTICS.get(rule.endpoint.removeprefix("api."))
    if statistic is not None:
        return _submit_operation(statistic, dataset)
    summary = (app.view_functions[rule.endpoint].__doc__ or "").strip().splitlines()[0]
    operation: Schema = {
        "tags": ["Jobs" if rule.endpoint in _OF_JOBS else "Server"],
        "operationId": f"{rule.endpoint.split('.')[-1]}_{method.lower()}{_suffix(rule)}",
        "summary": summary,
        "responses": {"200": _json(_ANSWERS[rule.endpoint], "The answer")},
    }
    if rule.endpoint == "api.metrics":
        text = {
            "description": "The numbers",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        }
        operation["responses"]["200"] = text
    if rule.endpoint != "api.health" and not rule.rule.startswith("/openapi"):
        operation["responses"] |= {str(status): _refusal(status) for status in _GUARDED}
    if "job_id" in rule.arguments:
        operation["parameters"] = [
            {
                "name": "job_id",
                "in": "path",
                "required": True,
                "description": "`job_id_7`, or just `7`",
                "schema": {"type": "string"},
                "example": "job_id_1",
            }
        ]
        operation["responses"]["404"] = _refusal(404)
    if rule.endpoint == "api.cancel":
        operation["responses"]["409"] = _refusal(409)
    if rule.endpoint == "api.health":
        operation["responses"]["503"] = _refusal(503)
    return operation


def _suffix(rule: Rule) -> str:
    """Tell apart the two addresses of the index."""
    return "_alias" if rule.rule == "/index" else ""


def _submit_operation(statistic: Statistic, dataset: DataIngestor) -> Schema:
    fields = {
        "question": {"type": "string", "description": "its full text, or CDC's id such as Q036"}
    }
    if statistic.needs_state:
        fields["state"] = {"type": "string", "description": "its name, or abbreviation such as OH"}
    return {
        "tags": ["Questions"],
        "operationId": statistic.name,
        "summary": statistic.summary,
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "required": list(fields),
                        "properties": fields,
                    },
                    "example": _example(statistic, dataset),
                }
            },
        },
        "responses": {
            "200": _json({"$ref": "#/components/schemas/Submitted"}, "The job was accepted"),
            **{str(status): _refusal(status) for status in (*_GUARDED, *_SUBMIT_REFUSALS)},
        },
    }


def _example(statistic: Statistic, dataset: DataIngestor) -> Schema:
    """Return a body that can be sent as it is."""
    fitting = (
        table
        for table in dataset.tables.values()
        if table.state_means
        and not (statistic.needs_direction and table.question.lower_is_better is None)
    )
    table = next(fitting, None)
    if table is None:
        return {"question": "the dataset has none that this can be asked of"}
    example = {"question": table.question.text}
    if statistic.needs_state:
        example["state"] = "Ohio" if "Ohio" in table.state_means else next(iter(table.state_means))
    return example


def _json(schema: Schema, description: str) -> Schema:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _refusal(status: int) -> Schema:
    return _json({"$ref": "#/components/schemas/Error"}, _REFUSALS[status])
