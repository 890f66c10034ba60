"""Reads PNG files, as far as browsers write them: 8 bits, RGB or RGBA, not interlaced."""

import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_NONE, _SUB, _UP, _AVERAGE, _PAETH = range(5)


def pixels(path: Path) -> NDArray[np.uint8]:
    """Return the pixels of a picture: rows, columns, channels."""
    content = path.read_bytes()
    assert content.startswith(_SIGNATURE)
    header, data = b"", b""
    place = len(_SIGNATURE)
    while place < len(content):
        length, kind = struct.unpack_from(">I4s", content, place)
        body = content[place + 8 : place + 8 + length]
        (checksum,) = struct.unpack_from(">I", content, place + 8 + length)
        assert checksum == zlib.crc32(kind + body)
        header, data = (body if kind == b"IHDR" else header), data + body * (kind == b"IDAT")
        place += 12 + length
    width, height, depth, colours, *_, interlaced = struct.unpack(">IIBBBBB", header)
    channels = {2: 3, 6: 4}[colours]
    assert (depth, interlaced) == (8, 0)
    lines = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, 1 + width * channels)
    image = np.zeros((height, width, channels), np.uint8)
    above = np.zeros((width, channels), np.uint8)
    for line, row in zip(lines, image, strict=True):
        row[:] = _restored(int(line[0]), line[1:].reshape(width, channels), above)
        above = row
    return image


def _restored(how: int, line: NDArray[np.uint8], above: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if how == _NONE:
        return line
    if how == _SUB:
        return np.cumsum(line, axis=0, dtype=np.uint8)
    if how == _UP:
        return line + above
    row = np.zeros_like(line)
    left = upper_left = [0] * line.shape[1]
    for place, (found, up) in enumerate(zip(line.tolist(), above.tolist(), strict=True)):
        guesses = (
            [(a + b) // 2 for a, b in zip(left, up, strict=True)]
            if how == _AVERAGE
            else [_paeth(*three) for three in zip(left, up, upper_left, strict=True)]
        )
        left = [(a + b) % 256 for a, b in zip(found, guesses, strict=True)]
        upper_left = up
        row[place] = left
    return row


def _paeth(left: int, up: int, upper_left: int) -> int:
    guess = left + up - upper_left
    return min((left, up, upper_left), key=lambda one: abs(guess - one))
