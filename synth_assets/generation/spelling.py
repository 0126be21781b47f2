"""Numbers written in given formats, such as ``+1 (###) ###-####``, many rows at a time.

A format is a text in which each ``#`` stands for a digit: the last one for the units, and so on
to the left. Polars has no such function, and building texts piece by piece is slower.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

DIGIT = "#"

Words = npt.NDArray[np.uint64]


class Formats:
    """Formats by number; only ASCII characters, none of them NUL, and at most 19 digits each."""

    def __init__(self, formats: Sequence[str]) -> None:
        width = max(map(len, formats), default=0)
        self._letters = np.zeros((len(formats), width), dtype=np.uint8)
        # Where in a row of digits each character comes from; units lie at 0.
        self._places = np.zeros((len(formats), width), dtype=np.int8)
        self._lengths = np.array([len(text) for text in formats], dtype=np.int64)
        for row, text in enumerate(formats):
            left = text.count(DIGIT)
            for column, letter in enumerate(text):
                is_digit = letter == DIGIT
                left -= is_digit
                self._letters[row, column] = 0 if is_digit else ord(letter)
                self._places[row, column] = left if is_digit else 0
        self.digits = max((text.count(DIGIT) for text in formats), default=0)

    def write(self, which: pl.Expr, number: pl.Expr) -> pl.Expr:
        """``number`` (not negative) in the format ``which``, as String; null for null."""

        def spell(columns: Sequence[pl.Series]) -> pl.Series:
            there = columns[0].is_not_null() & columns[1].is_not_null()
            at, value = (column.cast(pl.UInt64).fill_null(0).to_numpy() for column in columns)
            text = self._spelled(at, value)
            return text if there.all() else text.set(~there, None)

        return pl.map_batches([which, number], spell, return_dtype=pl.String, is_elementwise=True)

    def _spelled(self, which: Words, value: Words) -> pl.Series:
        digits = np.empty((len(value), max(self.digits, 1)), dtype=np.uint8)
        for place in range(self.digits):
            value, digit = np.divmod(value, np.uint64(10))
            digits[:, place] = digit
        letters = self._letters[which]
        written = np.take_along_axis(digits, self._places[which].astype(np.intp), axis=1)
        text = np.where(letters, letters, written + ord("0"))
        lengths = self._lengths[which]
        if len(self._lengths) > 1:
            text = text[np.arange(text.shape[1]) < lengths[:, None]]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(text))]
        return pl.Series(pa.Array.from_buffers(pa.large_utf8(), len(which), buffers))
