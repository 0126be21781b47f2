"""Checks of a whole table give the same results by shard, however the shards are grouped."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, Mergeable, TableView
from synth_assets.domains import load_domains
from synth_assets.domains.identity_resolution.checks import edge_cases, overlaps, strata
from synth_assets.quality.mergeable import (
    DISTINCT_ERROR,
    by_kind,
    distinct,
    estimate,
    merged,
    summary,
    sums_by_entity,
)
from synth_assets.quality.proportions import share_near, shares
from synth_assets.quality.structural import checks_of
from synth_assets_tests.environment import only
from synth_assets_tests.quality.memory import Memory
from synth_assets_tests.quality.parent_child import DOMAIN, K0, K1, child

SHARDS = 12


def nothing(stored: TableView, found: pl.DataFrame) -> list[CheckResult]:
    """Judges nothing."""
    return []


def children() -> TableView:
    ids = list(range(1, 4_001))
    colours = ["green" if n % 3 == 0 else "red" for n in ids]
    frame = child(ids, colour=colours)
    reader = Memory({"child": {K0: frame.head(2_500), K1: frame.tail(1_500)}})
    table = DOMAIN.table("child")
    return TableView(DOMAIN, table, [K0, K1], reader, DOMAIN.scenario)


def in_groups(mergeable: Mergeable, rows: pl.DataFrame, seed: int) -> pl.DataFrame:
    """The summary of rows in shards that are merged in a random order and grouping."""
    chance = random.Random(seed)
    shards = [rows.slice(n * len(rows) // SHARDS, len(rows) // SHARDS) for n in range(SHARDS)]
    shards.append(rows.slice(SHARDS * (len(rows) // SHARDS)))
    waiting = [mergeable.summarize(shard.lazy()).collect() for shard in shards]
    chance.shuffle(waiting)
    while len(waiting) > 1:
        some = [waiting.pop(chance.randrange(len(waiting))) for _ in range(2)]
        waiting.append(merged(mergeable, some))
    return waiting[0]


@pytest.mark.parametrize(
    "check",
    [
        shares("colour", {"red": 2, "green": 1}),
        share_near("reds", "Reds.", pl.col("colour") == "red", lambda scenario: 2 / 3),
    ],
    ids=lambda check: check.name,
)
@pytest.mark.parametrize("seed", range(3))
def test_shares_by_shard_are_those_of_the_table(check: Check, seed: int) -> None:
    view = children()
    assert check.mergeable is not None
    found = in_groups(check.mergeable, view.all().collect(), seed)
    assert check.mergeable.judge(view, found) == check.measure(view)


@pytest.fixture(scope="module")
def truth() -> TableView:
    """Persons with records in several sources, which are in several shards."""
    with only():
        (domain,) = (d for d in load_domains() if d.name == "identity_resolution")
    table = domain.table("identity_truth")
    rows = 30_000
    made = pl.DataFrame({"row": range(rows)}).with_columns(
        person_id=pl.format("P{}", (pl.col("row").hash(1) % 9_000)),
        source=pl.Series(["crm_customers", "ecom_transactions", "pos_transactions"]).gather(
            pl.Series(range(rows)).hash(2) % 3
        ),
        edge_case=pl.when(pl.col("row") % 50 == 0).then(pl.lit("twins")),
    )
    keys = list(table.partitioning.keys())[:2]
    halves = {keys[0]: made.head(rows // 2), keys[1]: made.tail(rows // 2)}
    reader = Memory({"identity_truth": halves})
    return TableView(domain, table, keys, reader, domain.scenario)


@pytest.mark.parametrize("of_shards", [overlaps(1), strata(1), edge_cases(["twins"])],
                         ids=lambda check: check.name)  # fmt: skip
def test_overlaps_and_strata_by_shard_are_those_of_the_table(
    truth: TableView, of_shards: Check
) -> None:
    assert of_shards.mergeable is not None
    # Without the wait for shards that this table has not.
    complete = replace(truth, keys=list(truth.partition_stats))
    whole = in_groups(of_shards.mergeable, truth.all().collect(), 1)
    by_shard = of_shards.mergeable.judge(truth, whole)
    at_once = of_shards.mergeable.judge(truth, summary(complete, of_shards.mergeable))
    assert by_shard == at_once
    assert by_shard[0].numbers


def test_memberships_are_counted_alike_by_shard_and_over_the_table(truth: TableView) -> None:
    from synth_assets.domains.identity_resolution import checks

    found: list[pl.DataFrame] = []

    def keep(stored: TableView, memberships: pl.DataFrame) -> list[CheckResult]:
        found.append(memberships.sort(memberships.columns))
        return []

    of_shards = checks._of_persons(keep, sample=1)
    of_shards.judge(truth, summary(truth, of_shards))
    whole = checks._memberships(truth)
    assert found[0].cast(pl.Int64).equals(whole.sort(whole.columns).cast(pl.Int64))


def test_a_sample_has_the_same_entities_in_every_shard(truth: TableView) -> None:
    numbers = {"rows": pl.lit(1, pl.Int64)}
    key = pl.col("person_id")
    every, some = (sums_by_entity(nothing, key, numbers, sample=n) for n in (1, 8))
    whole, sampled = summary(truth, every), summary(truth, some)
    assert len(whole) == truth.all().select(key.n_unique()).collect().item()
    assert abs(len(sampled) - len(whole) / 8) < 200
    # Each entity of the sample has all its rows.
    assert sampled.join(whole, on=["entity", "rows"], how="anti").is_empty()


@pytest.mark.parametrize("values", [1, 900, 60_000])
def test_a_sketch_of_shards_is_that_of_the_table(values: int) -> None:
    rows = pl.DataFrame({"id": pl.Series(range(120_000)) % values})
    sketch = distinct(nothing, pl.col("id"))
    whole = sketch.summarize(rows.lazy()).collect().sort("register")
    assert in_groups(sketch, rows, 5).sort("register").equals(whole)
    assert abs(estimate(whole) - values) <= max(4 * DISTINCT_ERROR * values, 0.5)


def test_how_each_check_grows_is_known() -> None:
    kinds: dict[str, Any] = {}
    for kind, check in by_kind(checks_of(children().table)):
        kinds.setdefault(kind, []).append(check.name)
    assert kinds["by partition"]
    assert kinds["whole"] == ["one_scenario"]
