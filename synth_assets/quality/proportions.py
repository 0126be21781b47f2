"""Checks of shares: of the values of a column, of rows that meet a condition, of any counts.

The tolerance of a share is ``tolerance.share_tolerance``. A check of one share measures the share;
a check of several measures the largest deviation in tolerances, so that its threshold is 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, TableView
from synth_assets.quality.mergeable import counts, mergeable_check
from synth_assets.quality.tolerance import ROUNDING, STANDARD_ERRORS, share_tolerance

# Prefix of declared shares among the numbers of a result; the rest of the name is the share's.
DECLARED = "declared"


class Proportion(NamedTuple):
    """Counts of matching rows and of all rows, with the expected share.

    Attributes:
        matching: Number of matching rows.
        rows: Number of rows that could match.
        expected: The expected share, 0 to 1.
    """

    matching: int
    rows: int
    expected: float

    @property
    def share(self) -> float:
        """The measured share; the expected one where there are no rows."""
        return self.matching / self.rows if self.rows else self.expected


def share_result(
    proportion: Proportion, numbers: Mapping[str, float], key: str | None = None
) -> CheckResult:
    """The result of a check of one share; ``measured`` is the share.

    Args:
        proportion: The counts.
        numbers: Further numbers of the result.
        key: Partition key; None for the whole table.
    """
    expected = proportion.expected
    tolerance = share_tolerance(expected, proportion.rows)
    passed = abs(proportion.share - expected) <= tolerance + ROUNDING
    threshold = f"{expected:.3f} give or take {tolerance:.3f}"
    return CheckResult(key, passed, proportion.share, threshold, dict(numbers))


def shares_result(
    proportions: Mapping[str, Proportion],
    key: str | None = None,
    *,
    least: float = 0.0,
    design: float = 1.0,
    number: str = "share",
) -> CheckResult:
    """The result of a check of several shares; ``measured`` is the worst deviation in tolerances.

    Args:
        proportions: The counts by name.
        key: Partition key; None for the whole table.
        least: Tolerance that always applies (see ``share_tolerance``).
        design: Design effect (see ``share_tolerance``).
        number: Prefix of the shares among the result's numbers.
    """
    deviations = {n: _deviation(p, least, design) for n, p in proportions.items()}
    worst = max(deviations.values(), default=0.0)
    off = [
        {"share": n, "measured": round(p.share, 4), "declared": p.expected}
        for n, p in proportions.items()
        if deviations[n] > 1
    ]
    points = f"{100 * least:g} point{'' if least == 0.01 else 's'}, or " if least else ""
    threshold = f"<= 1 ({points}{STANDARD_ERRORS:g} standard errors)"
    numbers = {f"{number}.{n}": p.share for n, p in proportions.items()}
    numbers |= {f"{DECLARED}.{n}": p.expected for n, p in proportions.items()}
    return CheckResult(key, not off, worst, threshold, numbers, off)


def _deviation(proportion: Proportion, least: float, design: float) -> float:
    gap = abs(proportion.share - proportion.expected)
    tolerance = share_tolerance(proportion.expected, proportion.rows, least=least, design=design)
    if not tolerance:
        # An expected share of 0 or 1 allows no deviation by chance.
        return math.inf if gap > ROUNDING else 0.0
    return gap / tolerance


def shares(column: str, expected: Mapping[str, float], design: float = 1.0) -> Check:
    """The values of a column have the declared shares in the whole table. A failure warns.

    Args:
        column: Name of the column.
        expected: Weight of each value; their sum need not be one.
        design: Design effect (see ``share_tolerance``).
    """
    total = sum(expected.values())

    def judge(stored: TableView, counted: pl.DataFrame) -> list[CheckResult]:
        found_of: dict[str, int] = dict(counted.iter_rows())
        rows = sum(found_of.values())
        found = {v: Proportion(found_of.get(v, 0), rows, w / total) for v, w in expected.items()}
        return [shares_result(found, design=design)]

    effect = "" if design == 1 else f" (design effect {design:g})"
    doc = f"Shares of `{column}` are the declared ones, within {STANDARD_ERRORS:g} standard errors"
    counted = counts(judge, value=pl.col(column).cast(pl.String))
    return mergeable_check(f"{column}_distribution", f"{doc}{effect}.", counted, blocking=False)


def share_near(
    name: str,
    doc: str,
    condition: pl.Expr,
    expected: Callable[[Any], float],
) -> Check:
    """The share of the table's rows that meet a condition is the expected one.

    Args:
        name: The check's name.
        doc: What holds.
        condition: Boolean, over the table's columns.
        expected: The scenario to the expected share.
    """

    def judge(stored: TableView, counted: pl.DataFrame) -> list[CheckResult]:
        rows = int(counted["rows"].sum())
        matching = int(counted.filter("meets")["rows"].sum())
        found = Proportion(matching, rows, expected(stored.scenario))
        return [share_result(found, {"rows": float(rows)})]

    return mergeable_check(name, doc, counts(judge, meets=condition))


def proportions_test(
    name: str,
    doc: str,
    proportions: Callable[[TableView, str], Mapping[str, Proportion]],
    *,
    least: float = 0.0,
    reads: tuple[str, ...] = (),
) -> Check:
    """Several shares of each partition are the expected ones.

    Args:
        name: The check's name.
        doc: What holds.
        proportions: ``(view, key)`` to the counts of a partition, by name.
        least: Tolerance that always applies (see ``share_tolerance``).
        reads: Other tables that it reads.
    """

    def measure(stored: TableView) -> list[CheckResult]:
        results = []
        for key in stored.keys:
            found = proportions(stored, key)
            results.append(shares_result(found, key, least=least))
        return results

    return Check(name, doc, measure, reads=reads)
