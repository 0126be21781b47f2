"""Every identity table is a pure function of its row numbers: no partition, batch, shard or process
changes a row, and a seed changes all rows."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_assets.core import batches, sources
from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain
from synth_assets.core.partitioning import Partition
from synth_assets.domains.identity_resolution.scenario import RECORDS, IdentityScenario
from synth_assets_tests.domains.identity_resolution.made import (
    Frames,
    default,
    generated,
    identity,
    rows,
)

TABLES = [table.name for table in generated(default())]
every_table = pytest.mark.parametrize("name", TABLES)


@every_table
@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_any_rows_by_themselves_are_those_of_the_whole(name: str, data: st.DataObject) -> None:
    retailer = default()
    table = retailer.table(name)
    total = sources.generated(table).rows_before(retailer.scenario, len(table.partitioning.keys()))
    start = data.draw(st.integers(0, total - 1))
    middle = data.draw(st.integers(start, min(start + 300, total)))
    stop = data.draw(st.integers(middle, min(middle + 300, total)))
    parts = [rows(retailer, table, start, middle), rows(retailer, table, middle, stop)]
    assert pl.concat(parts).equals(rows(retailer, table, start, stop))


@every_table
def test_the_number_of_shards_changes_no_row(name: str) -> None:
    made = []
    for shards in (1, 7):
        retailer = identity(scale="20K", shards=shards)
        table = retailer.table(name)
        partitions = sources.frames(table, retailer.scenario, table.partitioning.keys())
        made.append(pl.concat(frame.collect() for _, frame in partitions))
    assert made[0].equals(made[1])


@pytest.mark.slow
def test_large_partitions_are_the_same_in_batches(
    retailer: Domain, frames: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "ROWS_AT_ONCE", 1_000)
    monkeypatch.setattr(batches, "MOST_ROWS", 9_999)
    for name in ("ecom_transactions", "identity_edits"):
        table = retailer.table(name)
        assert rows(retailer, table).equals(frames[name])
        total = sources.generated(table).rows_before(
            retailer.scenario, len(table.partitioning.keys())
        )
        whole = sources.frame(table, retailer.scenario, Partition("all", 0, total, 0, 1))
        for most in (0, 7, 12_345):
            assert whole.head(most).collect().equals(frames[name].head(most))


@every_table
def test_a_seed_changes_the_rows(name: str, retailer: Domain) -> None:
    other = identity(scale=retailer.scenario.scale, seed=43)  # type: ignore[attr-defined]
    ours, theirs = (rows(d, d.table(name), 0, 500) for d in (retailer, other))
    assert not ours.equals(theirs)


@pytest.mark.parametrize("scale", ["10K", "12345", "1M", "49999999", "50M", "1B"])
def test_records_of_the_sources_sum_to_the_scale(scale: str) -> None:
    scenario = IdentityScenario.of({"scale": scale})
    counts = {source: scenario.records(source) for source in RECORDS}
    assert sum(counts.values()) == scenario.scale
    for source, count in counts.items():
        assert abs(count - scenario.scale * RECORDS[source] / 50) < 1


def test_the_full_size_is_the_requested_one() -> None:
    scenario = IdentityScenario.of({"scale": "50M"})
    assert [scenario.records(source) for source in RECORDS] == [
        8_000_000, 15_000_000, 6_000_000, 10_000_000, 8_000_000, 2_000_000, 1_000_000,
    ]  # fmt: skip
    assert (scenario.persons, scenario.products) == (10_000_000, 50_000)
    sizes = {text: IdentityScenario.of({"scale": text}).products for text in ("10K", "1M", "5M")}
    assert sizes == {"10K": 1_000, "1M": 10_000, "5M": 50_000}


@pytest.mark.parametrize(
    "scale", ["0", "-5", "50Q", "1e20", "9999", "1.5", "2B", "", "ten", "10.0001K"]
)
def test_an_invalid_scale_is_an_error(scale: str) -> None:
    with pytest.raises(UserError, match="scenario field scale"):
        IdentityScenario.of({"scale": scale})


@pytest.mark.parametrize("table", ["crm_customers", "ecom_transactions", "identity_truth"])
def test_the_largest_scale_generates_its_first_and_last_rows(table: str) -> None:
    retailer = identity(scale="1B")
    total = sources.generated(retailer.table(table)).rows_before(retailer.scenario, 8)
    for start in (0, total - 200):
        made = rows(retailer, retailer.table(table), start, start + 200)
        assert len(made) == 200
        assert made.to_series(1).n_unique() > 1
