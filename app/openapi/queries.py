"""What the OpenAPI description says of queries: what an address may ask, as tables."""

from collections.abc import Iterator, Sequence
from typing import Any, get_args, get_origin

from msgspec import Struct, structs

from app.charts.kinds import KINDS
from app.charts.picture import SIZES
from app.http.query import MOST_NUMBER
from app.http.submit_headers import MOST_KEY
from app.statistics.in_words.languages import LANGUAGES
from app.statistics.parameters import alternatives, choices, description
from app.statistics.statistic import Statistic
from app.views.formats import FORMATS, TABLE_FORMATS
from app.views.job_details import STATUSES

Schema = dict[str, Any]

JOB_ID: Schema = {
    "name": "job_id",
    "in": "path",
    "required": True,
    "description": "`job_id_7`, or just `7`",
    "schema": {"type": "string"},
    "example": "job_id_1",
}

_WAIT: Schema = {
    "name": "wait",
    "in": "query",
    "description": "seconds to wait for jobs that are still running, 30 at most",
    "schema": {"type": "number", "minimum": 0, "maximum": 30},
}


def _any_of(name: str, items: Schema) -> Schema:
    return {
        "name": name,
        "in": "query",
        "description": f"jobs of this {name} alone; of several, where it comes again",
        "schema": {"type": "array", "items": items},
    }


def _format(known: Sequence[str]) -> Schema:
    return {
        "name": "format",
        "in": "query",
        "description": "what to answer in, `json` by default",
        "schema": {"enum": list(known)},
    }


_CHART: Schema = {
    "name": "chart",
    "in": "query",
    "description": "the kind of chart, for svg, png and vega; by default the one that suits",
    "schema": {"enum": list(KINDS)},
}
_DATASET: Schema = {
    "name": "dataset",
    "in": "query",
    "description": "the name of a dataset; by default the one with `default` in /api/datasets",
    "schema": {"type": "string"},
}
ASKED_BY_ADDRESS: Schema = {
    **_DATASET,
    "description": "the dataset to ask; by default as /api/datasets has it",
}
ASKED: Schema = {**_DATASET, "description": "the dataset to ask, where the body names none"}
_SIZE: Schema = {
    "name": "size",
    "in": "query",
    "description": "for svg and png: `wide` is 1200 x 675 pixels, `square` 1080 x 1080, `narrow` "
    "540 x 675; by default a picture is as large as its chart",
    "schema": {"enum": list(SIZES)},
}
_LANGUAGE: Schema = {
    "name": "lang",
    "in": "query",
    "description": "the language of charts, and of sentences: warnings, reasons, what is asked",
    "schema": {"enum": list(LANGUAGES)},
}
_OF_SENTENCES: Schema = {**_LANGUAGE, "description": "the language of its sentences"}
_OF_CHARTS: list[Schema] = [_CHART, _SIZE, _LANGUAGE]
_OF_ANSWERS: list[Schema] = [_format(FORMATS), *_OF_CHARTS]
STATISTIC: Schema = {
    "name": "name",
    "in": "path",
    "required": True,
    "description": "a statistic and, behind a dot, the format to answer in",
    "schema": {"type": "string"},
    "example": "ranking.csv",
}


# What headers of a submit ask, and what headers of its answer tell.
KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "who repeats a submit with its key, as long as its jobs are kept, gets these; in"
    " quotes or without",
    "schema": {"type": "string", "pattern": f"^[0-9A-Za-z_-]{{1,{MOST_KEY}}}$"},
}
PREFER: Schema = {
    "name": "Prefer",
    "in": "header",
    "description": "`wait=10` waits so many seconds, 30 at most, and answers with the result of a"
    " job that ends within them",
    "schema": {"type": "string"},
}
TOLD_OF_A_SUBMIT: Schema = {
    name: {"description": about, "schema": {"type": "string"}}
    for name, about in {
        "Location": "where its result is, relative to this address",
        "Link": "`describedby`: where what is known of the job is",
        "Preference-Applied": "`wait=10`, where this is the result and no id alone",
        "Content-Location": "where this result is, too",
    }.items()
}


def address_of(statistic: Statistic[Any]) -> list[Schema]:
    """Return the parameters of a statistic's address: what it is asked, and in what it answers."""
    return [*_parameters(statistic.parameters, ""), ASKED_BY_ADDRESS, *_OF_ANSWERS]


