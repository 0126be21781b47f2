"""Checks about distributions: a chi-square or Kolmogorov-Smirnov figure, and how sure it is.

Each fails sound data once in a million times (``ALPHA``), and sound data of one seed always or
never. Where rows come in groups that are alike (a session's events, a household's members), the
figure is divided by the most that this can inflate it (``design``; Rao and Scott, 1981).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, TableView
from synth_assets.quality.building import when_complete

ALPHA = 1e-6
# Fewer rows than this that are expected of a value are looked at together with others.
LEAST_EXPECTED = 5.0

Counts = Mapping[str, float]


def _beyond(statistic: float, freedom: int) -> float:
    """The chance that a chi-square statistic is as large, or larger."""
    # A third of a second to import, which every command would wait for.
    from scipy.special import chdtrc

    return float(chdtrc(freedom, statistic)) if freedom else float(statistic == 0)


def _outside(deviations: float) -> float:
    """The chance that a normal figure is as many standard deviations away, or more."""
    from scipy.special import ndtr

    return 2 * float(ndtr(-deviations))


def chi_square_test(
    name: str,
    doc: str,
    found: Callable[[TableView], Counts],
    expected: Callable[[TableView], Counts],
    *,
    design: float = 1.0,
    reads: Sequence[str] = (),
) -> Check:
    """Counts of values are those that the declared shares lead to expect."""

    def measure(stored: TableView) -> list[CheckResult]:
        counts, shares = found(stored), expected(stored)
        statistic, freedom, numbers = _fit(counts, shares)
        p = _beyond(statistic / design, freedom)
        numbers |= {"chi_square": statistic, "degrees_of_freedom": float(freedom)}
        strange = [
            {"value": v, "rows": int(n)} for v, n in counts.items() if n and not shares.get(v)
        ]
        bound = f"p >= {ALPHA:g}"
        return [CheckResult(None, p >= ALPHA and not strange, p, bound, numbers, strange)]

    said = f"{doc} (Chi-square, error probability {ALPHA:g}.)"
    return when_complete(
        Check(name, said, measure, per_partition=False, reads=tuple(reads)), *reads
    )


def _fit(counts: Counts, shares: Counts) -> tuple[float, int, dict[str, float]]:
    """Pearson's statistic, its degrees of freedom, and the share of each value."""
    rows, whole = sum(counts.values()), math.fsum(shares.values())
    numbers = {f"share.{v}": counts.get(v, 0) / max(rows, 1) for v in shares}
    if not rows:
        return 0.0, 0, numbers
    cells, rare = [], [0.0, 0.0]
    for value, share in shares.items():
        seen, wanted = counts.get(value, 0), rows * share / whole
        if wanted < LEAST_EXPECTED:
            rare = [rare[0] + seen, rare[1] + wanted]
        else:
            cells.append((seen, wanted))
    if rare[1] >= LEAST_EXPECTED:
        cells.append((rare[0], rare[1]))
    statistic = math.fsum((seen - wanted) ** 2 / wanted for seen, wanted in cells)
    return statistic, max(len(cells) - 1, 0), numbers


def within_tolerance(
    name: str,
    doc: str,
    measured: Callable[[TableView], Mapping[str, tuple[float, float, float]]],
    *,
    reads: Sequence[str] = (),
) -> Check:
    """Several figures are as expected: each is (found, expected, its standard error)."""

    def measure(stored: TableView) -> list[CheckResult]:
        figures = measured(stored)
        z = [abs(f - e) / s if s else (0.0 if f == e else math.inf) for f, e, s in figures.values()]
        p = min(1.0, _outside(max(z, default=0.0)) * max(len(z), 1))
        numbers = {"standard_errors": max(z, default=0.0)}
        numbers |= {f"found.{n}": f for n, (f, _, _) in figures.items()}
        off = [
            {"of": n, "found": round(f, 6), "expected": round(e, 6)}
            for (n, (f, e, _)), stray in zip(figures.items(), z, strict=True)
            if _outside(stray) * len(z) < ALPHA
        ]
        return [CheckResult(None, p >= ALPHA, p, f"p >= {ALPHA:g}", numbers, off)]

    said = f"{doc} (Worst of several by the normal distribution, error probability {ALPHA:g}.)"
    return when_complete(
        Check(name, said, measure, per_partition=False, reads=tuple(reads)), *reads
    )


def kolmogorov_smirnov_test(
    name: str,
    doc: str,
    found: Callable[[TableView], npt.NDArray[np.float64]],
    expected: Callable[[TableView], npt.NDArray[np.float64]],
    *,
    reads: Sequence[str] = (),
) -> Check:
    """Values are distributed as a large reference is, by the largest gap between the two."""

    def measure(stored: TableView) -> list[CheckResult]:
        values, reference = np.sort(found(stored)), np.sort(expected(stored))
        points = np.unique(np.concatenate([values, reference]))
        share = [
            np.searchsorted(side, points, side="right") / max(len(side), 1)
            for side in (values, reference)
        ]
        gap = float(np.abs(share[0] - share[1]).max()) if len(values) else 0.0
        limit = math.sqrt(-math.log(ALPHA / 2) / 2 / max(len(values), 1)) + 1 / len(reference)
        numbers = {"values": float(len(values)), "limit": limit}
        return [CheckResult(None, gap <= limit, gap, f"<= {limit:.5f}", numbers)]

    said = f"{doc} (Kolmogorov-Smirnov, error probability {ALPHA:g}.)"
    return when_complete(
        Check(name, said, measure, per_partition=False, reads=tuple(reads)), *reads
    )
