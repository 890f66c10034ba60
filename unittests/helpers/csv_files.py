"""Hostile CSV files, and whether all who read them agree on each."""

import csv
import io
import random
from pathlib import Path

from app.datasets import csv_scan
from app.datasets.csv_grammar import records
from app.datasets.csv_header import read_header
from app.datasets.layouts import OTHER
from app.errors import DatasetError

Table = list[list[str]]

_TEXTS = (
    "", "", "a", "30.5", " b ", "é", "a,b", "a\nb", "a\r\nb", '"', '5" or so', '""', ",", "\n",
    "\r", "\u2028", "\0", "'", "\\", "#", "\ufeff",
)  # fmt: skip
_STRAY = (b'"', b'""', b",", b"\n", b"\r", b"\r\n", b"\n\n", b'",', b',"', b'"\n"', b" ", b"\xe9")


def hostile_csv(chance: random.Random) -> bytes:
    """Return a CSV of few records, or of many; half of them have something stray in them."""
    width, rows = chance.randint(2, 5), chance.randint(0, 8)
    if chance.random() < 0.002:
        rows = 20_000
    end = chance.choice(("\n", "\r\n"))
    body = end.join(
        ",".join(_written(chance.choice(_TEXTS), chance) for _ in range(width)) for _ in range(rows)
    )
    content = (",".join("abcde"[:width]) + end + body).encode()
    content += chance.choice((b"", end.encode()))
    for _ in range(chance.choice((0, 0, 1, 1, 2))):
        place = chance.randint(2 * width, len(content))
        gone = place + chance.choice((0, 0, 1, 2))
        content = content[:place] + chance.choice(_STRAY) + content[gone:]
    return chance.choice((b"", b"\xef\xbb\xbf")) + content


def _written(value: str, chance: random.Random) -> str:
    """Return a value as RFC 4180 has it, in quotes where it needs them, and at times else."""
    needs = any(char in value for char in '",\r\n')
    return '"' + value.replace('"', '""') + '"' if needs or chance.random() < 0.2 else value


def read_by_the_rfc(content: bytes) -> Table | None:
    """Return the records, the header among them, without empty lines; None for what is no CSV.

    Character by character, as the grammar in RFC 4180 reads, and in nothing like the program.
    """
    try:
        text = content.decode().removeprefix("\ufeff")
    except UnicodeDecodeError:
        return None
    table: Table = []
    row: list[str] = []
    place = 0
    while place < len(text):
        value, quoted = "", text[place] == '"'
        if quoted:
            place += 1
            while text[place : place + 1] != '"' or text[place : place + 2] == '""':
                if place >= len(text):
                    return None
                value += text[place]
                place += 2 if text[place] == '"' else 1
            place += 1
        else:
            while place < len(text) and text[place] not in '",\r\n':
                value += text[place]
                place += 1
        row.append(value)
        rest = text[place : place + 2]
        if rest.startswith(","):
            place += 1
            if place < len(text):
                continue
            row.append("")
        elif rest.startswith("\n") or rest == "\r\n":
            place += 1 if rest.startswith("\n") else 2
        elif rest:
            return None
        if quoted or row != [""]:
            table.append(row)
        row = []
    same = all(len(one) == len(table[0]) for one in table)
    return table if same else None


def disagreement(content: bytes, path: Path) -> str | None:
    """Return in what readers of a file differ: the program, polars, the csv module, and the RFC.

    `path` is where to write it.
    """
    path.write_bytes(content)
    expected = read_by_the_rfc(content)
    try:
        count = csv_scan.count_records(path)
    except DatasetError as fault:
        if "line " not in str(fault) or len(str(fault).splitlines()) != 1:
            return f"refused in other words: {fault}"
        return None if expected is None else f"refused: {fault}"
    if expected is None:
        return "served, and is no CSV"
    header = read_header(path)
    walked = [values for _, values in records(path, header)]
    if walked != expected[1:] or count != len(walked):
        return f"{count} records, {walked}, expected {expected[1:]}"
    reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
    if [row for row in reader if row] != expected:
        return "the csv module reads otherwise"
    # To polars, an empty line is a row of empty values; so are these to the program.
    rows = csv_scan.scan(path, 1, OTHER.columns).drop("record").collect(engine="streaming").rows()
    by_polars = [list(row) for row in rows if any(row)]
    if by_polars != [row for row in walked if any(row)]:
        return f"polars reads otherwise: {by_polars}"
    return None
