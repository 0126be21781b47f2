"""What is taken of a source's rows: all of it has passed ``disclosure``.

How it is measured is in ``profiling``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ColumnProfile:
    """What is taken of a column's rows.

    Attributes:
        null_rate: Share of rows without a value.
        shares: Shares of its values, if they are few.
        frequent: The number that many rows share, and their share; the range is that of the others.
        bounds: Rounded ends of its range; of dates and times in seconds since 1970.
        quartiles: Rounded quartiles.
        beyond: Share of the rows that are beyond either end of the range, in hundredths.
        decimals: Decimals that nearly all numbers have at most.
        delays: Rounded quantiles of the seconds after the time that comes before it in its row.
        digits: Shape of its texts, with ``#`` for a digit.
        letters: Shape of its texts, with ``A``, ``a`` and ``#`` for letters and digits.
        distinct: Rounded number of its different values, of a part of a key.
    """

    null_rate: float = 0.0
    shares: Mapping[str, float] | None = None
    frequent: tuple[float, float] | None = None
    bounds: tuple[float, float] | None = None
    quartiles: tuple[float, float, float] | None = None
    beyond: float = 0.0
    decimals: int | None = None
    delays: tuple[float, ...] | None = None
    digits: str | None = None
    letters: str | None = None
    distinct: int | None = None


@dataclass(frozen=True)
class ReferenceProfile:
    """What is taken of a reference's rows.

    Attributes:
        used: Share of the parents with a row, in hundredths.
        top_tenth: Share of the rows of the tenth of parents with most, in hundredths.
    """

    used: float | None = None
    top_tenth: float | None = None


@dataclass(frozen=True)
class TableProfile:
    """What is taken of a table's rows.

    Attributes:
        rows: Rounded number of rows; None if there are fewer than ``k``.
        columns: Profiles of columns.
        references: Profiles of references by their columns.
        contradicted: Pairs of times that rows do not have in the order that their names suggest.
    """

    rows: int | None = None
    columns: Mapping[str, ColumnProfile] = field(default_factory=dict)
    references: Mapping[tuple[str, ...], ReferenceProfile] = field(default_factory=dict)
    contradicted: frozenset[tuple[str, str]] = frozenset()
