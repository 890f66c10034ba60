"""What the OpenAPI description says of answers and refusals, as tables."""

from typing import Any

from app.views.job_details import STATUSES

Schema = dict[str, Any]

_ID: Schema = {"type": "string", "pattern": "^job_id_[1-9][0-9]*$"}
_MEAN: Schema = {"type": "number", "description": "in the unit of the question"}
_MEANS: Schema = {"type": "object", "additionalProperties": _MEAN}
_OBJECT: Schema = {"type": "object"}

_STATUS_REASON: Schema = {
    "type": "object",
    "required": ["status", "reason"],
    "properties": {"status": {"const": "error"}, "reason": {"type": "string"}},
}

_PROBLEM: Schema = {
    "type": "object",
    "description": "problem details, RFC 9457; members beyond these may come with some codes",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"const": "about:blank"},
        "title": {"type": "string", "description": "the HTTP status in words"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "why, for people"},
        "code": {"type": "string", "description": "why, for programs: it does not change"},
        "nearest": {"type": "array", "items": {"type": "string"}},
        "item": {"type": "integer", "description": "of a batch, counted from 0"},
    },
}

_CELL = ["string", "number", "boolean", "null"]


def _or_null(kind: str, description: str) -> Schema:
    return {"type": [kind, "null"], "description": description}


def _counts(*names: str) -> Schema:
    count = {"type": "integer", "minimum": 0}
    return {"type": "object", "required": list(names), "properties": dict.fromkeys(names, count)}


# What is known of a job wherever it is.
_OUTLINE: dict[str, Schema] = {
    "job_id": _ID,
    "status": {"enum": list(STATUSES)},
    "statistic": {"type": "string", "description": "its name, such as best5"},
    "dataset_name": {"type": "string", "description": "the dataset that it asks"},
    "asked": {"type": "string", "description": "the question in plain English"},
    "parameters": {"type": "object", "description": "the body that asks the same"},
    "accepted_at": {"type": "string", "format": "date-time"},
    "started_at": _or_null("string", "of a job that an earlier process ran, this is not known"),
    "ended_at": _or_null("string", "null while it has not ended"),
    "queued_seconds": _or_null("number", "from accepted_at until it began, or was cancelled"),
    "running_seconds": _or_null("number", "from started_at to ended_at"),
    "runner": _or_null("string", "the thread, or the worker's process, that ran it"),
    "queued_ms": _or_null("number", "queued_seconds in milliseconds"),
    "running_ms": _or_null("number", "running_seconds in milliseconds"),
    "reason": _or_null("string", "why it failed"),
}

_RUN: dict[str, Schema] = {
    "job_id": _ID,
    "runner": {"type": "string"},
    "statistic": {"type": "string"},
    "queued_ms": {"type": "number"},
    "began": {"type": "number"},
    "ended": {"type": "number"},
    "how": _or_null("string", "its answer came about: `computed`, or `cached`"),
}

_POOL: dict[str, Schema] = {
    "accepting": {"type": "boolean", "description": "false once a shutdown began"},
    "now": {"type": "number", "description": "as all times here, on the server's monotonic clock"},
    "runners": {
        "type": "array",
        "description": "what runs jobs, each with the job that it runs, if any, and since when",
        "items": {"type": "object", "required": ["name", "job_id", "statistic", "began"]},
    },
    "webs": {
        "type": "array",
        "description": "in a cluster: the processes that take requests",
        "items": {"type": "string"},
    },
    "queue": {
        "type": "object",
        "description": "`permits` is null where there is no pool: in a cluster",
        "required": ["waiting", "limit", "permits"],
    },
    "jobs": _counts("kept", "running", "finished"),
    "per_second": {
        "type": "object",
        "description": "how many jobs pass each part of their way; in a cluster, all but `post`"
        " (to this process) and `done` are null",
        "required": ["post", "journal", "queue", "runner", "file", "done"],
    },
    "queued_ms": {"type": "object", "required": ["p50", "p99"]},
    "running_ms": {"type": "object", "required": ["p50", "p99"]},
    "answers": _counts("cached", "computed"),
    "runs": {
        "type": "array",
        "description": "jobs that have ended, since `after`",
        "items": {"type": "object", "required": list(_RUN), "properties": _RUN},
    },
    "left_out": {"type": "integer", "minimum": 0, "description": "steps that went by too fast"},
    "locks": {
        "type": "array",
        "description": "how locks of this process were used since somebody looks",
        "items": {
            "type": "object",
            "required": ["name", "seconds", "taken", "contended", "waited_ms", "longest_ms"],
        },
    },
    "slow_motion": {"type": ["object", "null"], "description": "of a server that teaches"},
    "count": {"type": "integer", "minimum": 0, "description": "what to ask `after` next"},
    "state": {"type": "string", "description": "another one whenever this answer may be another"},
}

