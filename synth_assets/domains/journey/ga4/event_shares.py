"""The check that each event's share is close to its share in the public sample."""

from __future__ import annotations

import math

import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, TableView
from synth_assets.domains.journey.ga4.sample import EVENTS, NAMES

# Largest ratio of an event's share to the sample's (or its inverse), and standard errors allowed.
FACTOR, SIGMAS = 2.0, 4.0


def event_shares() -> Check:
    """On every day each event's share is close to its share in the sample."""

    def measure(stored: TableView) -> list[CheckResult]:
        partition_column = stored.table.partitioning.partition_column
        counted = stored.current().group_by(partition_column, "event_name").agg(pl.len()).collect()
        counts = {(key, name): n for key, name, n in counted.iter_rows()}
        partition_stats, results = stored.partition_stats, []
        for key in stored.keys:
            rows = max(partition_stats[key].rows, 1)
            excess = {n: _excess(counts.get((key, n), 0), rows, n) for n in NAMES}
            shares = {f"share.{n}": counts.get((key, n), 0) / rows for n in NAMES}
            wrong = [{"event_name": n, "times": v} for n, v in excess.items() if v > 1]
            worst = max(excess.values())
            bound = "<= 1 (times what is allowed)"
            results.append(CheckResult(key, worst <= 1, worst, bound, shares, wrong))
        return results

    doc = (
        f"Each event's share is within a factor of {FACTOR:g} of the sample's, "
        f"plus or minus {SIGMAS:g} standard errors; carts may be missing."
    )
    return Check("event_name_distribution", doc, measure)


def _excess(count: int, rows: int, name: str) -> float:
    """Ratio of a count's distance from its allowed range to the tolerance."""
    expected = NAMES[name][0] / EVENTS * rows
    low = 0.0 if name == "add_to_cart" else expected / FACTOR
    # A session's events of one name are correlated, which raises the variance.
    slack = SIGMAS * math.sqrt(3 * max(expected, 3.0))
    if count > expected * FACTOR:
        return (count - expected * FACTOR) / slack
    return max(low - count, 0.0) / slack
