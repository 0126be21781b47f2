"""What the provider's tables must show, split by split: shares, and what the merchant knows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, TableView

# Rows (of so many) to which an expected share belongs.
Share = tuple[int, int, float]
Shares = Callable[[TableView, str], Mapping[str, Share]]
SIGMAS = 5.0
# How far a share may stray where there are rows enough.
TOLERANCE = 0.02


def slack(share: float, rows: int) -> float:
    """Two points, or five standard errors where that is more."""
    return max(TOLERANCE, SIGMAS * math.sqrt(share * (1 - share) / max(rows, 1)))


def shares_hold(name: str, doc: str, shares: Shares, reads: tuple[str, ...] = ()) -> Check:
    """Shares of each split are those declared.

    ``shares(stored, split)`` tells of each how many rows it is, of how many, and what share of
    them is declared.
    """

    def measure(stored: TableView) -> list[CheckResult]:
        return [_verdict(split, shares(stored, split)) for split in stored.keys]

    return Check(name, doc, measure, reads=reads)


def _verdict(split: str, shares: Mapping[str, Share]) -> CheckResult:
    gaps: dict[str, float] = {}
    numbers: dict[str, float] = {}
    for name, (rows, of, declared) in shares.items():
        share = rows / of if of else declared
        numbers |= {f"share.{name}": share, f"declared.{name}": declared}
        gaps[name] = abs(share - declared) / slack(declared, of)
    worst = max(gaps.values())
    off = [
        {"share": name, "measured": round(numbers[f"share.{name}"], 4), "declared": shares[name][2]}
        for name, gap in gaps.items()
        if gap > 1
    ]
    bound = f"<= 1 (two points, or {SIGMAS:g} standard errors)"
    return CheckResult(split, not off, worst, bound, numbers, off)


def counts(frame: pl.LazyFrame, **conditions: pl.Expr) -> dict[str, int]:
    """Rows of a frame, as ``rows``, and those for which each condition holds."""
    asked = frame.select(pl.len().alias("rows"), **{n: c.sum() for n, c in conditions.items()})
    return {name: int(value) for name, value in asked.collect().row(0, named=True).items()}
