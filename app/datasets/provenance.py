"""Where the files that are served came from, as far as their bytes show."""

from collections.abc import Sequence
from typing import Any

from app.datasets.files import DataFile
from app.datasets.source_note import SourceNote

# Of nutrition_activity_obesity_usa_subset.csv, which has no note beside it; a test holds it so.
BUNDLED_SHA256 = "91fa8b6e79bedfd99f90c8b0a3142c740c6adee2b7268f6cec339dcaf9040d3f"

_CDC = "CDC's release {dataset}, as it was downloaded."
_ALL_CDC = "{count} files, each CDC's release {dataset} as it was downloaded at some time."
_SOME = "Not known of {names}. {why}"
_BUNDLED = (
    "A reconstruction from published aggregates, not CDC's file: the numbers of rows and the means "
    "of whole cells (question, place and stratum) are right; single years, confidence limits and "
    "sample sizes are not in it; some values that are not marked as filled hold a share of the "
    "constant. `make data` downloads CDC's release."
)
_MOST_NAMED = 3
_CHANGED = (
    "Not known: a note of a download lies beside the file, but of other bytes, so the file was "
    "changed or replaced since. `make data ARGS=--force` downloads CDC's release anew."
)
_UNKNOWN = (
    "Not known: no note of a download lies beside the file. `make data` downloads CDC's release."
)


def source(sha256: str, note: SourceNote | None) -> dict[str, Any]:
    """Return where bytes came from: `{"kind", "url", "fetched", "updated", "message"}`.

    `kind` is "release", "reconstruction" or "unknown". The times are UTC, and with `url` None for
    what is no release: when it was fetched, and when CDC last changed its rows.
    """
    if note and note.sha256 == sha256:
        message = _CDC.format(dataset=note.dataset)
        return _answer("release", message, note.url, note.fetched, note.updated)
    if sha256 == BUNDLED_SHA256:
        return _answer("reconstruction", _BUNDLED)
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
        urls.pop() if len(urls) == 1 else None,
        max(one["fetched"] for one in found),
        max(one["updated"] for one in found),
    )


def _answer(
    kind: str,
    message: str,
    url: str | None = None,
    fetched: str | None = None,
    updated: str | None = None,
) -> dict[str, Any]:
    return {"kind": kind, "url": url, "fetched": fetched, "updated": updated, "message": message}
