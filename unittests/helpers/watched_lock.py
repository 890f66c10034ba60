"""Locks that note when a thread waits for one while it holds another."""

import importlib
import inspect
import pkgutil
import sys
import threading
from collections import Counter
from functools import partial
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import app


class Locks:
    """The locks that modules of `app` make from now on, by the name of the module."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for found in pkgutil.walk_packages(app.__path__, "app."):
            if not found.name.endswith("__main__"):
                importlib.import_module(found.name)
        self.taken: Counter[str] = Counter()
        self.nested: set[tuple[str, str]] = set()  # which was held, and which was waited for
        self.held = threading.local()
        names = {name: getattr(threading, name) for name in dir(threading) if name[0] != "_"}
        for module in self._modules():
            lock = partial(WatchedLock, self, module.__name__)
            monkeypatch.setattr(module, "threading", SimpleNamespace(**{**names, "Lock": lock}))

    @staticmethod
    def _modules() -> list[ModuleType]:
        modules = [module for name, module in sys.modules.items() if name.startswith("app.")]
        return [module for module in modules if getattr(module, "threading", None) is threading]

    @staticmethod
    def makers(package: str) -> set[str]:
        """Return the modules of a package that make locks."""
        modules = [module for name, module in sys.modules.items() if name.startswith(package)]
        return {one.__name__ for one in modules if "threading.Lock()" in inspect.getsource(one)}

    def held_here(self) -> list[str]:
        """Return the locks that the calling thread holds."""
        if not hasattr(self.held, "names"):
            self.held.names = []
        names: list[str] = self.held.names
        return names


class WatchedLock:
    """A lock that notes who takes it."""

    def __init__(self, locks: Locks, name: str) -> None:
        self._locks = locks
        self._name = name
        self._lock = threading.Lock()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take the lock."""
        held = self._locks.held_here()
        if blocking:
            self._locks.nested.update((other, self._name) for other in held)
        taken = self._lock.acquire(blocking, timeout)
        if taken:
            held.append(self._name)
            self._locks.taken[self._name] += 1
        return taken

    def release(self) -> None:
        """Give it back."""
        self._locks.held_here().remove(self._name)
        self._lock.release()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_error: Any) -> None:
        self.release()
