"""The scripts of `lua/`, which Redis runs as one step each."""

from functools import cache
from importlib.resources import files
from typing import Any

from redis import Redis
from redis.commands.core import Script

from app.cluster.keys import KEYS


@cache
def _source(name: str) -> str:
    folder = files("app.cluster") / "lua"
    keys = "".join(f"local {key} = '{value}'\n" for key, value in KEYS.items())
    parts = [(folder / f"{part}.lua").read_text(encoding="utf-8") for part in ("common", name)]
    return keys + "".join(parts)


class Scripts:
    """What can be asked of one Redis in one step; each call is a round trip."""

    def __init__(self, client: "Redis") -> None:
        self._client = client
        self._known: dict[str, Script] = {}

    def run(self, name: str, *arguments: str | bytes | float) -> Any:
        """Run a script and return what it returns; raises as the client does."""
        script = self._known.get(name)
        if script is None:
            # Sends the source along where Redis does not know it (any more).
            script = self._known[name] = self._client.register_script(_source(name))
        return script(args=arguments)
