"""Strings of one width (ids, hexadecimal digits), written as a matrix of octets.

This takes a quarter of the time of casting numbers to strings and joining them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

Octets = npt.NDArray[np.uint8]
Array = npt.NDArray[Any]
# Rows written at a time: they stay in the cache of a core.
BLOCK = 8_192
# Hexadecimal digits of a word; decimal digits of a number that are written at a time.
OF_WORD, GROUP = 16, 4


def _octets_in_hexadecimal(digits: bytes) -> npt.NDArray[np.uint32]:
    """The ASCII digits of each pair of octets, as a little-endian machine reads the pair."""
    octets = np.arange(1 << 16, dtype=np.uint16).view(np.uint8).reshape(-1, 2)
    halves = np.stack([octets >> 4, octets & 15], axis=2).reshape(-1, 4)
    return np.frombuffer(digits, np.uint8)[halves].view(np.uint32).ravel()


def _last_digits(count: int) -> Array:
    """The last decimal digits of each number below 10,000."""
    places = 10 ** np.arange(count, dtype=np.uint32)[::-1]
    digits = np.arange(10**GROUP, dtype=np.uint32)[:, None] // places % 10 + ord("0")
    return digits.astype(np.uint8).view(f"S{count}").ravel()


_SMALL, _CAPITAL = map(_octets_in_hexadecimal, (b"0123456789abcdef", b"0123456789ABCDEF"))
_DECIMAL = {count: _last_digits(count) for count in range(1, GROUP + 1)}


def fixed_width(
    columns: Sequence[pl.Series], width: int, write: Callable[[list[Array], Octets], None]
) -> pl.Series:
    """Strings of one width; null where the first column is null.

    Args:
        columns: The values that the strings are made of.
        width: Octets of each string.
        write: Writes the strings of some rows into a matrix with a row for each of them, from the
            rows' values in each column.
    """
    first = columns[0]
    present = first.is_not_null()
    if not present.all():
        # Only the present strings are written; those that are null have no octets.
        dense = fixed_width([c.filter(present) for c in columns], width, write)
        spread = pl.select(pl.when(present).then(present.cum_sum() - 1)).to_series()
        return dense.gather(spread).alias(first.name)
    values = [c.to_numpy() for c in columns]
    text = np.empty((len(first), width), dtype=np.uint8)
    for start in range(0, len(text), BLOCK):
        block = slice(start, start + BLOCK)
        write([v[block] for v in values], text[block])
    offsets = np.arange(0, (len(first) + 1) * width, width)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(text)]
    return pl.Series(first.name, pa.Array.from_buffers(pa.large_utf8(), len(first), buffers))


def place(text: Octets, start: int, size: int) -> npt.NDArray[np.bytes_]:
    """Some columns of a matrix as one string a row, to write to.

    Args:
        text: The matrix.
        start: The first column.
        size: Number of columns.
    """
    layout = np.dtype(
        {"names": ["text"], "formats": [f"S{size}"], "offsets": [start], "itemsize": text.shape[1]}
    )
    strings: npt.NDArray[np.bytes_] = text.reshape(-1).view(layout)["text"]
    return strings


def write_hexadecimal(
    words: Sequence[npt.NDArray[np.uint64]], text: Octets, *, capital: bool = False
) -> None:
    """Writes the hexadecimal digits of 64-bit words, one word after the other.

    Args:
        words: The words of each row.
        text: The matrix; it ends within the last word.
        capital: Whether letters are capital.
    """
    pairs = _CAPITAL if capital else _SMALL
    width = text.shape[1]
    for number, word in enumerate(words):
        start = OF_WORD * number
        digits = pairs.take(word.byteswap().view(np.uint16)).view(f"S{OF_WORD}")
        place(text, start, min(OF_WORD, width - start))[:] = digits


def prefixed(prefix: str, number: pl.Series) -> pl.Series:
    """A prefix and a number, in decimal digits.

    Args:
        prefix: Text before the number.
        number: Integers; those with the same number of digits are fast.
    """
    least, most = number.min(), number.max()
    if not (isinstance(least, int) and least >= 0 and len(str(least)) == len(str(most))):
        return (prefix + number.cast(pl.String)).alias(number.name)
    start = prefix.encode()

    def write(columns: list[Array], text: Octets) -> None:
        place(text, 0, len(start))[:] = start
        left, end = columns[0], text.shape[1]
        while end > len(start):
            size = min(GROUP, end - len(start))
            rest = left // 10**GROUP
            place(text, end - size, size)[:] = _DECIMAL[size].take(left - rest * 10**GROUP)
            left, end = rest, end - size

    return fixed_width([number], len(start) + len(str(most)), write)
