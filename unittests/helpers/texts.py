"""Texts that Hypothesis makes, of characters of every kind.

Its own `text` makes a table of all characters first, which takes two seconds in a new clone.
"""

from hypothesis import strategies as st

# Of each kind that may be treated in a way of its own: letters of several lengths in UTF-8, marks,
# ends of lines, signs of JSON, what cannot be seen. Surrogates never come here: no JSON has them.
_CHARACTERS = (
    "aZ09_ .,:;\"'\\/{}[]<&%"
    "\x00\t\n\r\x7f\x85\xa0\xad\xe9\xdf\u0131\u0301\u0663\u200d\u2028\u202e\u20ac\ufeff\ufffd"
    "\U0001f600\U0010ffff"
)


def texts(most: int | None = None) -> st.SearchStrategy[str]:
    """Return what makes texts of at most so many characters."""
    return st.lists(st.sampled_from(_CHARACTERS), max_size=most).map("".join)
