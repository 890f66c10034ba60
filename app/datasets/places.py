"""The places of the United States: names, abbreviations, FIPS codes, and what kind each is.

FIPS codes are those of FIPS 5-2, two digits as text. CDC's `LocationID` is the same number without
its leading zero, but for the nation: the 59 that CDC writes for it is no FIPS code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Kind = Literal["state", "district", "territory", "nation", "unknown"]


@dataclass(frozen=True, slots=True)
class Place:
    """A place; `fips` is None where there is no such code, or none is known."""

    name: str
    abbreviation: str
    fips: str | None
    kind: Kind


_STATES = (
    "AL 01 Alabama, AK 02 Alaska, AZ 04 Arizona, AR 05 Arkansas, CA 06 California, "
    "CO 08 Colorado, CT 09 Connecticut, DE 10 Delaware, FL 12 Florida, GA 13 Georgia, "
    "HI 15 Hawaii, ID 16 Idaho, IL 17 Illinois, IN 18 Indiana, IA 19 Iowa, KS 20 Kansas, "
    "KY 21 Kentucky, LA 22 Louisiana, ME 23 Maine, MD 24 Maryland, MA 25 Massachusetts, "
    "MI 26 Michigan, MN 27 Minnesota, MS 28 Mississippi, MO 29 Missouri, MT 30 Montana, "
    "NE 31 Nebraska, NV 32 Nevada, NH 33 New Hampshire, NJ 34 New Jersey, NM 35 New Mexico, "
    "NY 36 New York, NC 37 North Carolina, ND 38 North Dakota, OH 39 Ohio, OK 40 Oklahoma, "
    "OR 41 Oregon, PA 42 Pennsylvania, RI 44 Rhode Island, SC 45 South Carolina, "
    "SD 46 South Dakota, TN 47 Tennessee, TX 48 Texas, UT 49 Utah, VT 50 Vermont, "
    "VA 51 Virginia, WA 53 Washington, WV 54 West Virginia, WI 55 Wisconsin, WY 56 Wyoming"
)
_DISTRICT = "DC 11 District of Columbia"
_TERRITORIES = (
    "AS 60 American Samoa, GU 66 Guam, MP 69 Northern Mariana Islands, PR 72 Puerto Rico, "
    "VI 78 Virgin Islands"
)
NATION = Place("National", "US", None, "nation")


def _table() -> Mapping[str, Place]:
    kinds: dict[Kind, str] = {
        "state": _STATES,
        "district": _DISTRICT,
        "territory": _TERRITORIES,
    }
    table = {NATION.abbreviation: NATION}
    for kind, texts in kinds.items():
        for text in texts.split(", "):
            abbreviation, fips, name = text.split(" ", 2)
            table[abbreviation] = Place(name, abbreviation, fips, kind)
    return MappingProxyType(table)


PLACES = _table()
_NAMED = MappingProxyType({place.name: place for place in PLACES.values()})


def named(name: str) -> Place | None:
    """Return the place of a name as CDC writes it; None for an unknown."""
    return _NAMED.get(name)


def is_of_the_nation(name: str) -> bool:
    """Tell whether `National` counts the people of a place.

    In CDC's release of the BRFSS it is the fifty states and the District of Columbia, and no
    territory: its sample size is the sum of theirs in every question and year.
    """
    known = _NAMED.get(name)
    return known is not None and known.kind in ("state", "district")


def short(name: str) -> str:
    """Return the abbreviation of a place, or the name itself where there is none."""
    known = _NAMED.get(name)
    return known.abbreviation if known else name


def place(abbreviation: str) -> Place | None:
    """Return the place of a postal abbreviation, `US` being the nation; None for an unknown."""
    return PLACES.get(abbreviation)
