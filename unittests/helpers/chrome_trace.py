"""Reads a trace in Chrome's format as strictly as the tools that show one may."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

# What each kind of event must have, beside `ph`, `name`, `ts`, `pid` and `tid`.
_NEEDED = {
    "X": {"dur"},
    "M": {"args"},
    "b": {"id", "cat"},
    "e": {"id", "cat"},
    "s": {"id", "cat"},
    "t": {"id", "cat"},
    "f": {"id", "cat", "bp"},
}
_ROUNDING = 0.002  # microseconds


@dataclass
class Parsed:
    """A trace: slices by lane, what overlaps by kind and id, and where the arrows of an id lead."""

    lanes: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    between: dict[tuple[str, int], list[dict[str, Any]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    arrows: dict[int, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))

    def named(self, name: str) -> list[dict[str, Any]]:
        """Return the slices of a name."""
        return [one for lane in self.lanes.values() for one in lane if one["name"] == name]


def parsed(document: Any) -> Parsed:
    """Return a trace; fail where a tool could not show it as it is meant."""
    events = document["traceEvents"]
    names: dict[tuple[int, int], str] = {}
    for event in events:
        kind = event["ph"]
        assert {"name", "ts", "pid", "tid", *_NEEDED[kind]} <= event.keys(), event
        assert event["ts"] >= 0, event
        if kind == "M" and event["name"] in ("process_name", "thread_name"):
            names[event["pid"], event["tid"]] = event["args"]["name"]
    found = Parsed()
    for event in events:
        place = event["pid"], event["tid"]
        if event["ph"] == "M":
            continue
        lane = names.get(place) or names[event["pid"], 0]
        if event["ph"] == "X":
            assert event["dur"] >= 0, event
            found.lanes[lane].append(event)
        elif event["ph"] in "be":
            found.between[event["cat"], event["id"]].append(event)
    for lane, slices in found.lanes.items():
        _check_nesting(lane, slices)
    for key, (begin, end) in found.between.items():  # each begins and ends once
        assert (begin["ph"], end["ph"]) == ("b", "e"), key
        assert begin["ts"] <= end["ts"], key
    for event in events:
        if event["ph"] in "stf":
            lane = names[event["pid"], event["tid"]]
            inside = [
                one
                for one in found.lanes[lane]
                if one["ts"] - _ROUNDING <= event["ts"] <= one["ts"] + one["dur"] + _ROUNDING
            ]
            assert inside, f"an arrow that belongs to no slice: {event}"
            found.arrows[event["id"]].append((event["ph"], inside[0]["name"]))
    return found


def _check_nesting(lane: str, slices: list[dict[str, Any]]) -> None:
    """Check that of two slices of a lane one is inside the other, or they are apart."""
    open_until: list[float] = []
    for one in sorted(slices, key=lambda one: (one["ts"], -one["dur"])):
        begin, end = one["ts"], one["ts"] + one["dur"]
        while open_until and open_until[-1] <= begin + _ROUNDING:
            open_until.pop()
        assert not open_until or end <= open_until[-1] + _ROUNDING, f"{lane}: {one} sticks out"
        open_until.append(end)
