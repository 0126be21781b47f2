"""References, copies, times in order, numbers of children; the same for any partitioning."""

from __future__ import annotations

import time
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from synth_assets.core.model import Domain
from synth_assets.core.partitioning import Partition
from synth_assets.core.sources import frame, generated
from synth_assets.quality.structural import checks_of
from synth_assets_tests.declarative.conftest import Declare, rows_of
from synth_assets_tests.quality.memory import Memory, judge

SHOP = """\
  customers:
    rows: 300
    partitioning: {kind: sharded, shards: 3}
    columns:
      id: {kind: sequence, primary_key: true}
      since: {kind: timestamp, start: 2025-01-01, end: 2025-06-01}
      friend_id: {kind: reference, to: customers}
      friend_since: {kind: copy, through: friend_id, column: since}
  passports:
    rows: 200
    columns:
      id: {kind: pattern, pattern: "P#####", unique: true, primary_key: true}
      customer_id: {kind: reference, to: customers, unique: true}
  orders:
    rows: {kind: calendar, per_day: 80, weekdays: [1, 1, 1, 1, 2, 2, 0.5]}
    partitioning: {kind: daily}
    columns:
      id: {kind: sequence, primary_key: true}
      customer_id: {kind: reference, to: customers, distribution: zipf, null_rate: 0.1}
      since: {kind: copy, through: customer_id, column: since}
      ordered_at: {kind: timestamp}
  lines:
    rows: {kind: children, of: order_id, count: {kind: choice, values: {0: 0.2, 1: 0.5, 3: 0.3}}}
    partitioning: {kind: daily}
    columns:
      order_id: {kind: reference, to: orders, primary_key: true}
      line: {kind: position, primary_key: true}
      customer_id: {kind: copy, through: order_id, column: customer_id}
      packed_at: {kind: later, than: ordered_at, through: order_id, most: 2h}
  returns:
    rows: 10
    partitioning: {kind: daily}
    columns:
      id: {kind: sequence, primary_key: true}
      order_id: {kind: reference, to: orders}
      returned_at: {kind: timestamp, after: ordered_at, through: order_id}
  visits:
    rows: {kind: children, of: customer_id, count: 2}
    partitioning: {kind: daily}
    columns:
      customer_id: {kind: reference, to: customers, primary_key: true}
      at: {kind: timestamp, spread: even, primary_key: true}
"""


@pytest.fixture
def shop(declare: Declare) -> Domain:
    return declare(SHOP)


