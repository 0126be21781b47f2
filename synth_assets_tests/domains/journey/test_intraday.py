"""The streaming export, stored as a table for each day."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain, TableView
from synth_assets.core.stored_tables import stored_tables
from synth_assets.domains.journey.domain import domain
from synth_assets.domains.journey.tables.daily_events_intraday import NAME
from synth_assets.orchestration.settings import Settings
from synth_assets.quality.structural import checks_of
from synth_assets_tests.domains.journey.derived import fill
from synth_assets_tests.domains.journey.made import journey, made
from synth_assets_tests.environment import only
from synth_assets_tests.quality.memory import Memory, judge

KEYS = ["2024-12-02", "2024-12-03"]
# Midnights (UTC), microseconds since 1970.
MIDNIGHTS = {"2024-12-02": 1_733_097_600_000_000, "2024-12-03": 1_733_184_000_000_000}
HOUR = 3_600_000_000
UNKNOWN = ("traffic_source", "user_ltv", "is_active_user")


def streamed(hour: int, **fields: object) -> Domain:
    days = {"start_date": KEYS[0], "end_date": "2024-12-04"}
    return journey(
        **{"scale": 0.03, "tables_by_date": True, "intraday_until_hour": hour, **days, **fields}
    )


def stored(of: Domain) -> Memory:
    """The events and the streaming export, as a store would hold them."""
    memory = Memory({"events": made(of, KEYS)})
    table = of.table(NAME)
    view = TableView(of, table, KEYS, memory, of.scenario)
    memory.slices[NAME] = {p.key: f.collect() for p, f in table.source.partitions(view)}
    return memory


@pytest.fixture(scope="module", params=["2020", "2025"])
def until_14(request: pytest.FixtureRequest) -> tuple[Domain, Memory]:
    of = streamed(14, export_schema=request.param)
    return of, stored(of)


def test_the_rows_are_the_days_up_to_the_hour(until_14: tuple[Domain, Memory]) -> None:
    _, memory = until_14
    for key in KEYS:
        events, found = memory.slices["events"][key], memory.slices[NAME][key]
        before = events.filter(pl.col("event_timestamp") < MIDNIGHTS[key] + 14 * HOUR)
        assert 0.2 < len(before) / len(events) < 0.8
        same = [name for name in events.columns if name not in UNKNOWN]
        assert found.select(same).equals(before.select(same))
        assert found.schema == events.schema


def test_what_is_known_after_the_day_is_null(until_14: tuple[Domain, Memory]) -> None:
    _, memory = until_14
    for key in KEYS:
        events, found = memory.slices["events"][key], memory.slices[NAME][key]
        before = events.filter(pl.col("event_timestamp") < MIDNIGHTS[key] + 14 * HOUR)
        new = (before["user_first_touch_timestamp"] >= MIDNIGHTS[key]).fill_null(False)
        assert 0.5 < new.mean() < 0.95  # type: ignore[operator]
        sources = found["traffic_source"]
        assert sources.filter(new).is_null().all()
        assert sources.filter(~new).equals(before["traffic_source"].filter(~new))
        assert sources.filter(~new).null_count() < (~new).sum()
        later = [name for name in UNKNOWN[1:] if name in found.columns]
        assert found.select(pl.col(later).is_null().all()).row(0) == (True,) * len(later)


@pytest.mark.parametrize(("hour", "share"), [(0, 0.0), (24, 1.0)])
def test_the_first_and_the_last_hour(hour: int, share: float) -> None:
    memory = stored(streamed(hour, scale=0.005))
    for key in KEYS:
        assert len(memory.slices[NAME][key]) == share * len(memory.slices["events"][key])


def test_checks_pass(until_14: tuple[Domain, Memory]) -> None:
    of, memory = until_14
    for check in checks_of(of.table(NAME)):
        assert all(result.passed for result in judge(check, of, NAME, memory)), check.name


def _shifted(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.col("event_timestamp") + 1)


def _attributed(rows: pl.DataFrame) -> pl.DataFrame:
    # All users have the first known source, also those who are new.
    source = pl.col("traffic_source")
    return rows.with_columns(source.fill_null(source.drop_nulls().first()))


def _not_attributed(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.lit(None, rows.schema["traffic_source"]).alias("traffic_source"))


def _spent(rows: pl.DataFrame) -> pl.DataFrame:
    spent = pl.struct(revenue=pl.lit(1.0), currency=pl.lit("USD"))
    return rows.with_columns(spent.alias("user_ltv"))


@pytest.mark.parametrize(
    ("spoil", "name"),
    [
        (lambda rows: rows.head(-1), "same_events"),
        (lambda rows: pl.concat([rows, rows.head(1)]), "same_events"),
        (_shifted, "same_events"),
        (_attributed, "known_so_far"),
        (_not_attributed, "known_so_far"),
        (_spent, "known_so_far"),
    ],
)
def test_checks_find_other_rows(
    until_14: tuple[Domain, Memory], spoil: Callable[[pl.DataFrame], pl.DataFrame], name: str
) -> None:
    of, memory = until_14
    first = KEYS[0]
    rows = memory.slices[NAME]
    spoiled = Memory({**memory.slices, NAME: {**rows, first: spoil(rows[first])}})
    check = next(check for check in checks_of(of.table(NAME)) if check.name == name)
    results = {result.key: result.passed for result in judge(check, of, NAME, spoiled)}
    assert results == {first: False, KEYS[1]: True}


def test_days_of_another_hour_are_found(until_14: tuple[Domain, Memory]) -> None:
    of, memory = until_14
    later = streamed(15, export_schema=of.scenario.export_schema)  # type: ignore[attr-defined]
    check = next(check for check in checks_of(later.table(NAME)) if check.name == "same_events")
    assert not any(result.passed for result in judge(check, later, NAME, memory))


def test_stores_have_a_table_for_each_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of = streamed(12, scale=0.005, export_schema="2025")
    table = of.table(NAME)
    names = [found.path for found in stored_tables(table)]
    assert names == [f"analytics_2100450278/events_intraday_2024120{day}" for day in (2, 3)]
    expected = stored(of)
    monkeypatch.setenv("SYNTH_HOME", str(tmp_path))
    for kind in ("parquet", "duckdb"):
        monkeypatch.setenv("SYNTH_STORE", f"journey={kind}")
        stores = Settings.from_environment().open_stores()
        fill(of, stores, None, "events", NAME)
        for key in KEYS:
            rows = stores.scan(table, [key]).drop("day", strict=False).collect()
            assert rows.equals(expected.slices[NAME][key])


def test_the_option_is_off_and_needs_tables_by_date() -> None:
    assert NAME not in [table.name for table in journey(tables_by_date=True).tables]
    needs = "intraday_until_hour = 12 needs tables_by_date = true"
    with only(SYNTH_JOURNEY_INTRADAY_UNTIL_HOUR="12"), pytest.raises(UserError, match=needs):
        domain()


@pytest.mark.parametrize("hour", ["25", "-1", "noon"])
def test_other_hours_are_refused(hour: str) -> None:
    variables = {"SYNTH_JOURNEY_TABLES_BY_DATE": "true", "SYNTH_JOURNEY_INTRADAY_UNTIL_HOUR": hour}
    with only(**variables), pytest.raises(UserError, match="JOURNEY_INTRADAY_UNTIL_HOUR"):
        domain()
