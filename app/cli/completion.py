"""What the shell completes: names of statistics, and of what the server has, if it answers soon."""

import os
import shlex
from collections.abc import Callable, Iterator
from typing import Any

import typer

from app.cli.options import DEFAULT_URL

Offered = list[tuple[str, str]]

_SOON = 0.5  # seconds that somebody who pressed Tab waits for a server


def questions(ctx: typer.Context, incomplete: str) -> Offered:
    """Offer ids of questions, and short names of one word."""

    def names() -> Iterator[tuple[str, str]]:
        for one in _listed(ctx, "questions"):
            yield one["id"], one["short_name"]
            if " " not in one["short_name"]:
                yield one["short_name"].lower(), one["text"]

    return _starting(incomplete, names())


def states(ctx: typer.Context, incomplete: str) -> Offered:
    """Offer the abbreviations of the states."""
    found = ((one["abbreviation"], one["name"]) for one in _listed(ctx, "states"))
    return _starting(incomplete, found)


def categories(ctx: typer.Context, incomplete: str) -> Offered:
    """Offer the categories."""
    return _starting(incomplete, ((one["name"], "") for one in _listed(ctx, "categories")))


def strata(ctx: typer.Context, incomplete: str) -> Offered:
    """Offer the strata."""
    found = (
        (stratum["name"], category["name"])
        for category in _listed(ctx, "categories")
        for stratum in category["strata"]
    )
    return _starting(incomplete, found)


def datasets(ctx: typer.Context, incomplete: str) -> Offered:
    """Offer the names of the datasets."""
    found = ((one["name"], one["file"]) for one in _listed(ctx, "datasets"))
    return _starting(incomplete, found)


def one_of(*words: str) -> Callable[[str], Offered]:
    """Return what offers some words."""

    def offer(incomplete: str) -> Offered:
        return _starting(incomplete, ((word, "") for word in words))

    return offer


def _starting(incomplete: str, found: Iterator[tuple[str, str]]) -> Offered:
    """Return what goes on from what was typed, in the letter case that it was typed in.

    What shells would want in quotes is left out: each of them quotes differently.
    """
    size = len(incomplete)
    as_typed = str.lower if incomplete.islower() else str
    return [
        (incomplete + as_typed(name[size:]), about)
        for name, about in found
        if name[:size].lower() == incomplete.lower() and shlex.quote(name) == name
    ]


def _listed(ctx: typer.Context, what: str) -> list[dict[str, Any]]:
    """Return what the server lists; nothing where it does not answer soon, whatever the reason."""
    from app.client.client import StatsClient
    from app.client.errors import StatsError
    from app.retries import Pace

    try:
        url = ctx.params.get("url") or os.environ.get("STATS_URL") or DEFAULT_URL
        token = ctx.params.get("token") or os.environ.get("STATS_TOKEN") or ""
        pace = Pace(connect=_SOON, silence=_SOON)
        # A statistic takes every option several times; which of them count, it says later.
        given = ctx.params.get("dataset") or None
        name = given if given is None or isinstance(given, str) else given[-1]
        with StatsClient(
            url, token=token, dataset=name, timeout=_SOON, retries=0, pace=pace
        ) as stats:
            found: list[dict[str, Any]] = getattr(stats, what)()
            return found
    except (StatsError, ValueError):
        return []
