"""The files of the page: styles, scripts and what they stand on, each compressed once."""

import gzip
import hashlib
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from app.web.joined import joined

_TYPES: Mapping[str, str] = MappingProxyType(
    {
        ".css": "text/css; charset=utf-8",
        ".ico": "image/vnd.microsoft.icon",
        ".js": "text/javascript; charset=utf-8",
        ".json": "application/json",
        ".svg": "image/svg+xml",
    }
)


class Asset:
    """A file as it is sent."""

    def __init__(self, content_type: str, plain: bytes) -> None:
        self.content_type = content_type
        self.plain = plain

    @cached_property
    def zipped(self) -> bytes:
        """Its bytes, compressed once somebody asks for them: many a server has no such visitor."""
        return gzip.compress(self.plain, mtime=0)


class Assets:
    """The files of a folder, and a few that are made, by name; all read when first asked.

    A script or a style comes with all that it imports.
    """

    def __init__(self, folder: Path, made: Mapping[str, Callable[[], bytes]]) -> None:
        """`made` has what makes those that do not lie in `folder`, by the names that they get."""
        self._folder = folder
        self._made = made
        self._assets: dict[str, Asset] = {}

    @cached_property
    def version(self) -> str:
        """A digest of all files: an address with it in it always has the same content."""
        digest = hashlib.sha256()
        for name, content in self._contents.items():
            digest.update(name.encode() + b"\0" + content)
        return digest.hexdigest()[:12]

    def find(self, name: str) -> Asset | None:
        """Return the file of this name, if there is one."""
        if name not in self._contents:
            return None
        if name not in self._assets:
            suffix, content = Path(name).suffix, self._contents[name]
            if suffix in (".css", ".js"):
                content = joined(name, self._text).encode()
            self._assets[name] = Asset(_TYPES[suffix], content)
        return self._assets[name]

    def _text(self, name: str) -> str:
        return self._contents[name].decode()

    @cached_property
    def _contents(self) -> dict[str, bytes]:
        read = {
            path.relative_to(self._folder).as_posix(): path.read_bytes()
            for path in sorted(self._folder.rglob("*"))
            if path.suffix in _TYPES
        }
        return read | {name: make() for name, make in self._made.items()}
