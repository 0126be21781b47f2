"""The check that a table's columns are distributed as those of a reference table."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, TableView
from synth_assets.core.schema import ColumnInfo, columns_of
from synth_assets.quality.tolerance import (
    STANDARD_ERRORS,
    chi_square_quantile,
    kolmogorov_smirnov_limit,
)

# Population stability index above which a categorical column counts as drifted (the customary
# reading in credit scoring: below 0.1 stable, above 0.2 shifted).
PSI_LIMIT = 0.2
# Largest number of distinct values of a categorical column.
CATEGORIES = 50


def drift(reference: str) -> Check:
    """Each column is distributed as the same column of a reference table. A failure warns.

    Categories are compared by the population stability index, numbers and hours of the day by the
    two-sample Kolmogorov-Smirnov statistic, every column by its share of nulls and blanks. Keys are
    left out. ``measured`` is the largest statistic in multiples of its limit, so that the threshold
    is 1. Tables with the same partitioning are compared on the partitions that both have.

    Args:
        reference: Name of the reference table.
    """

    def measure(stored: TableView) -> list[CheckResult]:
        here, there = _both(stored, stored.other(reference))
        numbers: dict[str, float] = {}
        for column in columns_of(stored.table.schema):
            if not column.primary_key and column.foreign_key is None and len(here) and len(there):
                numbers |= _column_drift(column, here, there)
        worst = max(numbers.values(), default=0.0)
        drifted = [{"column": c, "times_limit": v} for c, v in numbers.items() if v > 1]
        return [CheckResult(None, worst <= 1, worst, "<= 1 (times limit)", numbers, drifted)]

    doc = f"Each column is distributed as in `{reference}` (PSI, KS, share of nulls and blanks)."
    return Check("drift", doc, measure, blocking=False, per_partition=False, reads=(reference,))


def _both(one: TableView, other: TableView) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows of two tables; of their common partitions, if they are partitioned alike."""
    shared = [key for key in one.partition_stats if key in other.partition_stats]
    if one.table.partitioning != other.table.partitioning or not shared:
        return one.all().collect(), other.all().collect()
    here, there = (replace(table, keys=shared).current().collect() for table in (one, other))
    return here, there


def _column_drift(column: ColumnInfo, here: pl.DataFrame, there: pl.DataFrame) -> dict[str, float]:
    a, b = here[column.name], there[column.name]
    numbers = {f"{column.name}.empty": _empty_drift(a, b)}
    if isinstance(column.dtype, pl.Date):
        pass  # dates follow the calendar, and have no hour
    elif column.dtype.is_temporal():
        numbers[f"{column.name}.hour"] = _ks(a.dt.hour(), b.dt.hour())
    elif column.dtype.is_numeric():
        numbers[f"{column.name}.ks"] = _ks(a, b)
    elif b.n_unique() <= CATEGORIES:
        numbers[f"{column.name}.psi"] = _psi(a, b) / _psi_limit(a, b)
    return numbers


def _empty_drift(a: pl.Series, b: pl.Series) -> float:
    def empty(s: pl.Series) -> pl.Series:
        text = s.cast(pl.String).str.strip_chars()
        return text.is_null() | (text == "")

    shares_ = [float(empty(s).mean() or 0.0) for s in (a, b)]  # type: ignore[arg-type]
    pooled = (shares_[0] * len(a) + shares_[1] * len(b)) / (len(a) + len(b))
    error = math.sqrt(pooled * (1 - pooled) * (1 / len(a) + 1 / len(b)))
    return abs(shares_[0] - shares_[1]) / (STANDARD_ERRORS * error) if error else 0.0


def _psi(a: pl.Series, b: pl.Series) -> float:
    counts = [dict(s.cast(pl.String).drop_nulls().value_counts().iter_rows()) for s in (a, b)]
    total = 0.0
    for value in set(counts[0]) | set(counts[1]):
        # A value that one table lacks counts as half a row, since the logarithm needs a share.
        p, q = (max(c.get(value, 0), 0.5) / max(sum(c.values()), 1) for c in counts)
        total += (p - q) * math.log(p / q)
    return total


def _psi_limit(a: pl.Series, b: pl.Series) -> float:
    # For equal distributions the index is about a chi-square statistic times (1/n + 1/m), which
    # exceeds the customary limit where samples are small.
    categories = pl.concat([a.cast(pl.String), b.cast(pl.String)]).n_unique()
    return max(PSI_LIMIT, chi_square_quantile(max(categories - 1, 1)) * (1 / len(a) + 1 / len(b)))


def _ks(a: pl.Series, b: pl.Series) -> float:
    x, y = (np.sort(s.drop_nulls().cast(pl.Float64).to_numpy()) for s in (a, b))
    if not len(x) or not len(y):
        return 0.0
    both = np.concatenate([x, y])
    gap = np.searchsorted(x, both, side="right") / len(x)
    gap = gap - np.searchsorted(y, both, side="right") / len(y)
    limit = kolmogorov_smirnov_limit(len(x) * len(y) / (len(x) + len(y)))
    return float(np.abs(gap).max() / limit)
