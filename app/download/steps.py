"""The order of steps from a release on CDC's server to a whole file in its place.

Ask what there is; bring it by one way or the other; check that it is whole and still the newest;
only then put it in the place of the file that was there.
"""

import hashlib
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from app.datasets.source_note import SourceNote, read_note, write_note
from app.download.check import check_whole
from app.download.export import fetch_export
from app.download.pages import fetch_pages
from app.download.part_file import PartFile
from app.download.release import DATASET, Release, ask_release
from app.download.retrying_http import RetryingHttp
from app.download.settings import DownloadSettings
from app.durable_files import exclusive
from app.errors import CannotBegin, DownloadError, StorageError, WrongDownload
from app.output_files import file_to_replace
from app.progress import Meter
from app.sources import DOWNLOAD

# How often to begin anew because CDC published meanwhile.
_MOST_ROUNDS = 3


class _ReleaseChanged(Exception):
    """CDC published other data while they were downloaded."""


class _WayFailed(Exception):
    """One of the two ways to the data led nowhere; the other may do."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is in place now; `news` tells whether that was downloaded."""

    note: SourceNote
    news: bool


def download(settings: DownloadSettings, http: RetryingHttp, console: Console) -> Outcome:
    """Have CDC's current release in its place.

    Raises DownloadError, or StorageError when the disk does not take it; then the file that was
    there is as it was. It is CannotBegin where nothing was asked for.
    """
    target = _target(settings.to)
    steps = _Steps(settings, target, http, console)
    with ExitStack() as held:
        try:
            lock = target.with_name(target.name + ".lock")
            held.enter_context(exclusive(lock, f"a download to {target}"))
        except (DownloadError, StorageError) as error:
            raise CannotBegin(str(error)) from None
        for _ in range(_MOST_ROUNDS):
            try:
                return steps.round()
            except _ReleaseChanged:
                console.print("CDC has changed the data meanwhile; starting again")
    raise DownloadError("CDC is changing the data again and again; try later")


def can_go_on(to: Path) -> bool:
    """Tell whether a later run may go on with something that came of a download to this file."""
    with suppress(OSError):
        target = file_to_replace(to)
        return target is not None and any(part.is_there for part in _parts(target).values())
    return False


def _parts(target: Path) -> Mapping[str, PartFile]:
    """Return what is kept of a download on the way to its file, by the way that it comes."""
    return {
        way: PartFile(target.with_name(f"{target.name}.{way}.part")) for way in ("export", "paged")
    }


def _target(path: Path) -> Path:
    """Return the file to replace; raise CannotBegin where there can be none."""
    try:
        target = file_to_replace(path)
    except OSError as error:
        raise CannotBegin(f"{path}: {error.strerror}") from None
    if target is None:
        raise CannotBegin(f"{path} is no regular file, and nothing else is replaced")
    if path == DOWNLOAD:  # an installed program's is made when it is first needed
        _make_folder(target.parent)
    if not target.parent.is_dir():
        raise CannotBegin(f"there is no folder {target.parent}")
    return target


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotBegin(f"{folder}: {error.strerror}") from error


class _Steps:
    def __init__(
        self, settings: DownloadSettings, target: Path, http: RetryingHttp, console: Console
    ) -> None:
        self._settings, self._target, self._http, self._console = settings, target, http, console

    def round(self) -> Outcome:
        release = ask_release(self._http)
        note = self._note_of_newest(release)
        if note and not self._settings.force:
            return Outcome(note, news=False)
        self._console.print(
            f"CDC's release as of {release.updated[:10]}, {release.rows:,} rows,"
            f" from {self._http.base}"
        )
        if not self._settings.paged:
            try:
                return Outcome(self._by("export", release), news=True)
            except _WayFailed as failure:
                self._console.print(f"{failure}; asking for the rows page by page instead")
        try:
            return Outcome(self._by("paged", release), news=True)
        except _WayFailed as failure:
            raise DownloadError(str(failure)) from failure

    def _note_of_newest(self, release: Release) -> SourceNote | None:
        """Return the note of the file in place, where that is this release, unaltered."""
        note = read_note(self._target)
        if note is None or (note.dataset, note.updated) != (DATASET, release.updated):
            return None
        try:
            with self._target.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            return None
        return note if digest == note.sha256 else None

    def _by(self, way: str, release: Release) -> SourceNote:
        part = _parts(self._target)[way]
        try:
            url = self._bring(way, release, part)
            self._console.print("checking that it is whole")
            digest = check_whole(part.path, release)
        except WrongDownload as error:
            part.discard()
            self._confirm(release)
            raise _WayFailed(f"what came by the {way} way is not the release: {error}") from error
        except DownloadError as error:
            raise _WayFailed(str(error)) from error
        finally:
            part.close()
        try:
            self._confirm(release)
        except _ReleaseChanged:
            part.discard()
            raise
        part.become(self._target)
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        note = SourceNote(DATASET, url, way, now, release.updated, release.rows, digest)
        try:
            write_note(self._target, note)
            for each in _parts(self._target).values():
                each.discard()
        except StorageError as error:  # a pity, but the data are in their place
            self._console.print(str(error))
        return note

    def _confirm(self, release: Release) -> None:
        """Raise _ReleaseChanged when CDC has another release now.

        What was downloaded and what CDC said of it may be of two releases then.
        """
        if ask_release(self._http) != release:
            raise _ReleaseChanged

    def _bring(self, way: str, release: Release, part: PartFile) -> str:
        with Meter(self._console, "bytes" if way == "export" else "rows") as meter:
            if way == "export":
                return fetch_export(self._http, release, part, meter)
            return fetch_pages(self._http, release, part, meter, self._settings.page_rows)
