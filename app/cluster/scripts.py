"""The scripts of `lua/`, which Redis runs as one step each."""

import hashlib
from importlib.resources import files

from app.cluster.keys import KEYS
from app.metrics import Durations

_COMMON = "common"
_ACCEPTS = "accept"
_ALWAYS = "#!lua flags=allow-oom\n"


class Scripts:
    """The sources of all scripts, each with what they share before it."""

    def __init__(self) -> None:
        folder = files("app.cluster") / "lua"
        texts = {
            entry.name.removesuffix(".lua"): entry.read_text(encoding="utf-8")
            for entry in folder.iterdir()
            if entry.name.endswith(".lua")
        }
        common = "".join(f"local {key} = '{name}'\n" for key, name in KEYS.items())
        common += f"local BOUNDS = {{{', '.join(map(str, Durations.BOUNDS))}}}\n"
        common += texts.pop(_COMMON)
        self._shas: dict[str, str] = {}
        self.sources: list[str] = []
        for name, text in sorted(texts.items()):
            # Where memory is short, no job is accepted; those that are go on, and old ones go.
            source = ("" if name == _ACCEPTS else _ALWAYS) + common + text
            self.sources.append(source)
            self._shas[name] = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()

    def sha(self, name: str) -> str:
        """Return what Redis calls a script by, once it was told the source."""
        return self._shas[name]
