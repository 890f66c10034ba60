"""The states and territories, by their postal abbreviations."""

from collections.abc import Mapping
from types import MappingProxyType

_STATES = """
AL Alabama/AK Alaska/AZ Arizona/AR Arkansas/CA California/CO Colorado/CT Connecticut/DE Delaware/
DC District of Columbia/FL Florida/GA Georgia/HI Hawaii/ID Idaho/IL Illinois/IN Indiana/IA Iowa/
KS Kansas/KY Kentucky/LA Louisiana/ME Maine/MD Maryland/MA Massachusetts/MI Michigan/MN Minnesota/
MS Mississippi/MO Missouri/MT Montana/NE Nebraska/NV Nevada/NH New Hampshire/NJ New Jersey/
NM New Mexico/NY New York/NC North Carolina/ND North Dakota/OH Ohio/OK Oklahoma/OR Oregon/
PA Pennsylvania/RI Rhode Island/SC South Carolina/SD South Dakota/TN Tennessee/TX Texas/UT Utah/
VT Vermont/VA Virginia/WA Washington/WV West Virginia/WI Wisconsin/WY Wyoming/
GU Guam/PR Puerto Rico/VI Virgin Islands
"""


def _abbreviations() -> Mapping[str, str]:
    pairs = (entry.split(" ", 1) for entry in _STATES.replace("\n", "").split("/"))
    return MappingProxyType({name: letters for letters, name in pairs})


ABBREVIATIONS = _abbreviations()


def short(state: str) -> str:
    """Return the two letters of a state; the name itself for what is none."""
    return ABBREVIATIONS.get(state, state)