def test_references_join_and_copies_are_those_of_the_parent(shop: Domain) -> None:
    customers, orders = rows_of(shop, "customers"), rows_of(shop, "orders")
    joined = orders.join(customers, left_on="customer_id", right_on="id", how="left")
    assert joined["since"].equals(joined["since_right"])
    assert 0 < orders["customer_id"].null_count() < len(orders) / 5
    friends = customers.join(customers, left_on="friend_id", right_on="id")
    assert len(friends) == len(customers) - 1  # the first has nobody before it
    assert friends["friend_since"].equals(friends["since_right"])
    assert (customers["friend_id"] < customers["id"]).drop_nulls().all()
    passports = rows_of(shop, "passports")
    assert passports["customer_id"].is_unique().all()
    assert passports["customer_id"].is_in(customers["id"].implode()).all()
    # By Zipf's law few have most of them.
    counts = orders["customer_id"].drop_nulls().value_counts()["count"].sort(descending=True)
    assert counts[0] > 5 * counts[len(counts) // 2]


def test_children_are_as_many_as_their_parents_have(shop: Domain) -> None:
    orders, lines = rows_of(shop, "orders"), rows_of(shop, "lines")
    per_order = lines.group_by("order_id", "partition").len()
    assert set(per_order["len"]) == {1, 3}
    share = len(per_order) / len(orders)
    assert share == pytest.approx(0.8, abs=0.06)
    joined = lines.join(orders, left_on="order_id", right_on="id")
    assert len(joined) == len(lines)
    assert (joined["partition"] == joined["partition_right"]).all()
    assert joined["customer_id"].equals(joined["customer_id_right"])
    assert (lines.group_by("order_id").agg(pl.max("line"), pl.len()).select(
        pl.col("line") == pl.col("len")).to_series().all())  # fmt: skip
    visits = rows_of(shop, "visits")
    assert len(visits) == 7 * 300 * 2
    assert visits["at"].dt.hour().unique().sort().to_list() == [0, 12]


def test_times_are_in_order_and_in_their_day(shop: Domain) -> None:
    orders, returns = rows_of(shop, "orders"), rows_of(shop, "returns")
    for rows, column in ((orders, "ordered_at"), (returns, "returned_at")):
        assert (rows[column].dt.date().cast(pl.String) == rows["partition"]).all()
    joined = returns.join(orders, left_on="order_id", right_on="id")
    assert len(joined) == len(returns)
    assert (joined["returned_at"] >= joined["ordered_at"]).all()
    packed = rows_of(shop, "lines").join(orders, left_on="order_id", right_on="id")
    assert (packed["packed_at"] >= packed["ordered_at"]).all()


@hypothesis_settings(max_examples=8)
@given(name=st.sampled_from(["customers", "orders", "lines", "returns"]), data=st.data())
def test_any_range_of_rows_is_the_same(name: str, data: st.DataObject) -> None:
    """Whatever rows are made together, and for however many days."""
    table = _SHOP.table(name)
    source, last = generated(table), 7 if name != "customers" else 0
    total = source.rows_before(_SHOP.scenario, last) if last else 300
    whole = frame(table, _SHOP.scenario, Partition("", 0, total, 0, last)).collect()
    start = data.draw(st.integers(0, total - 1))
    stop = data.draw(st.integers(start + 1, total))
    days = data.draw(st.integers(last, 40)) if last else 0
    part = Partition("", start, stop, 0, days)
    assert frame(table, _SHOP.scenario, part).collect().equals(whole[start:stop])


def test_shards_are_a_layout(declare: Declare) -> None:
    three = rows_of(declare(SHOP), "customers")
    seven = rows_of(declare(SHOP.replace("shards: 3", "shards: 7")), "customers")
    assert seven["partition"].n_unique() == 7
    assert three.drop("partition").equals(seven.drop("partition"))


MONTHS = [0, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 3]
WEEKDAYS = [1, 1, 1, 1, 1, 2, 0]


def test_rows_of_months_are_as_their_weights(declare: Declare) -> None:
    calendar = f"months: {MONTHS}, weekdays: {WEEKDAYS}"
    span = f"start: 2026-01-01, end: 2027-01-01, calendar: {{{calendar}}}"
    domain = declare(
        "domain: made\nend_date: 2027-01-01\ntables:\n"
        f"  daily:\n    rows: {{kind: calendar, per_day: 50, {calendar}}}\n"
        "    partitioning: {kind: daily}\n    columns: {at: {kind: timestamp}}\n"
        f"  timestamps:\n    rows: 200000\n    columns: {{at: {{kind: timestamp, {span}}}}}\n"
        f"  dates:\n    rows: 200000\n    columns: {{at: {{kind: date, {span}}}}}\n"
    )
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    weights = [0.0] * 12
    for day in days:
        weights[day.month - 1] += MONTHS[day.month - 1] * WEEKDAYS[day.weekday()]
    for table in ("daily", "timestamps", "dates"):
        at = rows_of(domain, table)["at"]
        for month, weight in enumerate(weights, 1):
            found = (at.dt.month() == month).mean()
            assert found == pytest.approx(weight / sum(weights), rel=0.05), (table, month)
        assert not (at.dt.weekday() == 7).any()


def test_a_later_end_changes_no_day(declare: Declare) -> None:
    head = "domain: made\nend_date: 2026-01-{}\ntables:\n"
    short, long = (rows_of(declare(head.format(day) + SHOP), "lines") for day in ("04", "30"))
    assert long.filter(pl.col("partition") < "2026-01-04").equals(short)


@pytest.fixture(autouse=True)
def _shop_of_the_module(shop: Domain) -> None:
    # hypothesis takes no fixtures of a single test.
    global _SHOP
    _SHOP = shop


def test_the_longest_chain_is_computed(declare: Declare) -> None:
    case = "{kind: switch, on: id, cases: {0: {kind: boolean}}, otherwise: {kind: expression, sql: "
    lines = "".join(f"      c{n}: {case}c{n - 1} + 1}}}}\n" for n in range(1, 32))
    text = "  a:\n    rows: 3\n    columns:\n      id: {kind: sequence}\n"
    text += f"      c0: {{kind: expression, sql: id}}\n{lines}"
    text = text.replace("0: {kind: boolean}", "0: {kind: constant, value: 1}")
    rows = rows_of(declare(text), "a")
    assert rows["c31"].to_list() == [32, 33, 34]


def test_columns_that_are_used_often_are_looked_at_once(declare: Declare) -> None:
    lines = "".join(
        f"      c{n}: {{kind: expression, sql: c{n - 1} + c{n - 2}}}\n" for n in range(2, 60)
    )
    head = (
        "  a:\n    rows: 1\n    columns:\n      c0: {kind: sequence}\n      c1: {kind: sequence}\n"
    )
    assert rows_of(declare(head + lines), "a")["c59"].item() == 1548008755920


def test_a_file_is_read_without_drawing_many_numbers(declare: Declare) -> None:
    began = time.process_time()
    domain = declare(
        "  a: {rows: 150000000, columns: {id: {kind: sequence, primary_key: true}}}\n"
        "  b:\n    rows: {kind: children, of: a, count: {kind: poisson, mean: 5}}\n"
        "    columns: {a: {kind: reference, to: a}, n: {kind: position, type: smallint}}\n"
        "  c: {rows: 9, columns: {a: {kind: reference, to: a}}}\n"
    )
    assert [table.name for table in domain.tables] == ["a", "b", "c"]
    assert time.process_time() - began < 2


WITHIN = """\
  shops:
    rows: 100
    columns:
      id: {kind: sequence, primary_key: true}
      opened: {kind: timestamp, start: 2025-12-25, end: 2026-01-20}
      last: {kind: constant, value: '2026-01-03T23:59:59.750', type: timestamp}
  shifts:
    rows: 200
    partitioning: {kind: daily}
    columns:
      id: {kind: sequence, primary_key: true}
      shop: {kind: reference, to: shops}
      late: {kind: later, than: at, most: 2d}
      at: {kind: timestamp, after: opened, through: shop}
      closed: {kind: timestamp, after: last, through: shop}
      again: {kind: timestamp, after: late}
      on: {kind: date}
      case: {kind: switch, on: shop, cases: {1: {kind: timestamp}}, otherwise: {kind: timestamp, after: at}}
"""  # noqa: E501


def test_times_after_others_are_within_their_day(declare: Declare) -> None:
    """Also where the other time is after the day, or in its last second."""
    domain = declare(WITHIN)
    shops, shifts = rows_of(domain, "shops"), rows_of(domain, "shifts")
    day = shifts["partition"].str.to_date()
    for name in ("at", "closed", "again", "case"):
        assert (shifts[name].dt.date() == day).all(), name
    joined = shifts.join(shops, left_on="shop", right_on="id", maintain_order="left")
    end = day.cast(pl.Datetime("us")) + timedelta(days=1)
    for name, other in (("at", "opened"), ("closed", "last"), ("again", "late")):
        known = joined[other] < end
        assert 0.2 < known.mean() < 1
        assert (joined[name] >= joined[other]).filter(known).all(), name
    pressed = joined.filter(pl.col("partition") == "2026-01-03")
    assert (pressed["closed"] == pressed["last"]).all()


def test_a_gate_finds_rows_off_their_day(declare: Declare) -> None:
    domain = declare(WITHIN)
    parts = {
        name: {str(key): rows.drop("partition") for (key,), rows in made.group_by("partition")}
        for name in ("shops", "shifts")
        for made in [rows_of(domain, name)]
    }
    hour = pl.duration(hours=25)
    moved = {
        "at_in_partition": pl.col("at") - hour,
        "on_in_partition": pl.col("on") + pl.duration(days=1),
        "case_in_partition": pl.col("case") + hour,
        "at_not_before_opened": pl.col("at") - hour,
        "again_not_before_late": pl.col("again") - hour,
    }
    checks = {check.name: check for check in checks_of(domain.table("shifts"))}
    assert set(moved) < set(checks)
    assert "late_in_partition" not in checks
    for name, value in moved.items():
        off = {k: rows.with_columns(value) for k, rows in parts["shifts"].items()}
        for rows, passed in ((parts["shifts"], True), (off, False)):
            results = judge(checks[name], domain, "shifts", Memory({**parts, "shifts": rows}))
            assert len(results) == 7
            assert all(result.passed for result in results) is passed, name


@pytest.mark.parametrize("distribution", ["uniform", "zipf"])
def test_a_row_of_a_day_refers_to_rows_of_earlier_days(declare: Declare, distribution: str) -> None:
    domain = declare(
        "  t:\n    rows: {kind: calendar, per_day: 200, events: {2026-01-01: 0, 2026-01-03: 0}}\n"
        "    partitioning: {kind: daily}\n    columns:\n"
        "      id: {kind: uuid, primary_key: true}\n      at: {kind: timestamp}\n"
        f"      last: {{kind: reference, to: t, distribution: {distribution}}}\n"
        "      last_at: {kind: copy, through: last, column: at}\n"
    )
    rows = rows_of(domain, "t")
    first = rows["partition"] == "2026-01-02"
    assert rows["last"].is_null().equals(first)
    later = rows.filter(~first)
    assert (later["last_at"] < later["at"]).all()
    joined = later.join(rows, left_on="last", right_on="id", maintain_order="left")
    assert joined["last_at"].to_list() == joined["at_right"].to_list()
    latest = joined.filter(pl.col("partition") == "2026-01-07")["partition_right"]
    assert set(latest) == {f"2026-01-0{day}" for day in (2, 4, 5, 6)}
