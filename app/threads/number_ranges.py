"""Many numbers in little memory."""

from bisect import bisect


class NumberRanges:
    """Numbers that mostly follow each other, in whatever order they come: kept as ranges."""

    def __init__(self) -> None:
        self._firsts: list[int] = []  # of each range, ascending
        self._ends: list[int] = []  # of each, the number behind it

    def add(self, number: int) -> None:
        """Take in a number that is not there yet."""
        place = bisect(self._firsts, number)
        is_behind = place > 0 and self._ends[place - 1] == number
        is_before = place < len(self._firsts) and self._firsts[place] == number + 1
        if is_behind and is_before:
            self._ends[place - 1] = self._ends.pop(place)
            del self._firsts[place]
        elif is_behind:
            self._ends[place - 1] = number + 1
        elif is_before:
            self._firsts[place] = number
        else:
            self._firsts.insert(place, number)
            self._ends.insert(place, number + 1)

    def __contains__(self, number: int) -> bool:
        """Tell whether a number is there."""
        place = bisect(self._firsts, number)
        return place > 0 and number < self._ends[place - 1]

    def __len__(self) -> int:
        """Return how many ranges they are."""
        return len(self._firsts)
