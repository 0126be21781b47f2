"""Checks of shares and distributions: what the stored data look like as a whole."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, TableView
from synth_assets.core.schema import ColumnInfo, columns_of

# Population stability index above which a categorical column counts as drifted (customary
# reading in credit scoring: below 0.1 stable, above 0.2 shifted).
PSI_LIMIT = 0.2
# Error probability of each Kolmogorov-Smirnov comparison.
KS_ALPHA = 1e-6
# Largest number of distinct values that counts as categorical.
CATEGORIES = 50


def shares(column: str, expected: Mapping[str, float], sigmas: float = 5.0) -> Check:
    """Shares of the values of ``column`` in the whole table are those declared.

    Each share may stray ``sigmas`` binomial standard errors (5: a false alarm in about two
    million comparisons). ``expected`` need not sum to one.
    """
    total = sum(expected.values())

    def measure(stored: TableView) -> list[CheckResult]:
        counted = stored.all().group_by(pl.col(column).cast(pl.String)).agg(pl.len()).collect()
        counts: dict[str, int] = dict(counted.iter_rows())
        rows = sum(counts.values())
        strays, numbers = [0.0], {}
        for value, weight in expected.items():
            p = weight / total
            seen = counts.get(value, 0) / rows if rows else p
            numbers[f"share.{value}"] = seen
            gap, error = abs(seen - p), math.sqrt(p * (1 - p) / max(rows, 1))
            # All or nothing leaves no room for chance.
            strays.append(gap / error if error else (math.inf if gap else 0.0))
        worst = max(strays)
        return [
            CheckResult(None, worst <= sigmas, worst, f"<= {sigmas:g} standard errors", numbers)
        ]

    doc = f"Shares of `{column}` are the declared ones, within {sigmas:g} standard errors."
    return Check(f"shares_{column}", doc, measure, blocking=False, per_partition=False)


def share_near(
    name: str,
    doc: str,
    condition: pl.Expr,
    expected: Callable[[Any], float],
    sigmas: float = 5.0,
) -> Check:
    """The share of the table's rows for which ``condition`` holds is ``expected(scenario)``.

    It may stray ``sigmas`` binomial standard errors.
    """

    def measure(stored: TableView) -> list[CheckResult]:
        row = stored.all().select(pl.len(), condition.sum()).collect().row(0)
        rows, hits = int(row[0]), int(row[1])
        wanted = expected(stored.scenario)
        slack = sigmas * math.sqrt(wanted * (1 - wanted) / max(rows, 1))
        share = hits / rows if rows else wanted
        # Rounding leaves a last digit even where there is no room for chance.
        inside = abs(share - wanted) <= slack + 1e-12
        bound = f"{wanted:.3f} give or take {slack:.3f}"
        return [CheckResult(None, inside, share, bound, {"rows": float(rows)})]

    return Check(name, doc, measure, per_partition=False)


def overlap(column: str, other: str, other_column: str, low: float, high: float) -> Check:
    """The share of distinct values of ``column`` that another table also holds, between bounds."""

    def measure(stored: TableView) -> list[CheckResult]:
        mine = stored.all().select(pl.col(column)).drop_nulls().unique()
        theirs = stored.other(other).all().select(pl.col(other_column).alias(column)).unique()
        count = int(mine.select(pl.len()).collect().item())
        shared = int(mine.join(theirs, on=column, how="semi").select(pl.len()).collect().item())
        share = shared / count if count else 0.0
        numbers = {"values": float(count), "shared": float(shared)}
        return [CheckResult(None, low <= share <= high, share, f"{low:g} to {high:g}", numbers)]

    doc = f"Between {low:.0%} and {high:.0%} of `{column}` values are found in `{other}`."
    return Check(f"overlap_{other}", doc, measure, per_partition=False, reads=(other,))


def drift(reference: str) -> Check:
    """No column's distribution strays from the same column of a reference table.

    Categories by the population stability index, numbers and hours of the day by the
    two-sample Kolmogorov-Smirnov statistic, every column by its share of nulls and blanks.
    Keys are left out. ``measured`` is the worst statistic over its limit, so 1 is the bound.
    Tables cut alike are compared on the partitions that both hold.
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
    """Two tables: where they are cut alike and share partitions, these partitions of both."""
    shared = [key for key in one.partition_stats if key in other.partition_stats]
    if one.table.partitioning != other.table.partitioning or not shared:
        return one.all().collect(), other.all().collect()
    here, there = (replace(table, keys=shared).current().collect() for table in (one, other))
    return here, there


def _column_drift(column: ColumnInfo, here: pl.DataFrame, there: pl.DataFrame) -> dict[str, float]:
    a, b = here[column.name], there[column.name]
    numbers = {f"{column.name}.empty": _empty_drift(a, b)}
    if isinstance(column.dtype, pl.Date):
        pass  # dates move with the calendar, and have no hour
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
    return abs(shares_[0] - shares_[1]) / (5 * error) if error else 0.0


def _psi(a: pl.Series, b: pl.Series) -> float:
    counts = [dict(s.cast(pl.String).drop_nulls().value_counts().iter_rows()) for s in (a, b)]
    total = 0.0
    for value in set(counts[0]) | set(counts[1]):
        # Half a row stands in for a value that one side lacks; the logarithm needs a share.
        p, q = (max(c.get(value, 0), 0.5) / max(sum(c.values()), 1) for c in counts)
        total += (p - q) * math.log(p / q)
    return total


def _psi_limit(a: pl.Series, b: pl.Series) -> float:
    # Of equal distributions the index is about chi-square times (1/n + 1/m), so small samples
    # need room; Wilson and Hilferty's approximation of its quantile at 1 - 1e-6 (4.75 sigma).
    freedom = max(pl.concat([a.cast(pl.String), b.cast(pl.String)]).n_unique() - 1, 1)
    spread = 2 / (9 * freedom)
    quantile = freedom * (1 - spread + 4.75 * math.sqrt(spread)) ** 3
    return max(PSI_LIMIT, quantile * (1 / len(a) + 1 / len(b)))


def _ks(a: pl.Series, b: pl.Series) -> float:
    x, y = (np.sort(s.drop_nulls().cast(pl.Float64).to_numpy()) for s in (a, b))
    if not len(x) or not len(y):
        return 0.0
    both = np.concatenate([x, y])
    gap = np.searchsorted(x, both, side="right") / len(x)
    gap = gap - np.searchsorted(y, both, side="right") / len(y)
    limit = math.sqrt(-math.log(KS_ALPHA / 2) / 2 * (len(x) + len(y)) / (len(x) * len(y)))
    return float(np.abs(gap).max() / limit)
