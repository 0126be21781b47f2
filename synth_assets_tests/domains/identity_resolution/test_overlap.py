"""The numbers of persons that two sources have in common."""

from __future__ import annotations

import polars as pl

from synth_assets.domains.identity_resolution.checks import common_persons
from synth_assets.domains.identity_resolution.records import SOURCES


def test_persons_are_counted_for_each_pair_of_sources() -> None:
    one, other, *rest = SOURCES
    counts = pl.DataFrame({"persons": [2, 4, 1], one: [2, 0, 1], other: [1, 3, 0]}).with_columns(
        pl.lit(0).alias(name) for name in rest
    )
    found = common_persons(counts)
    assert len(found) == len(SOURCES) * (len(SOURCES) + 1) // 2
    assert {name: n for name, n in found.items() if n} == {
        f"overlap.{one}.{one}": 3, f"overlap.{one}.{other}": 2, f"overlap.{other}.{other}": 6,
    }  # fmt: skip
