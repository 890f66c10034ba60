"""What the headers of a submit ask: `Idempotency-Key`, and `Prefer: wait=N` (RFC 7240)."""

import re

from app.errors import BadRequest
from app.http.query import MOST_SECONDS
from app.http.request import Request
from app.messages import reasons

MOST_KEY = 255  # characters
# A string of structured fields (RFC 9651), as the IETF's draft has it, or the same without quotes.
# Two headers come as one, with a comma between them, and are no key.
_KEY = re.compile(
    rf'"((?:[!#-\[\]-~]|\\["\\]){{1,{MOST_KEY}}})"|([!#-+\--:<-\[\]-~]{{1,{MOST_KEY}}})'
)
# One of several preferences; it may have parameters, which say nothing here.
_WAIT = re.compile(r'[ \t]*wait[ \t]*=[ \t]*("?)([0-9]{1,9})\1[ \t]*(?:;.*)?', re.IGNORECASE)


def idempotency_key(request: Request) -> str:
    """Return the key of a submit, empty where it has none; raise BadRequest for what is no key."""
    text = request.headers.get("idempotency-key")
    if text is None:
        return ""
    match = _KEY.fullmatch(text.strip(" \t"))
    if match is None:
        raise BadRequest(reasons.WRONG_KEY(most=MOST_KEY))
    quoted, plain = match.groups()
    return plain or re.sub(r"\\(.)", r"\1", quoted)


def preferred_wait(request: Request) -> int | None:
    """Return how many seconds a submit may wait for its result, None where it is not to.

    What is more than requests may wait is cut to that. What is no preference is passed over, as the
    RFC has it, and so is what comes again.
    """
    text = request.headers.get("prefer")
    if text is None:
        return None
    for preference in text.split(","):
        match = _WAIT.fullmatch(preference)
        if match is not None:
            return min(int(match[2]), int(MOST_SECONDS))
    return None
