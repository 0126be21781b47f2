"""More households, a later end and more campaigns change no row; nor do shards and batches."""

from __future__ import annotations

import polars as pl
import pytest

from synth_assets.core import batches, sources
from synth_assets.core.model import Domain
from synth_assets_tests.domains.identity_graph.made import (
    HOUSEHOLDS,
    Frames,
    generated,
    graph,
    stored,
    whole,
)
from synth_assets_tests.quality.memory import Memory

LESS = {"engagement_config": {"events_per_person": {"mean": 12}}}
GROWN = {
    "households": {"households": HOUSEHOLDS + 777},
    "end": {"end_date": "2025-07-15"},
    "campaigns": {"campaign_config": {"num_campaigns": 14}},
    "all": {
        "households": HOUSEHOLDS * 2,
        "end_date": "2025-04-20",
        "campaign_config": {"num_campaigns": 11},
    },
}


@pytest.fixture(scope="module")
def base() -> Frames:
    of = graph(**LESS)
    return whole(stored(of, [table.name for table in generated(of)]))


@pytest.mark.parametrize("grown", list(GROWN))
def test_an_append_changes_no_row_that_was_there(grown: str, base: Frames) -> None:
    of = graph(**{**LESS, **GROWN[grown]})
    after = whole(stored(of, list(base)))
    for name, before in base.items():
        keys = [c for c, column in of.table(name).schema.columns().items() if column.primary_key]
        kept = after[name].join(before.select(keys), on=keys, how="semi")
        assert kept.sort(keys).equals(before.sort(keys)), name
    more = {name for name, before in base.items() if len(after[name]) > len(before)}
    expected = {
        "households": set(base) - {"campaigns"},
        "end": {"content_engagements"},
        "campaigns": {
            "campaigns",
            "campaign_exposures",
            "response_events",
            "outcome_metrics",
        },
        "all": set(base),
    }
    assert more == expected[grown]


def test_a_truncated_period_has_the_same_earlier_events() -> None:
    first, later = (
        whole(stored(graph(1_000, **LESS, end_date=end), ["content_engagements"]))
        for end in ("2025-05-10", "2025-06-30")
    )
    limit = pl.datetime(2025, 5, 10)
    there = later["content_engagements"].filter(pl.col("timestamp") < limit)
    assert there.equals(first["content_engagements"])


@pytest.mark.parametrize("shards", [1, 7])
def test_the_number_of_shards_changes_no_row(shards: int) -> None:
    ours, theirs = (whole(stored(graph(1_000, n, **LESS))) for n in (2, shards))
    for name, frame in ours.items():
        keys = frame.columns[:4]
        assert frame.sort(keys).equals(theirs[name].sort(keys)), name


def test_large_partitions_are_the_same_in_batches(
    domain: Domain, sound: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "ROWS_AT_ONCE", 1_000)
    monkeypatch.setattr(batches, "MOST_ROWS", 9_999)
    for name in ("individuals", "content_engagements", "outcome_metrics"):
        table = domain.table(name)
        key = table.partitioning.keys()[1]
        partition = table.partition(domain.scenario, key)
        assert (
            sources.frame(table, domain.scenario, partition)
            .collect()
            .equals(sound.slices[name][key])
        ), name


def test_a_seed_changes_the_rows(sound: Memory) -> None:
    other = stored(graph(seed=43), ["households", "campaigns"])
    for name, slices in other.slices.items():
        key = next(iter(slices))
        assert not slices[key].equals(sound.slices[name][key])


def test_conversions_have_values_in_the_declared_range() -> None:
    cheap = {"campaign_config": {"conversion_value_range": {"min": 5, "max": 30}}}
    usual, changed = (
        whole(stored(graph(5_000, **fields), ["response_events"]))["response_events"]
        for fields in ({}, cheap)
    )
    for frame, least, most in ((usual, 10, 500), (changed, 5, 30)):
        values = frame["value"].drop_nulls().cast(pl.Float64)
        assert values.len() > 10
        assert values.is_between(least, most).all()
        assert values.max() - values.min() > (most - least) / 2  # type: ignore[operator]
    # Values change no other column.
    assert changed.drop("value").equals(usual.drop("value"))
