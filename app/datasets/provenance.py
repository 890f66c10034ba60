"""Where the files that are served came from, as far as their bytes show."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.datasets.files import DataFile
from app.datasets.source_note import BOXED, SourceNote
from app.installation import command
from app.messages import sources

# Of the files that come with this program; tests hold them so.
BUNDLED_SHA256 = "32577b4cd1df91329e31f849955333bf71641e4af5d5cf8a1dbda7bb8404a8ad"
RELEASE_SHA256 = "931b25f95796caad3e9b17c55f3b048a93b6d4b32f8ddef356e2ab3f87f06b9d"

_RELEASE_NAME = "CDC's release {dataset} of {month} (public domain)"
_NAMES = {
    BUNDLED_SHA256: sources.COURSE_SUBSET(dataset="hn4x-zwk7", years="2011-2022"),
    RELEASE_SHA256: _RELEASE_NAME.format(dataset="hn4x-zwk7", month="September 2025"),
}

_CDC = "CDC's release {dataset} of {month}, as it was downloaded."
_BOXED = (
    "CDC's release {dataset} of {month}, Nutrition, Physical Activity, and Obesity - Behavioral "
    "Risk Factor Surveillance System, which comes with this program: its figures as CDC published "
    f"them, in the public domain. `{command('data')}` downloads a newer one."
)
_ALL_CDC = "{count} files, each CDC's release {dataset} as it was downloaded at some time."
_SOME = "Not known of {names}. {why}"
_BUNDLED = (
    "The course's subset of CDC's release hn4x-zwk7 of 2011-2022, row by row; CDC's figures are in "
    "the public domain. 1,799 rows marked as filled hold a constant, and 11 others may; the year "
    "of 2,774 rows is not known, so they cover all years that they may be of, without limits."
)
_MOST_NAMED = 3
_CHANGED = (
    "Not known: a note of a download lies beside the file, but of other bytes, so the file was "
    f"changed or replaced since. `{command('data', '--force')}` downloads CDC's release anew."
)
_UNKNOWN = (
    "Not known: no note of a download lies beside the file."
    f" `{command('data')}` downloads CDC's release."
)


def name_of(files: Sequence[DataFile]) -> str | None:
    """Return what a source line says of files, as far as their bytes alone show it."""
    return _NAMES.get(files[0].sha256) if len(files) == 1 else None


def source(sha256: str, note: SourceNote | None) -> dict[str, Any]:
    """Return where bytes came from: `{"kind", "name", "url", "fetched", "updated", "message"}`.

    `kind` is "release", "subset" (the course's file) or "unknown"; `name` is for a source line,
    None where it is unknown. The times are UTC, and with `url` None for what is no release: when it
    was fetched, and when CDC last changed its rows.
    """
    if note and note.sha256 == sha256:
        said = _BOXED if note.way == BOXED else _CDC
        what = {"dataset": note.dataset, "month": _month(note.updated)}
        name = _RELEASE_NAME.format(**what)
        return _answer("release", said.format(**what), name, note.url, note.fetched, note.updated)
    if sha256 == BUNDLED_SHA256:
        return _answer("subset", _BUNDLED, _NAMES[sha256])
    return _answer("unknown", _CHANGED if note else _UNKNOWN)


def source_of(files: Sequence[DataFile], notes: Sequence[SourceNote | None]) -> dict[str, Any]:
    """Return where files came from, as `source` does of one; `notes` are those beside them.

    Several are a release where each of them is one: with the latest times, and the address where
    that is the same.
    """
    # By the bytes, not by their places: others may lie there by now.
    noted = {note.sha256: note for note in notes if note}
    if len(files) == 1:
        return source(files[0].sha256, noted.get(files[0].sha256) or next(iter(notes), None))
    found = [source(file.sha256, noted.get(file.sha256)) for file in files]
    strange = [(file.name, one) for file, one in zip(files, found, strict=True) if not one["url"]]
    if strange:
        named = ", ".join(name for name, _ in strange[:_MOST_NAMED])
        more = len(strange) - _MOST_NAMED
        names = named if more <= 0 else f"{named} and {more:,} more"
        return _answer("unknown", _SOME.format(names=names, why=strange[0][1]["message"]))
    datasets = sorted({noted[file.sha256].dataset for file in files})
    urls = {one["url"] for one in found}
    return _answer(
        "release",
        _ALL_CDC.format(count=len(files), dataset=" or ".join(datasets)),
        sources.SEVERAL_RELEASES(datasets=" or ".join(datasets)),
        urls.pop() if len(urls) == 1 else None,
        max(one["fetched"] for one in found),
        max(one["updated"] for one in found),
    )


def _month(time: str) -> str:
    """Return `September 2025` for a time that begins with 2025-09."""
    try:
        return datetime.strptime(time[:7], "%Y-%m").strftime("%B %Y")
    except ValueError:
        return time


def _answer(
    kind: str,
    message: str,
    name: str | None = None,
    url: str | None = None,
    fetched: str | None = None,
    updated: str | None = None,
) -> dict[str, Any]:
    times = {"fetched": fetched, "updated": updated}
    return {"kind": kind, "name": name, "url": url, **times, "message": message}
