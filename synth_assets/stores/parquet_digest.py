"""A digest of all bytes of a Parquet file, in its own footer.

Parquet and zstd notice few changed bits of a page: most are read as other values. The digest is a
CRC-32, which differs for certain when one bit changes, or several within 32. It is computed over
the whole file, with the eight digits of the digest itself as zeros, so that the footer is covered,
too. Files without a digest are those of other writers, and of former versions; one in which the
digest's own name is damaged, and so no row, is taken for one of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from zlib import crc32

# The key of the digest in the footer's metadata, and what a file is written with at first.
KEY, BLANK = "synth.crc32", "00000000"
# What is between a key and its value in the footer (Thrift's compact protocol): the value's field
# with its type, and the value's length.
BETWEEN = bytes([0x18, len(BLANK)])
# Bytes after the footer: its length (4) and the magic number (4).
TAIL = 8
# Bytes at the end that usually have all of the footer in them, and bytes that are read at once.
USUAL = 64 * 1024
PIECE = 4 * 1024**2


class Readable(Protocol):
    """A file of a disk or of pyarrow."""

    def read(self, size: int, /) -> bytes: ...

    def seek(self, offset: int, whence: int = 0, /) -> int: ...


def record(path: Path) -> None:
    """Replaces the blank digest of a file by that of its bytes.

    Args:
        path: A complete file on a disk, written with ``BLANK`` under ``KEY``.
    """
    with path.open("r+b") as file:
        place = _place(file)
        assert place is not None, f"{path} was written without {KEY}"
        digest = _digest(file, place)
        file.seek(place)
        file.write(digest)


def is_intact(file: Readable) -> bool | None:
    """Whether a file's digest is that of its bytes; None if it has no digest.

    Args:
        file: The file, which can be read at any place.
    """
    place = _place(file)
    if place is None:
        return None
    file.seek(place)
    return file.read(len(BLANK)) == _digest(file, place)


def footer_of(file: Readable) -> tuple[int, bytes]:
    """Where a file's footer begins, and its bytes to the end of the file.

    Args:
        file: The file, which can be read at any place.

    Returns:
        The end of the file and nothing, if it has no footer.
    """
    size = file.seek(0, 2)
    before = max(size - USUAL, 0)
    file.seek(before)
    end = file.read(size - before)
    length = int.from_bytes(end[-TAIL:-4], "little") + TAIL
    if not TAIL <= length <= size or len(end) < TAIL:
        return size, b""
    if length > len(end):
        file.seek(size - length)
        end = file.read(length)
    return size - length, end[-length:]


def _place(file: Readable) -> int | None:
    """Where the digest's digits begin; None where there are none."""
    start, footer = footer_of(file)
    name = KEY.encode() + BETWEEN
    found = footer.rfind(name)
    return None if found < 0 else start + found + len(name)


def _digest(file: Readable, place: int) -> bytes:
    digest = 0
    for piece in _pieces(file, 0, place):
        digest = crc32(piece, digest)
    digest = crc32(BLANK.encode(), digest)
    for piece in _pieces(file, place + len(BLANK), None):
        digest = crc32(piece, digest)
    return f"{digest:08x}".encode()


def _pieces(file: Readable, start: int, stop: int | None) -> Iterator[bytes]:
    """The bytes between two places, or to the end, a few at a time."""
    file.seek(start)
    while piece := file.read(PIECE if stop is None else min(PIECE, stop - start)):
        start += len(piece)
        yield piece
