"""Change events: in order of time, each fitting the one before, and ending in what is stored."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import dataframely as dy
import polars as pl
import pytest

from synth_assets.core.errors import UserError
from synth_assets.core.history import Version
from synth_assets.core.schema import polars_schema
from synth_assets.domains import load_domains
from synth_assets.quality.keys import unique
from synth_assets.replay import timeline as module
from synth_assets.replay.invented import Rates
from synth_assets.replay.states import is_timed
from synth_assets.replay.timeline import Timeline
from synth_assets_tests.quality.parent_child import DOMAIN, PARENT
from synth_assets_tests.replay.streams import (
    applied,
    events,
    parsed,
    stored,
    timeline,
    written,
)

WAYS = {("placed",), ("placed", "shipped"), ("placed", "shipped", "completed")}


def micros(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("domain", "table"),
    [
        ("jaffle", "raw_orders_training"),
        ("jaffle", "raw_orders_validation"),
        pytest.param("clean_room", "thelook_orders", marks=pytest.mark.slow),
        pytest.param("clean_room", "thelook_order_items", marks=pytest.mark.slow),
        pytest.param("clean_room", "thelook_inventory_items", marks=pytest.mark.slow),
    ],
)
def test_events_end_in_what_is_stored(domain: str, table: str) -> None:
    of, stream = timeline(table, domain), events(table, domain)
    assert len(stream) == of.total
    assert applied(stream) == stored(of)
    times = [event["ts_ms"] for event in stream]
    assert times == sorted(times)
    positions = [int(event["source"]["sequence"]) for event in stream]
    assert positions == list(range(1, len(stream) + 1))
    assert Counter(event["op"] for event in stream)["u"] > len(stored(of)) / 10


def test_an_order_takes_its_way_step_by_step() -> None:
    ways: dict[int, list[str]] = {}
    for event in events():
        row = event["after"]
        assert (event["op"] == "c") == (row["status_updated_at"] == row["order_date"])
        ways.setdefault(event["key"]["id"], []).append(row["status"])
    assert {tuple(way) for way in ways.values()} >= WAYS
    assert all(way[0] == "placed" for way in ways.values())


def test_the_envelope_is_debeziums() -> None:
    first = events()[0]
    assert list(first) == ["key", "before", "after", "source", "op", "ts_ms"]
    assert first["before"] is None
    assert first["op"] == "c"
    assert first["key"] == {"id": first["after"]["id"]}
    assert first["source"]["schema"] == "jaffle"
    assert first["source"]["table"] == "raw_orders_training"
    at = datetime.fromisoformat(first["after"]["order_date"])
    assert first["ts_ms"] == first["source"]["ts_ms"] == int(at.timestamp()) * 1_000


def test_windows_and_positions_change_no_event(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = events()
    monkeypatch.setattr(module, "WINDOW", len(whole) // 3)
    of = timeline()
    windows = list(of.windows())
    assert len(windows) > 2
    assert parsed(written(of, windows)) == whole
    skip = len(whole) // 2
    assert parsed(written(of, of.windows(skip))) == whole[skip:]


def test_bounds_select_events_not_rows() -> None:
    first, stop = micros("2026-01-02T06:00:00"), micros("2026-01-02T18:00:00")
    of = timeline(first=first, stop=stop)
    some = parsed(written(of, of.windows()))
    among = [event for event in events() if first <= event["ts_ms"] * 1_000 < stop]
    for event in [*some, *among]:
        del event["source"]["sequence"]
    assert some == among
    assert any(event["op"] == "u" for event in some)


def test_tables_without_changes_give_inserts_only() -> None:
    customers = events("raw_customers_training")
    assert {event["op"] for event in customers} == {"c"}
    assert customers[0]["ts_ms"] * 1_000 == micros("2026-01-01T00:00:00")


def test_rows_without_moments_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WINDOW", 2)
    rows = pl.LazyFrame({"id": [3, 1, 2]})
    of = Timeline(PARENT, DOMAIN.scenario, rows)
    stream = parsed(written(of, of.windows(1)))
    assert [(e["op"], e["ts_ms"], e["after"]) for e in stream] == [
        ("r", 0, {"id": 1}),
        ("r", 0, {"id": 2}),
    ]
    assert [event["source"]["snapshot"] for event in stream] == ["true", "true"]
    for options in ({"first": 1}, {"rates": Rates(delete=0.5)}):
        with pytest.raises(UserError, match="has no moments"):
            Timeline(PARENT, DOMAIN.scenario, rows, **options)


class Parcel(dy.Schema):
    """A parcel, with moments in another zone than UTC."""

    id = dy.Int64(primary_key=True)
    status = dy.String()
    sent_at = dy.Datetime(time_unit="us", time_zone="Europe/Berlin")
    arrived_at = dy.Datetime(time_unit="us", time_zone="Europe/Berlin", nullable=True)


def test_a_history_is_played_in_utc_and_in_order() -> None:
    sent, unknown = pl.col("sent_at"), {"status": pl.lit("sent"), "arrived_at": pl.lit(None)}
    versions = [Version(sent, unknown), Version(pl.col("arrived_at"))]
    table = replace(PARENT, schema=Parcel, history=lambda scenario: versions)
    zone = ZoneInfo("Europe/Berlin")
    first, second = datetime(2026, 1, 1, 12, tzinfo=zone), datetime(2026, 1, 1, 13, tzinfo=zone)
    rows = pl.LazyFrame(
        # The second arrived before it was sent, if its moments were true.
        [(1, "here", first, second), (2, "odd", second, first), (3, "lost", first, None)],
        schema=polars_schema(Parcel),
        orient="row",
    )
    of = Timeline(table, DOMAIN.scenario, rows)
    stream = parsed(written(of, of.windows()))
    assert [(e["key"]["id"], e["op"], e["after"]["status"]) for e in stream] == [
        (1, "c", "sent"), (3, "c", "lost"), (1, "u", "here"), (2, "c", "sent"), (2, "u", "odd"),
    ]  # fmt: skip
    assert stream[2]["before"] == {
        "id": 1,
        "status": "sent",
        "sent_at": "2026-01-01T11:00:00.000000Z",
        "arrived_at": None,
    }
    assert stream[2]["after"]["arrived_at"] == "2026-01-01T12:00:00.000000Z"


def test_what_is_invented_is_as_asked_and_depends_on_the_seed() -> None:
    rates = Rates(update=0.2, delete=0.1, seed=7)
    of, stream = timeline(rates=rates), events(rates=rates)
    assert parsed(written(of, of.windows())) == stream
    assert events(rates=Rates(0.2, 0.1, seed=8)) != stream
    rows, true = len(stored(of)), len(events())
    ops = Counter(event["op"] for event in stream)
    assert ops["d"] == pytest.approx(0.1 * rows, rel=0.3)
    assert len(stream) - true - ops["d"] == pytest.approx(0.2 * rows, rel=0.3)
    assert len(applied(stream)) == rows - ops["d"]
    with pytest.raises(UserError, match="has no primary key"):
        timeline("stg_google_ads", rates=rates)


class Reading(dy.Schema):
    """A reading, with a serial number that no other reading has, and the largest of a type."""

    id = dy.Int64(primary_key=True)
    at = dy.Datetime(time_unit="us")
    serial = dy.Int64()
    small = dy.Int16()


def test_what_is_invented_keeps_unique_values_and_types() -> None:
    table = replace(PARENT, schema=Reading, checks=[unique(["serial"])])
    at, largest = datetime(2026, 1, 1), 2**15 - 1
    rows = pl.LazyFrame(
        [(n, at, n, largest if n % 2 else n) for n in range(40)],
        schema=polars_schema(Reading),
        orient="row",
    )
    of = Timeline(table, DOMAIN.scenario, rows, rates=Rates(update=1.0, seed=7))
    updates = [e for e in parsed(written(of, of.windows())) if e["op"] == "u"]
    changes = [(e["before"]["small"], e["after"]["small"]) for e in updates]
    assert sorted(changes) == [(n, n + 1) for n in range(0, 40, 2)]
    assert all(e["before"]["serial"] == e["after"]["serial"] for e in updates)


def test_declared_moments_and_histories_name_columns() -> None:
    for domain in load_domains():
        for table in domain.tables:
            columns = table.schema.column_names()
            assert table.event_time is None or table.event_time in columns, table.path
            versions = table.history(domain.scenario) if table.history else []
            for version in versions:
                assert set(version.values) <= set(columns), table.path
                assert set(version.at.meta.root_names()) <= set(columns), table.path
            assert is_timed(table) or not versions, table.path
