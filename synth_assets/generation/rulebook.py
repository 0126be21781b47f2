"""The rules that tables share. Each function returns one ``Rule``; a table lists those it wants.

``schema_holds``, ``as_written``, ``one_scenario``, ``unique`` on the primary key and
``foreign_key`` on every reference come to each table by themselves (see ``Table.all_rules``).
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np
import polars as pl

from synth_assets.generation.rules import (
    Rule,
    Verdict,
    offenders_by_key,
    once_complete,
    row_rule,
)
from synth_assets.generation.schema import ColumnInfo, columns_of, polars_schema, violations
from synth_assets.generation.stored import Stored

# Population stability index above which a categorical column counts as drifted (customary
# reading in credit scoring: below 0.1 stable, above 0.2 shifted).
PSI_LIMIT = 0.2
# Error probability of each Kolmogorov-Smirnov comparison.
KS_ALPHA = 1e-6
# Rows whose marks (8 bytes each) are sorted in memory at once.
MARKS_AT_ONCE = 100_000_000
# Largest number of distinct values that counts as categorical.
CATEGORIES = 50


def schema_holds() -> Rule:
    """Stored columns and types equal the schema, and every row keeps its constraints."""

    def measure(stored: Stored) -> list[Verdict]:
        wanted = polars_schema(stored.table.schema)
        receipts = stored.receipts
        differing = {k: differences(wanted, receipts[k].schema) for k in stored.keys}
        sound = [k for k in stored.keys if not differing[k]]
        broken = _broken_rows(stored, sound)
        verdicts = []
        for key in stored.keys:
            count, sample = broken.get(key, (0, []))
            found = len(differing[key]) + count
            offenders = [{"difference": text} for text in differing[key]] + sample
            verdicts.append(Verdict(key, found == 0, float(found), "= 0", {}, offenders))
        return verdicts

    doc = "Columns, types, nullability and constraints are those of the schema."
    return Rule("schema", doc, measure)


def differences(wanted: pl.Schema, found: pl.Schema) -> list[str]:
    """How a stored schema differs from the wanted one, in words; empty where it does not."""
    lines = [f"column {n} is missing" for n in wanted if n not in found]
    lines += [f"column {n} is not in the schema" for n in found if n not in wanted]
    lines += [
        f"column {n} is {found[n]}, the schema says {wanted[n]}"
        for n in wanted
        if n in found and not _same_type(wanted[n], found[n])
    ]
    return lines


def _same_type(wanted: pl.DataType, found: pl.DataType) -> bool:
    # Stores without an enumeration type keep the words as text.
    return found == wanted or (isinstance(wanted, pl.Enum) and found == pl.String)


def _broken_rows(stored: Stored, keys: Sequence[str]) -> dict[str, tuple[int, list[Any]]]:
    if not keys:
        return {}
    frame = stored.reader.scan(stored.table, keys).filter(violations(stored.table.schema))
    return offenders_by_key(frame, stored.table.slicing.axis)


def as_written() -> Rule:
    """A slice has the rows that its receipt says were written.

    Other rules count by the receipts, which stay as they are when somebody deletes from a
    database, or adds to it.
    """

    def measure(stored: Stored) -> list[Verdict]:
        axis = stored.table.slicing.axis
        counted = stored.frame.group_by(axis).agg(pl.len()).collect(engine="streaming")
        rows: dict[str, int] = dict(counted.iter_rows())
        receipts = stored.receipts
        wanted = {key: receipts[key].rows for key in stored.keys}
        return [
            Verdict(key, rows.get(key, 0) == n, float(rows.get(key, 0)), f"= {n:,}")
            for key, n in wanted.items()
        ]

    return Rule("as_written", "Every slice has as many rows as were written.", measure)


def one_scenario() -> Rule:
    """All slices of the table, and of its parents, were made by one scenario and code."""

    def measure(stored: Stored) -> list[Verdict]:
        receipts = list(stored.receipts.values())
        parents = [
            r for name in stored.table.parent_names for r in stored.other(name).receipts.values()
        ]
        made_by = {r.fingerprint for r in [*receipts, *parents]}
        versions = {r.code_version for r in receipts}
        others = max(len(made_by) - 1, 0) + max(len(versions) - 1, 0)
        found = [{"scenario": f} for f in sorted(made_by)]
        found += [{"code_version": v} for v in sorted(versions)]
        return [Verdict(None, others == 0, float(others), "= 0", {}, found if others else [])]

    doc = "Every slice of the table and of its parents carries the same scenario's fingerprint."
    return Rule("one_scenario", doc, measure, per_partition=False)


def unique(columns: Sequence[str], name: str | None = None) -> Rule:
    """No two rows of the whole table share the values of ``columns`` (nulls are left out).

    Slices that are tables by themselves are looked at one by one.
    """

    def offenders(stored: Stored) -> pl.LazyFrame:
        key = [*columns, *_apart(stored)]
        present = pl.all_horizontal(pl.col(key).is_not_null())
        # Eight bytes a row tell whether any two may be alike; only those are compared.
        mark = reduce(operator.add, (pl.col(c).hash(seed) for seed, c in enumerate(key)))
        suspects = _repeated(stored, mark, present)
        if suspects.is_empty():
            return stored.frame.clear()
        alike = stored.whole.filter(present & mark.is_in(suspects.implode()))
        repeated = alike.group_by(key).agg(pl.len()).filter(pl.col("len") > 1)
        return stored.frame.join(repeated.drop("len"), on=key, how="semi")

    listed = ", ".join(columns)
    doc = f"No two rows of the table, in any partition, share {listed}."
    return row_rule(name or f"unique_{'_'.join(columns)}", doc, offenders)


def _apart(stored: Stored) -> list[str]:
    """The axis of a table whose slices are tables by themselves."""
    return [stored.table.slicing.axis] if stored.table.apart else []


def _repeated(stored: Stored, mark: pl.Expr, present: pl.Expr) -> pl.Series:
    """The marks that several rows have, found in as many passes as memory needs."""
    rows = sum(receipt.rows for receipt in stored.receipts.values())
    passes = rows // MARKS_AT_ONCE + 1
    found = []
    for turn in range(passes):
        marks = stored.whole.filter(present).select(mark=mark)
        if passes > 1:
            marks = marks.filter(pl.col("mark") % passes == turn)
        here = marks.collect(engine="streaming").to_series().sort()
        found.append(here.filter(here == here.shift()).unique())
    return pl.concat(found)


def foreign_key(column: str, parent: str, parent_column: str) -> Rule:
    """Every value of ``column`` that is not null is found in the stored parent.

    Where the slices of both are tables by themselves, it is found in the same slice.
    """

    def offenders(stored: Stored) -> pl.LazyFrame:
        other = stored.other(parent)
        shared = _apart(stored) if _apart(stored) == _apart(other) else []
        keys = other.whole.select(pl.col(parent_column).alias(column), *shared)
        present = stored.frame.filter(pl.col(column).is_not_null())
        return present.join(keys, on=[column, *shared], how="anti")

    doc = f"Every `{column}` is found in `{parent}.{parent_column}`."
    # A parent's slices that are not there yet may hold the keys.
    return once_complete(
        row_rule(f"fk_{column}", doc, offenders, reads=[parent]), parent, own=False
    )


def holds(name: str, doc: str, condition: pl.Expr) -> Rule:
    """``condition`` is true, or null, for every row."""
    return row_rule(name, doc, lambda stored: stored.frame.filter(~condition))


def accepted(column: str, values: Sequence[str]) -> Rule:
    """``column`` holds none but the listed values."""
    doc = f"`{column}` is one of {', '.join(values)}."
    return holds(f"accepted_{column}", doc, pl.col(column).cast(pl.String).is_in(list(values)))


def volume(expected: Callable[[Any, str], float], low: float, high: float, slack: int = 0) -> Rule:
    """Rows of a partition lie between ``low`` and ``high`` times the number expected.

    ``expected(scenario, key)`` is that number; a difference of up to ``slack`` rows passes.
    """

    def measure(stored: Stored) -> list[Verdict]:
        receipts = stored.receipts
        verdicts = []
        for key in stored.keys:
            rows = receipts[key].rows
            wanted = expected(stored.scenario, key)
            inside = low * wanted <= rows <= high * wanted or abs(rows - wanted) <= slack
            bound = f"{low:g} to {high:g} times {wanted:,.0f}"
            verdicts.append(Verdict(key, inside, float(rows), bound, {"expected": wanted}))
        return verdicts

    def offenders(stored: Stored) -> pl.LazyFrame:
        failed = [v.key for v in measure(stored) if not v.passed]
        return pl.LazyFrame({stored.table.slicing.axis: pl.Series(failed, dtype=pl.String)})

    doc = f"The partition holds {low:g} to {high:g} times the rows expected for it."
    return Rule("volume", doc, measure, offenders=offenders)


def row_count() -> Rule:
    """Every partition has exactly the rows that its place among all partitions gives it."""

    def measure(stored: Stored) -> list[Verdict]:
        receipts, verdicts = stored.receipts, []
        for key in stored.keys:
            piece = stored.table.slice(stored.scenario, key)
            wanted, rows = piece.stop - piece.start, receipts[key].rows
            verdicts.append(Verdict(key, rows == wanted, float(rows), f"= {wanted:,}"))
        return verdicts

    return Rule("row_count", "Every partition has exactly its share of the rows.", measure)


def shares(column: str, expected: Mapping[str, float], sigmas: float = 5.0) -> Rule:
    """Shares of the values of ``column`` in the whole table are those declared.

    Each share may stray ``sigmas`` binomial standard errors (5: a false alarm in about two
    million comparisons). ``expected`` need not sum to one.
    """
    total = sum(expected.values())

    def measure(stored: Stored) -> list[Verdict]:
        counted = stored.whole.group_by(pl.col(column).cast(pl.String)).agg(pl.len()).collect()
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
        return [Verdict(None, worst <= sigmas, worst, f"<= {sigmas:g} standard errors", numbers)]

    doc = f"Shares of `{column}` are the declared ones, within {sigmas:g} standard errors."
    return Rule(f"shares_{column}", doc, measure, blocking=False, per_partition=False)


def share_near(
    name: str,
    doc: str,
    condition: pl.Expr,
    expected: Callable[[Any], float],
    sigmas: float = 5.0,
) -> Rule:
    """The share of the table's rows for which ``condition`` holds is ``expected(scenario)``.

    It may stray ``sigmas`` binomial standard errors.
    """

    def measure(stored: Stored) -> list[Verdict]:
        row = stored.whole.select(pl.len(), condition.sum()).collect().row(0)
        rows, hits = int(row[0]), int(row[1])
        wanted = expected(stored.scenario)
        slack = sigmas * math.sqrt(wanted * (1 - wanted) / max(rows, 1))
        share = hits / rows if rows else wanted
        # Rounding leaves a last digit even where there is no room for chance.
        inside = abs(share - wanted) <= slack + 1e-12
        bound = f"{wanted:.3f} give or take {slack:.3f}"
        return [Verdict(None, inside, share, bound, {"rows": float(rows)})]

    return Rule(name, doc, measure, per_partition=False)


def overlap(column: str, other: str, other_column: str, low: float, high: float) -> Rule:
    """The share of distinct values of ``column`` that another table also holds, between bounds."""

    def measure(stored: Stored) -> list[Verdict]:
        mine = stored.whole.select(pl.col(column)).drop_nulls().unique()
        theirs = stored.other(other).whole.select(pl.col(other_column).alias(column)).unique()
        count = int(mine.select(pl.len()).collect().item())
        shared = int(mine.join(theirs, on=column, how="semi").select(pl.len()).collect().item())
        share = shared / count if count else 0.0
        numbers = {"values": float(count), "shared": float(shared)}
        return [Verdict(None, low <= share <= high, share, f"{low:g} to {high:g}", numbers)]

    doc = f"Between {low:.0%} and {high:.0%} of `{column}` values are found in `{other}`."
    return Rule(f"overlap_{other}", doc, measure, per_partition=False, reads=(other,))


def drift(reference: str) -> Rule:
    """No column's distribution strays from the same column of a reference table.

    Categories by the population stability index, numbers and hours of the day by the
    two-sample Kolmogorov-Smirnov statistic, every column by its share of nulls and blanks.
    Keys are left out. ``measured`` is the worst statistic over its limit, so 1 is the bound.
    Tables cut alike are compared on the slices that both hold.
    """

    def measure(stored: Stored) -> list[Verdict]:
        here, there = _both(stored, stored.other(reference))
        numbers: dict[str, float] = {}
        for column in columns_of(stored.table.schema):
            if not column.primary_key and column.foreign_key is None and len(here) and len(there):
                numbers |= _column_drift(column, here, there)
        worst = max(numbers.values(), default=0.0)
        drifted = [{"column": c, "times_limit": v} for c, v in numbers.items() if v > 1]
        return [Verdict(None, worst <= 1, worst, "<= 1 (times limit)", numbers, drifted)]

    doc = f"Each column is distributed as in `{reference}` (PSI, KS, share of nulls and blanks)."
    return Rule("drift", doc, measure, blocking=False, per_partition=False, reads=(reference,))


def _both(one: Stored, other: Stored) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Two tables: where they are cut alike and share slices, these slices of both."""
    shared = [key for key in one.receipts if key in other.receipts]
    if one.table.slicing != other.table.slicing or not shared:
        return one.whole.collect(), other.whole.collect()
    here, there = (replace(table, keys=shared).frame.collect() for table in (one, other))
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
