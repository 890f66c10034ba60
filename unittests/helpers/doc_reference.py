"""Writes the tables of docs/reference.md from what the server itself says.

`make reference` writes them anew, below the line that says so.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from flask import Flask

from app.http.error_handlers import ANSWERS, CODES
from app.openapi.schemas import REFUSALS
from unittests.helpers.app import running_app
from unittests.helpers.files import PROJECT, scratch

PAGE = PROJECT / "docs" / "reference.md"
MARK = "<!-- What follows is written by `make reference`. -->\n"
GROUPS = {
    "Questions": "Each accepts a job and answers its `job_id`, or, with `Prefer: wait=10`,"
    " [its result](collecting.md#wait-instead-of-asking-again). Each, and a batch, takes an"
    " [`Idempotency-Key`](collecting.md#send-a-submit-again).",
    "Jobs": "`<job_id>` is such as `job_id_7`, or just `7`.",
    "Data": "",
    "Server": "",
}
Operation = dict[str, Any]


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    columns = list(columns)
    for cells in (columns, ["---"] * len(columns), *rows):
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
    yield ""


def _codes(names: Iterable[str], before: str = "") -> str:
    return ", ".join(f"`{before}{name}`" for name in names)


def _resolved(schema: Operation, schemas: dict[str, Operation]) -> Operation:
    """Return a schema without references, and of one that null fits too, the other one."""
    if "$ref" in schema:
        schema = {**schemas[schema["$ref"].rpartition("/")[2]], **schema}
    if {"type": "null"} in schema.get("anyOf", ()):
        (other,) = (one for one in schema["anyOf"] if one != {"type": "null"})
        schema = {**_resolved(other, schemas), **schema}
    if "properties" in schema:
        fields = schema["properties"].items()
        schema["properties"] = {name: _resolved(field, schemas) for name, field in fields}
    return schema


def _body(operation: Operation, schemas: dict[str, Operation]) -> Operation:
    """Return the schema of an operation's body."""
    return _resolved(operation["requestBody"]["content"]["application/json"]["schema"], schemas)


def _fields(schema: Operation) -> str:
    """Return what an object needs, and in brackets what else it may have."""
    needed = schema.get("required", [])
    others = [name for name in schema["properties"] if name not in needed]
    return " ".join(filter(None, (_codes(needed), f"[{_codes(others)}]" if others else "")))


def _sent(operation: Operation, schemas: dict[str, Operation]) -> str:
    """Return what is sent with a request: in its body, or in the query of its address."""
    parts = []
    if "requestBody" in operation:
        schema = _body(operation, schemas)
        if schema["type"] == "array":
            parts.append(f"an array of at most {schema['maxItems']:,}: {_fields(schema['items'])}")
        else:
            parts.append(_fields(schema))
    queries = (one["name"] for one in operation.get("parameters", ()) if one["in"] == "query")
    some = _codes(queries, "?")
    parts.append(some and f"[{some}]")
    return " ".join(filter(None, parts))


def _routes(paths: dict[str, dict[str, Operation]], schemas: dict[str, Operation]) -> Iterator[str]:
    for group, about in GROUPS.items():
        rows = []
        for path, operations in paths.items():
            address = path.replace("{", "<").replace("}", ">")
            for method, operation in operations.items():
                if operation["tags"] == [group]:
                    summary = operation["summary"].rstrip(".")
                    rows.append(
                        (f"`{method.upper()} {address}`", _sent(operation, schemas), summary)
                    )
        yield f"## {group}\n"
        if about:
            yield f"{about}\n"
        yield from _table(("route", "takes", "what it does"), rows)


def _values(schema: Operation) -> str:
    """Return what a value may be, where it is one of a few or a number within limits."""
    known = schema.get("enum") or schema.get("items", {}).get("enum")
    if known:
        return _codes(known)
    low, high = schema.get("minimum"), schema.get("maximum")
    return "" if low is None or high is None else f"{_number(low)} to {_number(high)}"


def _number(value: int) -> str:
    return f"{value:,}" if value >= 10_000 else str(value)  # a year has no comma


def _bodies(paths: dict[str, dict[str, Operation]], schemas: dict[str, Operation]) -> Iterator[str]:
    fields: dict[tuple[str, str, str], list[str]] = {}
    for path, operations in paths.items():
        for operation in operations.values():
            if operation["tags"] != ["Questions"]:
                continue
            for name, field in _body(operation, schemas)["properties"].items():
                key = (name, field.get("description", ""), _values(field))
                fields.setdefault(key, []).append(path.rpartition("/")[2])
    yield "## What a body may say\n"
    rows = sorted(
        (f"`{name}`", _codes(of), meaning, values) for (name, meaning, values), of in fields.items()
    )
    yield from _table(("field", "of", "meaning", "values"), rows)


def _queries(paths: dict[str, dict[str, Operation]]) -> Iterator[str]:
    rows = []
    for path, operations in paths.items():
        address = path.replace("{", "<").replace("}", ">")
        for operation in operations.values():
            for one in operation.get("parameters", ()):
                if one["in"] == "query":
                    values = _values(one["schema"])
                    rows.append((f"`?{one['name']}=`", f"`{address}`", one["description"], values))
    yield "## What an address may say\n"
    yield from _table(("query", "of", "meaning", "values"), sorted(rows))


_REFUSALS = """## Refusals

Each is `{"status":"error","reason":"..."}`. With `Accept: application/problem+json` it has the form
of RFC 9457:
`{"type":"about:blank","title":"Conflict","status":409,"detail":"...","code":"too-late"}`. Programs
tell errors apart by the code, which does not change. With `unknown-name` comes `nearest`, the known
names most like it; of a batch, `item` is the place of the job that is meant, counted from 0.
"""


def _refusals() -> Iterator[str]:
    yield _REFUSALS
    codes: dict[int, list[str]] = defaultdict(list)
    for status, code in (*ANSWERS.values(), *CODES.items()):
        codes[int(status)].append(f"`{code}`")
    yield from _table(
        ("status", "codes", "why"),
        ((str(status), ", ".join(codes[status]), why) for status, why in sorted(REFUSALS.items())),
    )


def _metrics(text: str) -> Iterator[str]:
    yield "## Metrics\n"
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
    meanings = re.findall(r"^# HELP (\S+) (.*)$", text, re.MULTILINE)
    rows = ((f"`{name}`", kinds[name], meaning) for name, meaning in meanings)
    yield from _table(("metric", "kind", "meaning"), rows)


def as_markdown(app: Flask) -> str:
    """Return the tables."""
    client = app.test_client()
    description = client.get("/openapi/openapi.json").get_json()
    paths, schemas = description["paths"], description["components"]["schemas"]
    metrics = client.get("/metrics").text
    lines = [
        *_routes(paths, schemas),
        *_bodies(paths, schemas),
        *_queries(paths),
        *_refusals(),
        *_metrics(metrics),
    ]
    return "\n".join(lines)


def main() -> None:
    """Write the tables anew."""
    with scratch() as folder, running_app(folder, threads=0) as app:
        before = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
        PAGE.write_text(f"{before}{MARK}\n{as_markdown(app)}", encoding="utf-8")


if __name__ == "__main__":
    main()
