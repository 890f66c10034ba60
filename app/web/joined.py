"""Joins what a script or a style of the page imports into one file, which is loaded in one request.

A browser that has never been here would ask for some sixty small files, six at a time. The files
stand as they are written: browsers could load them one by one, too.

Scripts are ES modules of one form, which is checked: they import names, `import { one, other as
another } from "./file.js";`, and export what they declare, `export function name`. Each becomes a
function that is called once, after those that it imports, and returns what it exports. Styles
import whole files: `@import "file.css";`.
"""

import posixpath
import re
from collections.abc import Callable
from functools import partial

_IMPORT = re.compile(r'^import \{([^}]*)\} from "([^"]+)";', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:function|class|const) (\w+))", re.MULTILINE)
_STYLE_IMPORT = re.compile(r'^@import ()"([^"]+)";\n', re.MULTILINE)
# No other line starts with one of these words.
_LEFT = re.compile(r"^@?(?:import|export)\b.*", re.MULTILINE)


def joined(name: str, text_of: Callable[[str], str]) -> str:
    """Return a script or a style with all that it imports, directly or not, each once.

    `text_of` returns what a file of a name says. Raises ValueError where files import each other,
    and for imports and exports of another form.
    """
    ordered: list[str] = []
    _put_in_order(name, text_of, ordered, ())
    if ordered == [name]:
        return text_of(name)
    if _is_style(name):
        return "".join(_style(one, text_of(one)) for one in ordered)
    return "const modules = {};\n" + "".join(_script(one, text_of(one)) for one in ordered)


def _put_in_order(
    name: str, text_of: Callable[[str], str], ordered: list[str], path: tuple[str, ...]
) -> None:
    if name in path:
        raise ValueError(f"files import each other: {' > '.join((*path, name))}")
    if name in ordered:
        return
    form = _STYLE_IMPORT if _is_style(name) else _IMPORT
    for found in form.finditer(text_of(name)):
        _put_in_order(_beside(name, found[2]), text_of, ordered, (*path, name))
    ordered.append(name)


def _style(name: str, text: str) -> str:
    return _checked(name, _STYLE_IMPORT.sub("", text))


def _script(name: str, text: str) -> str:
    exported = ", ".join(declared for _, declared in _EXPORT.findall(text))
    body = _checked(name, _EXPORT.sub(r"\1", _IMPORT.sub(partial(_taken, name), text)))
    return f'modules["{name}"] = (() => {{\n{body}return {{ {exported} }};\n}})();\n'


def _taken(name: str, found: re.Match[str]) -> str:
    """Return what takes names from a module that has run."""
    return f'const {{{found[1].replace(" as ", ": ")}}} = modules["{_beside(name, found[2])}"];'


def _checked(name: str, text: str) -> str:
    if left := _LEFT.search(text):
        raise ValueError(f"{name}: {left[0]!r} is of a form that is not known here")
    return text


def _is_style(name: str) -> bool:
    return name.endswith(".css")


def _beside(name: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
