"""The report of a grading, as Markdown, JSON or a page of HTML that needs nothing else."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from app.grade.faults import SECTIONS
from app.grade.findings import Finding
from app.grade.grading import Grading

CONTRACT = "docs/contract.md"


def as_data(grading: Grading) -> dict[str, Any]:
    """Return all of a grading as JSON has it."""
    points, full = grading.score
    return {
        "url": grading.url,
        "seed": grading.seed,
        "began": f"{datetime.fromtimestamp(grading.began, UTC):%Y-%m-%dT%H:%M:%SZ}",
        "score": {"points": round(points, 2), "of": full},
        "sections": [
            {
                "section": SECTIONS[section],
                "contract": f"{CONTRACT}#{section}",
                "points": round(got, 2),
                "of": of,
            }
            for section, (got, of) in grading.scores.items()
        ],
        "findings": [_finding(grading, finding) for finding in grading.findings],
        "checks": [
            {
                "check": outcome.name,
                "looks_for": outcome.looks_for,
                "left_out": outcome.left_out,
                "findings": len(outcome.findings),
                "seconds": round(outcome.seconds, 1),
                "silence": outcome.silence,
                "told": outcome.notes,
            }
            for outcome in grading.outcomes
        ],
    }


def _finding(grading: Grading, finding: Finding) -> dict[str, Any]:
    return {
        "fault": finding.fault.name,
        "title": finding.fault.title[:1].upper() + finding.fault.title[1:],
        "check": finding.check,
        "contract": f"{CONTRACT}#{finding.fault.section}",
        "section": SECTIONS[finding.fault.section],
        "route": finding.where,
        "points": round(grading.weights.cost(finding), 2),
        "seen": finding.seen,
        "exchanges": [exchange.told() for exchange in finding.exchanges],
        "mistake": finding.fault.mistake,
        "again": finding.again,
    }


def as_json(grading: Grading) -> str:
    """Return the report as JSON."""
    return json.dumps(as_data(grading), indent=2, ensure_ascii=False) + "\n"


def as_markdown(grading: Grading) -> str:
    """Return the report as Markdown."""
    data = as_data(grading)
    score = data["score"]
    lines = [
        f"# {score['points']:g} of {score['of']:g} points",
        "",
        f"{data['url']}, {data['began']}, seed {data['seed']}. "
        f"What is right is in `{CONTRACT}`; findings name its sections.",
        "",
        "| section | points | of |",
        "| --- | --- | --- |",
        *(f"| {one['section']} | {one['points']:g} | {one['of']:g} |" for one in data["sections"]),
        "",
        "## Findings",
        *([] if data["findings"] else ["", "None."]),
    ]
    for number, one in enumerate(data["findings"], 1):
        where = f" ({one['route']})" if one["route"] else ""
        lines += [
            "",
            f"### {number}. {one['title']}{where}",
            f"{one['fault']}, found by the check {one['check']}; section "
            f"{one['section']} of the contract; points: {one['points']:g}.",
            "",
            f"**Seen.** {_inline(one['seen'])}",
        ]
        if one["exchanges"]:
            lines += ["", *_fenced("\n\n".join(one["exchanges"]))]
        lines += ["", f"**The mistake.** {one['mistake']}"]
        if one["again"]:
            lines += ["", "**To see it again:**", *_fenced(one["again"])]
    lines += ["", "## Checks", "", "| check | looks for | findings | seconds |",
              "| --- | --- | --- | --- |"]  # fmt: skip
    for one in data["checks"]:
        found = "left out" if one["left_out"] else one["findings"]
        lines.append(f"| {one['check']} | {one['looks_for']} | {found} | {one['seconds']:g} |")
    for one in data["checks"]:
        silence = "" if one["findings"] or one["left_out"] else one["silence"]
        told = [f"Left out: {one['left_out']}."] if one["left_out"] else []
        told += [f"Nothing was found. {silence}"] if silence else []
        if told or one["told"]:
            lines += ["", f"**{one['check'].capitalize()}.** {' '.join(told)}".rstrip()]
            lines += [f"- {_inline(note)}" for note in one["told"]]
    return "\n".join(lines) + "\n"


def _inline(text: str) -> str:
    """Return a text so that Markdown shows it as it is."""
    for sign in "\\`*_<>#|[]":
        text = text.replace(sign, f"\\{sign}")
    return text


def _fenced(text: str) -> list[str]:
    fence = "```"
    while fence in text:
        fence += "`"
    return [f"{fence}text", text, fence]


def as_html(grading: Grading) -> str:
    """Return the report as a page."""
    from jinja2 import Environment, StrictUndefined

    template = Path(__file__).with_name("report.html").read_text(encoding="utf-8")
    page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return page.from_string(template).render(as_data(grading))


FORMS: Mapping[str, Callable[[Grading], str]] = MappingProxyType(
    {".html": as_html, ".md": as_markdown, ".json": as_json}
)
