"""The scripts in `lua/`. Redis runs each of them as one step."""

import hashlib
from importlib.resources import files

from app.cluster.keys import KEYS
from app.metrics import Durations

_COMMON = "common"
_ACCEPTS = "accept"

# The first line of a script that runs also where the memory of Redis is full.
ALWAYS = "#!lua flags=allow-oom\n"


class Scripts:
    """The sources of all scripts, each with the shared part before it."""

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
            # When memory is full, no job is accepted; all other scripts still run.
            source = ("" if name == _ACCEPTS else ALWAYS) + common + text
            self.sources.append(source)
            self._shas[name] = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()

    def sha(self, name: str) -> str:
        """Return the SHA-1 by which Redis knows a script once its source is loaded."""
        return self._shas[name]
