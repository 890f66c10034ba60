"""The files of the page: styles, scripts and what they stand on, each compressed once."""

import gzip
import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

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

    def __init__(self, path: Path) -> None:
        """Read it."""
        self.content_type = _TYPES[path.suffix]
        self.plain = path.read_bytes()

    @cached_property
    def zipped(self) -> bytes:
        """Its bytes, compressed once somebody asks for them: many a server has no such visitor."""
        return gzip.compress(self.plain, mtime=0)


class Assets:
    """The files of a folder, and a few from elsewhere, by name; read when first asked for."""

    def __init__(self, folder: Path, elsewhere: Mapping[str, Path]) -> None:
        """`elsewhere` has files that do not lie in `folder`, by the names that they get."""
        self._paths = {
            path.relative_to(folder).as_posix(): path
            for path in sorted(folder.rglob("*"))
            if path.suffix in _TYPES
        }
        self._paths |= elsewhere

    @property
    def names(self) -> list[str]:
        """The names of all files, such as `js/explore.js`."""
        return list(self._paths)

    @cached_property
    def version(self) -> str:
        """A digest of all files: an address with it in it always has the same content."""
        digest = hashlib.sha256()
        for name, asset in self._assets.items():
            digest.update(name.encode() + b"\0" + asset.plain)
        return digest.hexdigest()[:12]

    def find(self, name: str) -> Asset | None:
        """Return the file of this name, if there is one."""
        return self._assets.get(name)

    @cached_property
    def _assets(self) -> dict[str, Asset]:
        return {name: Asset(path) for name, path in self._paths.items()}
