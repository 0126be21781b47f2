"""Change events: in order of time, each fitting the one before, and ending in what is stored."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from synth_assets.core.errors import UserError
from synth_assets.domains import load_domains
from synth_assets.replay import timeline as module
from synth_assets.replay.invented import Rates
from synth_assets.replay.states import is_timed
from synth_assets_tests.replay.streams import applied, documents, stored, timeline

WAYS = {("placed",), ("placed", "shipped"), ("placed", "shipped", "completed")}


def micros(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("domain", "table"),
    [("jaffle", "raw_orders_training"), ("jaffle", "raw_orders_validation"),
     ("clean_room", "thelook_orders"), ("clean_room", "thelook_inventory_items")],
)  # fmt: skip
def test_events_end_in_what_is_stored(domain: str, table: str) -> None:
    of = timeline(table, domain)
    events = documents(of)
    assert len(events) == of.total
    assert applied(events) == stored(of)
    times = [event["ts_ms"] for event in events]
    assert times == sorted(times)
    assert [event["source"]["sequence"] for event in events] == [
        str(n) for n in range(1, len(events) + 1)
    ]
    assert Counter(event["op"] for event in events)["u"] > len(stored(of)) / 10


def test_an_order_takes_its_way_step_by_step() -> None:
    ways: dict[int, list[str]] = {}
    for event in documents(timeline()):
        assert (
            event["after"]["status_updated_at"] <= event["after"]["order_date"]
            or event["op"] == "u"
        )
        ways.setdefault(event["key"]["id"], []).append(event["after"]["status"])
    assert {tuple(way) for way in ways.values()} >= WAYS
    assert all(way[0] == "placed" for way in ways.values())


def test_the_envelope_is_debeziums() -> None:
    first = documents(timeline())[0]
    assert list(first) == ["key", "before", "after", "source", "op", "ts_ms"]
    assert first["before"] is None
    assert first["op"] == "c"
    assert first["key"] == {"id": first["after"]["id"]}
    assert first["source"]["schema"] == "jaffle"
    assert first["source"]["table"] == "raw_orders_training"
    at = datetime.fromisoformat(first["after"]["order_date"])
    assert first["ts_ms"] == first["source"]["ts_ms"] == int(at.timestamp()) * 1_000


def test_windows_and_positions_change_no_event(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = documents(timeline())
    monkeypatch.setattr(module, "WINDOW", 100)
    parted = timeline()
    assert len(list(parted.windows())) > 3
    assert documents(parted) == whole
    assert documents(timeline(), skip=777) == whole[777:]


def test_bounds_select_events_not_rows() -> None:
    first, stop = micros("2026-01-02T06:00:00"), micros("2026-01-02T18:00:00")
    some = documents(timeline(first=first, stop=stop))
    among = [e for e in documents(timeline()) if first <= e["ts_ms"] * 1_000 < stop]
    for event in [*some, *among]:
        del event["source"]["sequence"]
    assert some == among
    assert any(event["op"] == "u" for event in some)


def test_tables_without_changes_give_inserts_only() -> None:
    customers = documents(timeline("raw_customers_training"))
    assert {event["op"] for event in customers} == {"c"}
    assert customers[0]["ts_ms"] * 1_000 == micros("2026-01-01T00:00:00")
    centers = timeline("thelook_distribution_centers", "clean_room")
    assert [(event["op"], event["ts_ms"]) for event in documents(centers)] == [("r", 0)] * 10
    with pytest.raises(UserError, match="has no moments"):
        timeline("thelook_distribution_centers", "clean_room", first=1)


def test_what_is_invented_is_as_asked_and_depends_on_the_seed() -> None:
    rates = Rates(update=0.2, delete=0.1, seed=7)
    of = timeline(rates=rates)
    events = documents(of)
    assert documents(timeline(rates=rates)) == events
    assert documents(timeline(rates=Rates(0.2, 0.1, seed=8))) != events
    rows, true = len(stored(of)), len(documents(timeline()))
    ops = Counter(event["op"] for event in events)
    assert ops["d"] == pytest.approx(0.1 * rows, rel=0.3)
    assert len(events) - true - ops["d"] == pytest.approx(0.2 * rows, rel=0.3)
    assert len(applied(events)) == rows - ops["d"]
    with pytest.raises(UserError, match="has no primary key"):
        timeline("stg_google_ads", rates=rates)


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
