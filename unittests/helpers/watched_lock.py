"""Every lock of the program, and what a thread holds when it waits for another.

The locks are found in the source, so none can be forgotten: whoever adds one has to have a test
take it, and to write it down in docs/design.md.
"""

import ast
import importlib
import re
import threading
import traceback
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from unittests.helpers.files import PROJECT

# Held while something is done, so other locks are taken meanwhile: those further down this list,
# and those that are not in it. Each of these others is held for a few statements alone, and nothing
# is waited for meanwhile. docs/design.md quotes this.
HELD_WHILE_WORKING = (
    "JobService._waiters",
    "Limiter._inside",
    "Limiter._working",
    "Catalogue._reloading",
    "Rows._reading",
    "Drawer._lock",
)

_KINDS = ("Lock", "RLock", "Condition", "Semaphore", "BoundedSemaphore")
# What has none of these creates no lock, and need not be parsed.
_CREATES = re.compile(rf"threading\.({'|'.join(_KINDS)})\b|from threading import")

Place = tuple[str, int]  # a file and a line


@cache
def find_locks() -> dict[Place, str]:
    """Return where locks are created, and their names, such as `ThreadPool._lock`.

    Those of the grader, which is a program of its own that asks servers, are no part of it.
    """
    found: dict[Place, str] = {}
    for path in sorted((PROJECT / "app").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if not _CREATES.search(text) or PROJECT / "app" / "grade" in path.parents:
            continue
        tree = ast.parse(text)
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "threading":
                names = {alias.name for alias in node.names}
                assert not names & {*_KINDS, "*"}, f"{path}: import threading, for this test"
            if isinstance(node, ast.ClassDef):
                found |= _locks_of(node, path)
        lines = {line for file, line in found if file == str(path)}
        created = {_line_of_lock(node) for node in ast.walk(tree)} - {None}
        assert created == lines, f"{path}: locks that are attributes of no object"
    return found


def _locks_of(class_: ast.ClassDef, path: Path) -> dict[Place, str]:
    found: dict[Place, str] = {}
    for node in ast.walk(class_):
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        if not (isinstance(target, ast.Attribute) and isinstance(node, ast.Assign)):
            continue
        for inner in ast.walk(node.value):
            if (line := _line_of_lock(inner)) is not None:
                found[str(path), line] = f"{class_.name}.{target.attr}"
    return found


def _line_of_lock(node: ast.AST) -> int | None:
    """Return the line of a call that creates a lock; None for any other node."""
    match node:
        case ast.Call(func=ast.Attribute(ast.Name("threading"), "Condition"), args=[_, *_]):
            return None  # of a lock that is created elsewhere
        case ast.Call(func=ast.Attribute(ast.Name("threading"), kind), lineno=line):
            return line if kind in _KINDS else None
    return None


class Locks:
    """The locks that the program creates from now on, and what a thread holds when it takes one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.taken: set[str] = set()
        self.pairs: set[tuple[str, str]] = set()  # what was held, and what was waited for then
        self._held = threading.local()
        public = {name: getattr(threading, name) for name in dir(threading) if name[0] != "_"}
        changed = {"Lock": self._lock, "Semaphore": self._semaphore, "Condition": self._condition}
        namespace = SimpleNamespace(**{**public, **changed})
        for file in {file for file, _ in find_locks()}:
            name = ".".join(Path(file).relative_to(PROJECT).with_suffix("").parts)
            monkeypatch.setattr(importlib.import_module(name), "threading", namespace)

    def _lock(self) -> "WatchedLock":
        return WatchedLock(self, _name_of_caller(), threading.Lock())

    def _semaphore(self, value: int = 1) -> "WatchedLock":
        # One with no permits at first is a signal: whoever has waited for it holds nothing.
        return WatchedLock(self, _name_of_caller(), threading.Semaphore(value), is_held=value > 0)

    def _condition(self, of: Any = None) -> threading.Condition:
        own: Any = of or WatchedLock(self, _name_of_caller(), threading.Lock())
        return threading.Condition(own)

    def held_here(self) -> list[str]:
        """Return the names of the locks that the calling thread holds."""
        if not hasattr(self._held, "names"):
            self._held.names = []
        names: list[str] = self._held.names
        return names

    @property
    def nested(self) -> set[tuple[str, str]]:
        """Those of `pairs` that are against the order."""
        order = HELD_WHILE_WORKING
        return {
            (held, wanted)
            for held, wanted in self.pairs
            if held not in order or (wanted in order and order.index(wanted) <= order.index(held))
        }


def _name_of_caller() -> str:
    """Return the name of the lock that is being created by the caller's caller."""
    creator = traceback.extract_stack(limit=3)[0]
    return find_locks()[creator.filename, creator.lineno or 0]


class WatchedLock:
    """A lock that notes what the thread that takes it holds already."""

    def __init__(self, locks: Locks, name: str, lock: Any, *, is_held: bool = True) -> None:
        self._locks = locks
        self._name = name
        self._lock = lock
        self._is_held = is_held

    def acquire(self, blocking: bool = True, timeout: float | None = None) -> bool:
        """Take it."""
        held = self._locks.held_here()
        if blocking:  # who does not wait for it cannot wait for ever
            self._locks.pairs.update([(other, self._name) for other in held])
        more = {} if timeout is None else {"timeout": timeout}
        taken: bool = self._lock.acquire(blocking, **more)
        if taken:
            self._locks.taken.add(self._name)
        if taken and self._is_held:
            held.append(self._name)
        return taken

    def release(self) -> None:
        """Give it back; a semaphore may be given by another thread."""
        held = self._locks.held_here()
        if self._name in held:
            held.remove(self._name)
        self._lock.release()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_error: object) -> None:
        self.release()
