"""Checks of distributions by statistical tests: chi-square, normal and Kolmogorov-Smirnov.

Each measures a p-value, and its threshold is the error probability ``tolerance.ALPHA``. Shares may
also deviate by the ``tolerance.RESOLUTION`` of draws, so that any number of rows passes. Where rows
come in similar groups (a session's events, a household's members), the chi-square statistic is
divided by the design effect (Rao and Scott, 1981), the most that this can inflate it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, TableView
from synth_assets.quality.building import when_complete
from synth_assets.quality.proportions import DECLARED
from synth_assets.quality.tolerance import (
    ALPHA,
    RESOLUTION,
    chi_square_p,
    kolmogorov_smirnov_limit,
    kolmogorov_smirnov_p,
    normal_p,
)

# Values with fewer expected rows are pooled (Cochran's rule, 1954).
LEAST_EXPECTED = 5.0
THRESHOLD = f"p >= {ALPHA:g}"

Counts = Mapping[str, float]


def chi_square_test(
    name: str,
    doc: str,
    found: Callable[[TableView], Counts],
    expected: Callable[[TableView], Counts],
    *,
    design: float = 1.0,
    reads: Sequence[str] = (),
) -> Check:
    """Counts of values follow from the declared shares (Pearson's chi-square test).

    Args:
        name: The check's name.
        doc: What holds.
        found: The view to the number of rows by value.
        expected: The view to the declared weight by value; their sum need not be one.
        design: Design effect, by which the statistic is divided.
        reads: Other tables that it reads.
    """

    def measure(stored: TableView) -> list[CheckResult]:
        counts, shares = found(stored), expected(stored)
        statistic, freedom, numbers = _fit(counts, shares)
        p = chi_square_p(statistic / design, freedom)
        numbers |= {"chi_square": statistic, "degrees_of_freedom": float(freedom)}
        undeclared = [
            {"value": v, "rows": int(n)} for v, n in counts.items() if n and not shares.get(v)
        ]
        passed = p >= ALPHA and not undeclared
        return [CheckResult(None, passed, p, THRESHOLD, numbers, undeclared)]

    return _table_check(name, f"{doc} (Chi-square, error probability {ALPHA:g}.)", measure, reads)


def _fit(counts: Counts, shares: Counts) -> tuple[float, int, dict[str, float]]:
    """Pearson's statistic (beyond the resolution), its degrees of freedom, and all shares."""
    rows, total = sum(counts.values()), math.fsum(shares.values())
    numbers = {f"share.{v}": counts.get(v, 0) / max(rows, 1) for v in shares}
    numbers |= {f"{DECLARED}.{v}": share / (total or 1) for v, share in shares.items()}
    if not rows:
        return 0.0, 0, numbers
    cells, rare = [], [0.0, 0.0]
    for value, share in shares.items():
        observed, expected = counts.get(value, 0), rows * share / total
        if expected < LEAST_EXPECTED:
            rare = [rare[0] + observed, rare[1] + expected]
        else:
            cells.append((observed, expected))
    if rare[1] >= LEAST_EXPECTED:
        cells.append((rare[0], rare[1]))
    statistic = math.fsum(max(abs(o - e) - RESOLUTION * rows, 0) ** 2 / e for o, e in cells)
    return statistic, max(len(cells) - 1, 0), numbers


def within_tolerance(
    name: str,
    doc: str,
    measured: Callable[[TableView], Mapping[str, tuple[float, float, float]]],
    *,
    further: Callable[[TableView], Counts] = lambda stored: {},
    reads: Sequence[str] = (),
) -> Check:
    """Several statistics are as expected, by the normal distribution (Bonferroni corrected).

    Args:
        name: The check's name.
        doc: What holds.
        measured: The view to (measured, expected, standard error) of each statistic, by name.
        further: The view to further numbers of the result, by name.
        reads: Other tables that it reads.
    """

    def measure(stored: TableView) -> list[CheckResult]:
        statistics = measured(stored)
        z = [
            abs(m - e) / s if s else (0.0 if m == e else math.inf)
            for m, e, s in statistics.values()
        ]
        p = min(1.0, normal_p(max(z, default=0.0)) * max(len(z), 1))
        numbers = {"standard_errors": max(z, default=0.0)}
        numbers |= {f"found.{n}": m for n, (m, _, _) in statistics.items()}
        numbers |= {f"{DECLARED}.{n}": e for n, (_, e, _) in statistics.items()}
        numbers |= further(stored)
        off = [
            {"of": n, "found": round(m, 6), "expected": round(e, 6)}
            for (n, (m, e, _)), deviation in zip(statistics.items(), z, strict=True)
            if normal_p(deviation) * len(z) < ALPHA
        ]
        return [CheckResult(None, p >= ALPHA, p, THRESHOLD, numbers, off)]

    said = f"{doc} (Worst of several by the normal distribution, error probability {ALPHA:g}.)"
    return _table_check(name, said, measure, reads)


def kolmogorov_smirnov_test(
    name: str,
    doc: str,
    found: Callable[[TableView], npt.NDArray[np.float64]],
    expected: Callable[[TableView], npt.NDArray[np.float64]],
    *,
    reads: Sequence[str] = (),
) -> Check:
    """Values are distributed as those of a large reference sample.

    Args:
        name: The check's name.
        doc: What holds.
        found: The view to the values, one-dimensional.
        expected: The view to the reference sample, one-dimensional.
        reads: Other tables that it reads.
    """

    def measure(stored: TableView) -> list[CheckResult]:
        values, reference = np.sort(found(stored)), np.sort(expected(stored))
        points = np.unique(np.concatenate([values, reference]))
        share = [
            np.searchsorted(side, points, side="right") / max(len(side), 1)
            for side in (values, reference)
        ]
        gap = float(np.abs(share[0] - share[1]).max()) if len(values) else 0.0
        # The reference has steps of this size where its distribution is continuous.
        step = 1 / len(reference)
        p = kolmogorov_smirnov_p(max(gap - step, 0.0), len(values))
        limit = kolmogorov_smirnov_limit(max(len(values), 1)) + step
        numbers = {"values": float(len(values)), "gap": gap, "limit": limit}
        return [CheckResult(None, p >= ALPHA, p, THRESHOLD, numbers)]

    said = f"{doc} (Kolmogorov-Smirnov, error probability {ALPHA:g}.)"
    return _table_check(name, said, measure, reads)


def _table_check(
    name: str,
    doc: str,
    measure: Callable[[TableView], list[CheckResult]],
    reads: Sequence[str],
) -> Check:
    check = Check(name, doc, measure, per_partition=False, reads=tuple(reads))
    return when_complete(check, *reads)