def _parameters(model: type[Struct], prefix: str) -> Iterator[Schema]:
    for field in structs.fields(model):
        name, kinds = f"{prefix}{field.encode_name}", alternatives(field.type)
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, Struct):
                yield from _parameters(kind, f"{name}.")
        schema = _schema(field.type)
        if schema is not None:
            yield {
                "name": name,
                "in": "query",
                "required": field.required and not prefix,
                "description": description(field.type),
                "schema": schema,
            }


def _schema(kind: Any) -> Schema | None:
    """Return the schema of a parameter; None for an object, whose parts are parameters."""
    kinds = alternatives(kind)
    lists = [one for one in kinds if get_origin(one) is list]
    if lists:
        return {"type": "array", "items": _schema(get_args(lists[0])[0])}
    if choices(kind):
        return {"enum": list(choices(kind))}
    for plain, name in ((bool, "boolean"), (int, "integer"), (str, "string")):
        if plain in kinds:
            return {"type": name}
    return None


QUERIES: dict[str, list[Schema]] = {
    "api.answer": [ASKED_BY_ADDRESS, *_OF_ANSWERS],
    "api.batch": [ASKED],
    "api.get_results": [_WAIT, _format(FORMATS), *_OF_CHARTS],
    "api.job": [_OF_SENTENCES],
    "api.rows": [_format(TABLE_FORMATS)],
    "api.batch_results": [_WAIT],
    "api.dataset": [_DATASET, _OF_SENTENCES],
    "api.statistics": [_OF_SENTENCES],
    "api.questions": [_DATASET],
    "api.states": [_DATASET],
    "api.categories": [_DATASET],
    "api.reload": [{**_DATASET, "description": "the name of the dataset to read; all by default"}],
    "api.activity": [
        _any_of("status", {"enum": list(STATUSES)}),
        _any_of("statistic", {"type": "string"}),
        _any_of("dataset", {"type": "string"}),
        {
            "name": "text",
            "in": "query",
            "description": "tell of jobs alone whose question, state or statistic, by any of its"
            " names, has all these words, or parts of words, in any letter case",
            "schema": {"type": "string", "maxLength": 200},
        },
        {
            "name": "before",
            "in": "query",
            "description": "tell of jobs before this one: `job_id_7`, or just `7`",
            "schema": {"type": "string", "pattern": "^(job_id_)?[1-9][0-9]{0,17}$"},
        },
        {
            "name": "limit",
            "in": "query",
            "description": "tell of so many jobs at most",
            "schema": {"type": "integer", "minimum": 1, "maximum": 200, "default": 50},
        },
        {
            "name": "since",
            "in": "query",
            "description": "with `wait`: the `state` that is known, to be told when it is another",
            "schema": {"type": "string"},
        },
        {**_WAIT, "description": "with `since`: seconds to wait for another state, 30 at most"},
        _OF_SENTENCES,
    ],
    "api.pool": [
        {
            "name": "since",
            "in": "query",
            "description": "with `wait`: the `state` that is known, to be told when it is another",
            "schema": {"type": "string"},
        },
        {
            "name": "after",
            "in": "query",
            "description": "tell of runs alone that are not among so many steps: the `count` known",
            "schema": {"type": "integer", "minimum": 1, "maximum": MOST_NUMBER},
        },
        {**_WAIT, "description": "with `since`: seconds to wait for another state, 30 at most"},
    ],
    "api.trace": [
        {
            "name": "job",
            "in": "query",
            "description": "tell of this job alone: `job_id_7`, or just `7`",
            "schema": {"type": "string", "pattern": "^(job_id_)?[1-9][0-9]{0,17}$"},
        },
        {**_WAIT, "description": "seconds to record for before the answer, 30 at most"},
    ],
    "api.list_jobs": [
        {
            "name": "status",
            "in": "query",
            "description": "list jobs of this status alone",
            "schema": {"enum": ["running", "done", "error"]},
        },
        {
            **_DATASET,
            "description": "list jobs of this dataset alone, which need not be served any more",
        },
        {
            "name": "after",
            "in": "query",
            "description": "list jobs after this one: `job_id_7`, or just `7`",
            "schema": {"type": "string", "pattern": "^(job_id_)?(0|[1-9][0-9]{0,17})$"},
        },
        {
            "name": "limit",
            "in": "query",
            "description": "list so many jobs at most",
            "schema": {"type": "integer", "minimum": 1, "maximum": MOST_NUMBER},
        },
    ],
}
