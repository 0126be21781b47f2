"""The numbers of persons that two sources have in common."""

from __future__ import annotations

import polars as pl

from synth_assets.domains.identity_resolution.checks import common_persons
from synth_assets.domains.identity_resolution.records import SOURCES


def test_persons_are_counted_for_each_pair_of_sources() -> None:
    one, other, *rest = SOURCES
    counts = pl.DataFrame({one: [2, 0, 1], other: [1, 3, 0]}).with_columns(
        pl.lit(0).alias(name) for name in rest
    )
    found = counts.select(common_persons()).row(0, named=True)
    assert len(found) == len(SOURCES) * (len(SOURCES) + 1) // 2
    assert {name: n for name, n in found.items() if n} == {
        f"overlap.{one}.{one}": 2, f"overlap.{one}.{other}": 1, f"overlap.{other}.{other}": 2,
    }  # fmt: skip
