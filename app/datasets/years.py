"""Years as text."""

from collections.abc import Iterable, Mapping, Sequence


def spans(years: Iterable[int]) -> str:
    """Return years as `2011-2013, 2015`."""
    return ", ".join(runs_of(years))


def runs_of(years: Iterable[int]) -> list[str]:
    """Return years as `2011-2013` and `2015`: those that follow one another as one."""
    runs: list[list[int]] = []
    for year in sorted(set(years)):
        if runs and year == runs[-1][1] + 1:
            runs[-1][1] = year
        else:
            runs.append([year, year])
    return [span(first, last) for first, last in runs]


def span(first: int, last: int) -> str:
    """Return two years as `2011-2013`, or `2011` where they are the same."""
    return f"{first}" if first == last else f"{first}-{last}"


def periods_text(periods: Sequence[Mapping[str, int]] | None) -> str | None:
    """Return ascending periods as text; single years that follow one another as one."""
    single = [one["year_start"] for one in periods or () if one["year_start"] == one["year_end"]]
    longer = [
        span(one["year_start"], one["year_end"])
        for one in periods or ()
        if one["year_start"] != one["year_end"]
    ]
    return ", ".join([*([spans(single)] if single else []), *longer]) or None
