"""All statistics, by name. A new one is a module of its own, and a line here."""

import importlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from app.errors import BadRequest
from app.messages import reasons
from app.statistics.against import Against
from app.statistics.change import Change
from app.statistics.compare import Compare
from app.statistics.correlation import Correlation
from app.statistics.course import COURSE_STATISTICS
from app.statistics.disparity import Disparity
from app.statistics.inequality import Inequality
from app.statistics.parameters import prepare
from app.statistics.query import Query
from app.statistics.ranking import Ranking
from app.statistics.statistic import Statistic
from app.statistics.trend import Trend


class Registry(Mapping[str, Statistic[Any]]):
    """Statistics by name, in an order of their own."""

    def __init__(self, *statistics: Statistic[Any]) -> None:
        self._by_name = {statistic.name: statistic for statistic in statistics}
        for statistic in statistics:
            prepare(statistic.parameters)
        self._loaded = False

    def __getitem__(self, name: str) -> Statistic[Any]:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def find(self, name: str) -> Statistic[Any]:
        """Return the statistic of this name; raise BadRequest, with those that are known."""
        if name not in self._by_name:
            raise BadRequest(reasons.UNKNOWN_STATISTIC(name=name[:100], known=", ".join(self)))
        return self._by_name[name]

    def load(self) -> None:
        """Import what the statistics stand on; the first call does it.

        Modules are imported when first needed: some of them take as long as all the rest of a
        start. A server does it once it runs, while there are descriptors to open files with. Raises
        OSError or ImportError where there are none: then the next call tries again.
        """
        if self._loaded:
            return
        app = Path(__file__).parent.parent
        for package in ("methods", "statistics", "statistics/in_words"):
            # pkgutil would take a folder that cannot be opened for an empty one.
            for path in (app / package).iterdir():
                if path.suffix == ".py" and path.stem != "__init__":
                    module = path.relative_to(app.parent).with_suffix("")
                    importlib.import_module(".".join(module.parts))
        self._loaded = True

    def plus(self, *more: Statistic[Any]) -> "Registry":
        """Return a registry that has some more."""
        return Registry(*self.values(), *more)


STATISTICS = Registry(
    *COURSE_STATISTICS,
    Query(),
    Trend(),
    Change(),
    Ranking(),
    Disparity(),
    Inequality(),
    Compare(),
    Against(),
    Correlation(),
)