_LISTED_DATASET: dict[str, Schema] = {
    "name": {"type": "string", "description": "what it is asked by"},
    "file": {"type": "string", "description": "what its file is called"},
    "rows": {"type": "integer", "minimum": 1},
    "years": {"type": "object", "description": "the first and the last, `from` and `to`"},
    "questions": {"type": "integer", "minimum": 1},
    "source": {"type": "object", "description": "where it is from"},
    "sha256": {"type": "string", "description": "of the file, or of what `sha256sum` lists"},
    "version": {"type": "string", "description": "the start of it, which answers name"},
    "loaded_at": {"type": "string", "format": "date-time"},
    "default": {"type": "boolean", "description": "described where no dataset is named"},
    "default_for": {
        "type": "array",
        "description": "the statistics that ask it where a body names none",
        "items": {"type": "string"},
    },
}

_ACTIVITY: dict[str, Schema] = {
    "accepting": {"type": "boolean", "description": "false once a shutdown began"},
    "version": {"type": "string"},
    "workers": _counts("total", "busy"),
    "queue": _counts("waiting", "limit"),
    "jobs": _counts("kept", "queued", "running", "finished"),
    "answers": {
        **_counts("computed", "cached", "unchanged", "limited"),
        "description": "by address: how many came about how, as of some second; `unchanged` is 304,"
        " `limited` 429",
    },
    "state": {"type": "string", "description": "another one whenever this answer may be another"},
    "page": {
        "type": "array",
        "description": "the newest first",
        "maxItems": 200,
        "items": {"$ref": "#/components/schemas/Outline"},
    },
    "before": _or_null("string", "what to ask `before` for the jobs that come next; null: none"),
    "searched": {"type": "integer", "minimum": 0, "description": "jobs that were looked at"},
}


def _done_with(data: Schema) -> Schema:
    return {
        "type": "object",
        "required": ["status", "data"],
        "properties": {"status": {"const": "done"}, "data": data},
    }


