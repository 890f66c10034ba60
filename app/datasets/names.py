"""Finds what people mean by a name: any letter case, stray spaces, and the nearest known ones."""

from difflib import SequenceMatcher
from unicodedata import normalize

from app.errors import UnknownName

# A name longer than this cannot be like any known one; comparing it would only cost time.
LONGEST_COMPARED = 260
# To put the accents of a text in order takes time that grows with its square.
_LONGEST_COMPOSED = 500
_SUGGESTIONS = 3
_LIKE_ENOUGH = 0.6


class NameIndex:
    """Names of one kind, each with its aliases. Filled at the start, then only read."""

    def __init__(self, kind: str) -> None:
        """`kind` is what an error calls the names, such as "state"."""
        self._kind = kind
        self._exact: dict[str, str] = {}
        self._folded: dict[str, str] = {}

    def add(self, alias: str, name: str) -> None:
        """Let `alias` mean `name`; an alias that already means something keeps its meaning."""
        self._exact.setdefault(alias, name)
        self._folded.setdefault(folded(alias), name)

    @property
    def names(self) -> tuple[str, ...]:
        """All names, without their aliases, in ascending order."""
        return tuple(sorted(set(self._exact.values())))

    def __contains__(self, alias: str) -> bool:
        """Tell whether `find` has a name for `alias`; unlike it, always within microseconds."""
        return alias in self._exact or folded(alias) in self._folded

    def find(self, alias: str) -> str:
        """Return the name that `alias` means; raise UnknownName with the nearest known ones.

        To look for the nearest takes milliseconds.
        """
        name = self._exact.get(alias) or self._folded.get(folded(alias))
        if name is None:
            raise UnknownName(self._kind, alias, self._nearest(folded(alias)))
        return name

    def _nearest(self, wanted: str) -> list[str]:
        if len(wanted) > LONGEST_COMPARED:
            return []
        words = set(wanted.split())
        best: dict[str, float] = {}
        for alias, name in self._folded.items():
            # Two measures: letters in common (a misspelt state), words in common ("obesity").
            known = len(words & set(alias.split())) / max(1, len(words))
            best[name] = max(best.get(name, 0.0), _letters(wanted, alias), known)
        like = [name for name in best if best[name] >= _LIKE_ENOUGH]
        return sorted(like, key=lambda name: (-best[name], name))[:_SUGGESTIONS]


def _letters(one: str, other: str) -> float:
    """Return how much two texts have in common, from 0 to 1; 0 where that is clearly too little."""
    matcher = SequenceMatcher(None, one, other, autojunk=len(one) > 60)
    # Each of these is never below the next, and far cheaper.
    if min(matcher.real_quick_ratio(), matcher.quick_ratio()) < _LIKE_ENOUGH:
        return 0.0
    return matcher.ratio()


def folded(name: str) -> str:
    """Return a name without stray spaces and letter case, its accents composed (NFC).

    Those of a very long one stay as they are.
    """
    single = " ".join(name.split())
    composed = normalize("NFC", single) if len(single) <= _LONGEST_COMPOSED else single
    return composed.casefold()
