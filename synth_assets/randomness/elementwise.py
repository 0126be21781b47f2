"""A numpy function of each value of a column; null stays null.

Which functions there are is in ``splitmix64`` and in the generators that use them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

Values = npt.NDArray[Any]


def elementwise(column: pl.Series, function: Callable[[Values], Values]) -> pl.Series:
    """Applies a function to the values of a column.

    Polars runs a query of its own to fill nulls and to set them again, which costs more than a few
    thousand rows do. The function computes what is stored below nulls instead, and the column's
    validity hides it.

    Args:
        column: Numbers, which may be null.
        function: Returns as many numbers as it is given, of any type; it must not depend on how
            many it is given at a time.

    Returns:
        A column of the same name, with the type that the function returns.
    """
    if not column.null_count():
        return pl.Series(column.name, function(column.to_numpy()))
    values = column.to_arrow()
    stored = np.frombuffer(values.buffers()[1], dtype=values.type.to_pandas_dtype())
    results = function(stored[values.offset : values.offset + len(values)])
    valid = np.packbits(values.is_valid().to_numpy(zero_copy_only=False), bitorder="little")
    buffers = [pa.py_buffer(valid), pa.py_buffer(results)]
    kind = pa.from_numpy_dtype(results.dtype)
    return pl.Series(column.name, pa.Array.from_buffers(kind, len(results), buffers))
