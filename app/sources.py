"""Where the file that is served came from, as far as can be told from its bytes."""

from typing import Any

from app.source_note import SourceNote

# Of nutrition_activity_obesity_usa_subset.csv, which has no note beside it; a test holds it so.
BUNDLED_SHA256 = "91fa8b6e79bedfd99f90c8b0a3142c740c6adee2b7268f6cec339dcaf9040d3f"

_CDC = "CDC's release {dataset}, as it was downloaded."
_BUNDLED = (
    "A reconstruction from published aggregates, not CDC's file: the numbers of rows and the means "
    "of whole cells (question, place and stratum) are right; single years, confidence limits and "
    "sample sizes are not in it; some values that are not marked as filled hold a share of the "
    "constant. `make data` downloads CDC's release."
)
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


def _answer(
    kind: str,
    message: str,
    url: str | None = None,
    fetched: str | None = None,
    updated: str | None = None,
) -> dict[str, Any]:
    return {"kind": kind, "url": url, "fetched": fetched, "updated": updated, "message": message}
