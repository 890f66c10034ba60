"""The header of a CSV, and what a file without one is instead: files that people have."""

from pathlib import Path

from app.datasets.csv_grammar import BOM, CsvFault, header_of

_MOST_BYTES = 2**20

# What other kinds of files begin with.
_KINDS = (
    (b"\x1f\x8b", "a file packed with gzip: unpack it first (gunzip)"),
    (b"PK\x03\x04", "a ZIP archive or a workbook (.xlsx): unpack it, or save it as CSV UTF-8"),
    (b"\xd0\xcf\x11\xe0", "a workbook (.xls): save it as CSV UTF-8"),
    (b"BZh", "a file packed with bzip2: unpack it first (bunzip2)"),
    (b"\xfd7zXZ", "a file packed with xz: unpack it first (unxz)"),
    (b"\x28\xb5\x2f\xfd", "a file packed with zstd: unpack it first (unzstd)"),
    (b"\xff\xfe", "UTF-16: save it as UTF-8"),
    (b"\xfe\xff", "UTF-16: save it as UTF-8"),
    (b"version https://git-lfs", "a pointer of Git LFS in place of the file: run git lfs pull"),
)
_PAGES = ((b"<", "a web page (HTML) or XML"), (b"{", "JSON"), (b"[", "JSON"))

_SEPARATORS = ((";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars"))
_FEWEST_COLUMNS = 5


def read_header(path: Path) -> list[str]:
    """Return the names in the header of a file, without blanks around them.

    Raises CsvFault, with what the file seems to be, where it has none.
    """
    with path.open("rb") as file:
        beginning = file.read(1024)
        file.seek(0)
        start = file.readline(_MOST_BYTES)
        while start.count(b'"') % 2 and len(start) < _MOST_BYTES and (more := file.readline()):
            start += more
    for magic, kind in _KINDS:
        if beginning.startswith(magic):
            raise CsvFault(f"line 1: expected a CSV, found {kind}")
    for mark, kind in _PAGES:
        if beginning.removeprefix(BOM).lstrip().startswith(mark):
            raise CsvFault(f"line 1: expected a CSV, found {kind}")
    start = start.removeprefix(BOM)
    if not start:
        raise CsvFault("line 1: expected a CSV header, found an empty file")
    if not start.strip():
        raise CsvFault("line 1: expected a CSV header, found a blank line")
    if start.lower().startswith((b"sep=", b'"sep=')):
        raise CsvFault('line 1: expected a CSV header, found "sep=", which is not CSV: take it out')
    if b"\r" in start.rstrip(b"\r\n") and not start.endswith(b"\n"):
        raise CsvFault(
            "line 1: expected LF or CRLF at the end of lines, found CR alone, as old Macs had it: "
            "save it with other line ends"
        )
    header = [name.strip() for name in header_of(start)]
    _check_separator(header)
    return header


def _check_separator(header: list[str]) -> None:
    """Raise CsvFault for a header that has another separator than commas."""
    for separator, name in _SEPARATORS:
        if len(header) < _FEWEST_COLUMNS <= ",".join(header).count(separator):
            raise CsvFault(
                f"line 1: expected commas between columns, found {name}: save it as CSV with commas"
            )
