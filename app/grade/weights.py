"""How many points a finding costs: a table that a teacher can replace."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.grade.faults import FAULTS, SECTIONS
from app.grade.findings import Finding

DEFAULT = Path(__file__).with_name("weights.toml")


class WeightsError(ValueError):
    """A table of weights that cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The points of each section, and the part of them that each fault takes."""

    sections: Mapping[str, float]
    faults: Mapping[str, float]

    def cost(self, finding: Finding) -> float:
        """Return the points that a finding takes, as long as its section has so many left."""
        fault = finding.fault
        return self.faults[fault.name] * self.sections[fault.section]

    def score(self, section: str, findings: Sequence[Finding]) -> float:
        """Return the points that are left of a section."""
        lost = sum(self.cost(one) for one in findings if one.fault.section == section)
        return max(0.0, self.sections[section] - lost)


def read_weights(path: Path = DEFAULT) -> Weights:
    """Read a table; what it leaves out is as in the default one."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WeightsError(f"{path}: {error}") from None
    base = given if path == DEFAULT else tomllib.loads(DEFAULT.read_text(encoding="utf-8"))
    tables = []
    for name, known, most in (("sections", SECTIONS, 1000.0), ("faults", FAULTS, 1.0)):
        own = given.pop(name, {})
        if not isinstance(own, dict):
            raise WeightsError(f"{path}: {name} is not a table")
        for key, value in own.items():
            if key not in known:
                raise WeightsError(f"{path}: there is no {key} in [{name}]")
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise WeightsError(f"{path}: {key} is not a number")
            if not 0 <= value <= most:
                raise WeightsError(f"{path}: {key} is not between 0 and {most:g}")
        tables.append({**base.get(name, {}), **own})
    if given:
        raise WeightsError(f"{path}: there is no table [{next(iter(given))}]")
    return Weights(*tables)
