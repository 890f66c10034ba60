"""The grammar of a CSV: RFC 4180, with LF as well as CRLF, with or without a byte order mark.

A value has quotes around all of it or none in it; each record has as many values as the header; an
empty line is no record. All of a file has to be so before polars reads it: it takes much else, too,
and moves values into other columns without a word.

`_walk` is the grammar, and says where a file leaves it. What `_count_plain` accepts, `_walk`
would: it takes a few passes over blocks of bytes, and is some ten times as fast.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from app.logs import one_line

BLOCK_BYTES = 2**17
BOM = b"\xef\xbb\xbf"

_QUOTED = rb'"([^"]*+(?:""[^"]*+)*+)"'
_VALUE = re.compile(rb"(?:" + _QUOTED + rb'|([^",\r\n]*+))(,|\r?\n|\Z)')
_IN_QUOTES = re.compile(_QUOTED)
_WITHOUT_QUOTES = re.compile(rb"[^,\r\n]*+")

_ALL_BUT_SEPARATORS = bytes(byte for byte in range(256) if byte not in b",\n")
_BEFORE_QUOTES = (b"", b",", b"\n")
_AFTER_QUOTES = (b"", b",", b"\n", b"\r")
# How what stands between two quotes begins and ends. Nothing is between two in a row, which are
# one quote of a value.
_BETWEEN_QUOTES = frozenset(
    {(b"", b""), *((first, last) for first in _AFTER_QUOTES[1:] for last in _BEFORE_QUOTES[1:])}
)


class CsvFault(Exception):
    """Says in one line where a file leaves the grammar, and what was expected there."""


class Record(NamedTuple):
    """A record: the line in which it begins, from 1, and its values."""

    line: int
    values: list[str]


def header_of(start: bytes) -> list[str]:
    """Return the values of the first record in the start of a file; raise CsvFault."""
    _check_text(start, 1)
    first = next(_walk(start, 1, ()), None)
    return first.values if first else []


def count_records(path: Path, header: Sequence[str]) -> int:
    """Return how many records follow the header, which names the columns; raise CsvFault."""
    count, line = 0, 1
    with path.open("rb") as file:
        for block, pieces in _blocks(file):
            _check_text(block, line)
            plain = _count_plain(block, pieces, len(header))
            count += plain or sum(1 for _ in _walk(block, line, header))
            # Of plain records, each ends a line, and values in quotes may have more of them.
            line += plain + b"".join(pieces[1::2]).count(b"\n") if plain else block.count(b"\n")
    return count - 1


def records(path: Path, header: Sequence[str]) -> Iterator[Record]:
    """Yield the records after the header; raise CsvFault."""
    line = 1
    with path.open("rb") as file:
        for block, _ in _blocks(file):
            _check_text(block, line)
            found = _walk(block, line, header)
            if line == 1:
                next(found, None)
            yield from found
            line += block.count(b"\n")


class _Block(NamedTuple):
    """Some whole records, and the same split at quotes: by turns outside and inside of them."""

    text: bytes
    pieces: list[bytes]


def _blocks(file: BinaryIO) -> Iterator[_Block]:
    text = (file.read(BLOCK_BYTES) + file.readline()).removeprefix(BOM)
    while text:
        pieces = _split(text)
        # An odd number of quotes: its end is in a value, or there is a fault.
        while len(pieces) % 2 == 0 and _quotes_fit(pieces):
            more = file.read(len(text)) + file.readline()
            if not more:
                break
            text += more
            pieces = _split(text)
        yield _Block(text, pieces)
        text = file.read(BLOCK_BYTES) + file.readline()


def _split(text: bytes) -> list[bytes]:
    return text.split(b'"') if b'"' in text else [text]


def _check_text(block: bytes, line: int) -> None:
    """Raise CsvFault where a block is not UTF-8."""
    if block.isascii():
        return
    try:
        block.decode()
    except UnicodeDecodeError as error:
        before = block[: error.start]
        line += before.count(b"\n")
        place = error.start - before.rfind(b"\n")
        raise CsvFault(f"line {line}, byte {place}: expected UTF-8 text") from None


def _count_plain(block: bytes, pieces: Sequence[bytes], width: int) -> int:
    """Return how many records a block has, if they are of so many values, on lines of their own.

    0 where that is not so, or not easily seen, as in a block with empty lines.
    """
    if len(pieces) % 2 == 0 or not _quotes_fit(pieces):
        return 0
    if len(pieces) > 1 and pieces[-1][:1] not in _AFTER_QUOTES:
        return 0
    outside = b"".join(pieces[::2])
    if b"\r" in outside and outside.count(b"\r") != outside.count(b"\r\n"):
        return 0
    lines = outside.translate(None, _ALL_BUT_SEPARATORS).split(b"\n")
    if block.endswith(b"\n"):
        lines.pop()
    return len(lines) if width > 1 and set(lines) == {b"," * (width - 1)} else 0


def _quotes_fit(pieces: Sequence[bytes]) -> bool:
    """Tell whether quotes stand where values begin and end, as far as the last of the pieces."""
    return len(pieces) == 1 or (
        pieces[0][-1:] in _BEFORE_QUOTES
        and {(piece[:1], piece[-1:]) for piece in pieces[2:-1:2]} <= _BETWEEN_QUOTES
    )


def _walk(block: bytes, line: int, header: Sequence[str]) -> Iterator[Record]:
    """Yield the records of a block; raise CsvFault.

    `header` tells how many values each has; where it is empty, that is not looked at.
    """
    values: list[str] = []
    place, begins = 0, line
    while place < len(block) or values:
        found = _VALUE.match(block, place)
        if not found:
            name = header[len(values)] if len(values) < len(header) else f"{len(values) + 1}"
            raise CsvFault(f"line {begins}, column {one_line(name[:40])}: {_fault(block, place)}")
        quoted, plain, end = found.groups()
        values.append((plain if quoted is None else quoted.replace(b'""', b'"')).decode())
        line += block.count(b"\n", place, found.end())
        place = found.end()
        if end == b",":
            continue
        if quoted is not None or values != [""]:
            if header and len(values) != len(header):
                raise CsvFault(
                    f"line {begins}, all columns: expected {len(header)} values, "
                    f"found {len(values)}"
                )
            yield Record(begins, values)
        values, begins = [], line


def _fault(block: bytes, place: int) -> str:
    """Say what is wrong with the value that begins at a place."""
    if block.startswith(b'"', place):
        quoted = _IN_QUOTES.match(block, place)
        if not quoted:
            return f"expected a quote at the end of {_shown(block[place:])}"
        after = _shown(block[quoted.end() :])
        return f"expected a comma or a new line after a value in quotes, found {after}"
    found = _WITHOUT_QUOTES.match(block, place)
    assert found
    if b'"' in found[0]:
        return (
            "expected quotes around a value with a quote in it, and that one twice, found "
            f"{_shown(block[place:])}"
        )
    return f"expected LF or CRLF at the end of a line, found CR alone after {_shown(found[0])}"


def _shown(start: bytes) -> str:
    return one_line(start[:80].splitlines()[0].decode(errors="ignore")[:40]) if start else "nothing"