def _named(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


SCHEMAS: dict[str, Schema] = {
    "Error": _STATUS_REASON,
    "Problem": _PROBLEM,
    "Submitted": {
        "type": "object",
        "required": ["job_id"],
        "properties": {
            "job_id": _ID,
            "status": {"enum": ["done", "error"], "description": "of a job that was waited for"},
            "data": {"description": "its result"},
            "reason": {"type": "string", "description": "why it has none"},
        },
    },
    "Running": {
        "type": "object",
        "required": ["status"],
        "properties": {"status": {"const": "running"}},
        "additionalProperties": False,
    },
    "Answer": {
        "type": "object",
        "description": "of the course's nine, by state or stratum, in the question's unit"
        " (state_mean_by_category nests the strata under the state); of others, a table",
        "anyOf": [
            {"additionalProperties": {"anyOf": [_MEAN, _MEANS]}},
            {"$ref": "#/components/schemas/Table"},
        ],
    },
    "Done": _done_with(_named("Answer")),
    "SubmittedTogether": {
        "type": "object",
        "required": ["job_ids"],
        "properties": {
            "job_ids": {
                "type": "array",
                "description": "in the order of the items",
                "items": _ID,
            }
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
    "Table": {
        "type": "object",
        "required": ["columns", "rows", "about"],
        "properties": {
            "columns": {"type": "array", "items": {"type": "string"}},
            "rows": {
                "type": "array",
                "items": {"type": "array", "items": {"type": _CELL}},
            },
            "about": {
                "type": "object",
                "description": "what is to be known of the rows; `columns` has the kind and the"
                " meaning of each column; `answer` is the answer in plain English, `answer_ro` in"
                " Romanian, where there are words for it",
                "properties": {"answer": {"type": "string"}, "answer_ro": {"type": "string"}},
            },
        },
    },
    "Rows": _done_with({"$ref": "#/components/schemas/Table"}),
    "Outline": {
        "type": "object",
        "required": list(_OUTLINE),
        "properties": _OUTLINE,
    },
    "Activity": _done_with(
        {
            "type": "object",
            "required": list(_ACTIVITY),
            "properties": _ACTIVITY,
        }
    ),
    "Pool": _done_with({"type": "object", "required": list(_POOL), "properties": _POOL}),
    "Trace": {
        "type": "object",
        "required": ["traceEvents", "displayTimeUnit", "otherData"],
        "properties": {"traceEvents": {"type": "array", "items": {"type": "object"}}},
    },
    "Explanation": _done_with(
        {
            "type": "object",
            "required": [
                *_OUTLINE,
                "unit",
                "method",
                "source",
                "dataset",
                "curl",
                "result",
                "rows",
            ],
            "properties": {
                **_OUTLINE,
                "unit": {"type": "string", "description": "of its values, such as percent"},
                "source": {
                    "type": "string",
                    "description": "where the figures are from, in a line",
                },
                "dataset": {
                    "type": ["string", "null"],
                    "description": "the start of the SHA-256 of the dataset that it was asked of",
                },
            },
        }
    ),
    "Dataset": _done_with(
        {
            "type": "object",
            "required": ["name", "rows", "sha256", "years", "source", "warnings"],
            "properties": {
                "warnings": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["code", "rows", "message"],
                        "properties": {
                            "code": {"type": "string"},
                            "rows": {"type": ["integer", "null"]},
                            "message": {"type": "string"},
                        },
                    },
                }
            },
        }
    ),
    "Datasets": _done_with(
        {
            "type": "array",
            "items": {
                "type": "object",
                "required": list(_LISTED_DATASET),
                "properties": _LISTED_DATASET,
            },
        }
    ),
    "Reloaded": _done_with(
        {
            "type": "object",
            "required": ["changed", "rows", "sha256", "datasets"],
            "properties": {
                "changed": {"type": "boolean", "description": "whether any was"},
                "rows": {"type": "integer", "description": "of the one that is asked by default"},
                "datasets": {"type": "array", "items": _OBJECT},
            },
        }
    ),
    "Listed": _done_with({"type": "array", "items": _OBJECT}),
    "Health": {
        "type": "object",
        "required": ["status"],
        "properties": {"status": {"const": "ok"}},
    },
    "About": _OBJECT,
    "Description": _OBJECT,
}

# Endpoint to the schema of its 200, where it is not a statistic's.
ANSWERS: dict[str, Schema] = {
    "api.get_results": {
        "anyOf": [{"$ref": f"#/components/schemas/{n}"} for n in ("Running", "Done", "Error")]
    },
    "api.answer": _named("Answer"),
    "api.batch": {"$ref": "#/components/schemas/SubmittedTogether"},
    "api.batch_results": {},
    "api.list_jobs": {"$ref": "#/components/schemas/Jobs"},
    "api.cancel": {"$ref": "#/components/schemas/Cancelled"},
    "api.job": _named("Explanation"),
    "api.rows": _named("Rows"),
    "api.datasets": _named("Datasets"),
    "api.dataset": _named("Dataset"),
    "api.reload": _named("Reloaded"),
    "api.statistics": _named("Listed"),
    "api.questions": _named("Listed"),
    "api.states": _named("Listed"),
    "api.categories": _named("Listed"),
    "api.activity": _named("Activity"),
    "api.pool": _named("Pool"),
    "api.trace": {"$ref": "#/components/schemas/Trace"},
    "api.num_jobs": {"$ref": "#/components/schemas/NumJobs"},
    "api.graceful_shutdown": {"$ref": "#/components/schemas/Drain"},
    "api.health": {"$ref": "#/components/schemas/Health"},
    "api.metrics": {},
    "explore.index": {"$ref": "#/components/schemas/About"},
    "openapi.description": {"$ref": "#/components/schemas/Description"},
}

OF_JOBS = frozenset(
    {
        "api.get_results",
        "api.batch",
        "api.batch_results",
        "api.list_jobs",
        "api.activity",
        "api.num_jobs",
        "api.cancel",
        "api.job",
        "api.rows",
    }
)

OF_THE_DATA = frozenset(
    {
        "api.datasets",
        "api.dataset",
        "api.reload",
        "api.statistics",
        "api.questions",
        "api.states",
        "api.categories",
    }
)

REFUSALS = {
    400: "What the body or the address asks cannot be; the reason says why, and names the nearest"
    " known ones",
    401: "The server has a token, and the request does not",
    403: "The request seems to come from a web page or through a proxy; or the server is public,"
    " has no token, and is closed to it",
    404: "There is no such job, or no such route",
    405: "The route does not take this method",
    409: "It cannot be done now: a job that has no answer (any more), or is not queued any more; a"
    " dataset that is being reloaded, or cannot be used",
    408: "The body took too long to arrive",
    411: "The body has no Content-Length",
    413: "The body is larger than 64 KiB, a batch than 8 MiB, or its ids than 512 KiB",
    415: "The body is declared to be something other than JSON",
    416: "The range of bytes begins beyond the end of the file",
    422: "The Idempotency-Key was used to ask something else",
    429: "The server is public, and this client asks more than one may without the token;"
    " Retry-After and RateLimit say when to ask again",
    500: "The server failed unexpectedly, and webserver.log tells more; or a chart was not drawn",
    503: "The server is shutting down, has too many jobs waiting, could not record the job or its"
    " cancellation, or has too many files, charts or long searches to make; or a chart takes too"
    " long to draw",
    507: "The disk is full",
}
GUARDED = (401, 403, 429)
BODY_REFUSALS = (400, 405, 408, 411, 413, 415)
SUBMIT_REFUSALS = (*BODY_REFUSALS, 422, 503, 507)
NDJSON: Schema = {
    "description": "A line of JSON for each job, in the order asked: job_id, status, and data, or"
    " reason and code",
    "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
}
