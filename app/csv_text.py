"""Text for CSV files that spreadsheets open."""

import re
from unicodedata import normalize

# A spreadsheet takes text for a formula by its first sign, which may be a full-width one, and may
# stand behind blanks or signs that are not seen. Where it separates cells by semicolons or tabs, as
# many countries' do, text may become several cells: each of them is looked at.
_UNSEEN = r"[\s\u00ad\u180e\u200b-\u200f\u2060-\u2064\ufeff\x00-\x1f]*"
_CELL_START = re.compile(rf"(^|[;\t\r\n])(?={_UNSEEN}(.))", re.DOTALL)
_FORMULA = frozenset("=+-@\N{MINUS SIGN}")
_CONTROL = ("\t", "\r", "\n")


def defused(text: str) -> str:
    """Return text that no spreadsheet takes for a formula: with an apostrophe in front of one."""
    found = _CELL_START.sub(_with_apostrophe, text)
    return "'" + found if found.startswith(_CONTROL) else found


def _with_apostrophe(start: re.Match[str]) -> str:
    sign = normalize("NFKC", start[2])
    return start[1] + "'" if _FORMULA.intersection(sign) else start[1]
