"""Checks of the tables derived from the export pass on derived rows, and fail when they are
violated, on that day only."""

from __future__ import annotations

from functools import cache

import polars as pl
import pytest

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Domain, TableView
from synth_assets.core.partitioning import WHOLE_KEY, Daily
from synth_assets.domains.journey.backend import discrepancies
from synth_assets.domains.journey.tables import journey_overview as overview
from synth_assets.quality.structural import checks_of
from synth_assets_tests.domains.clean_room.spoiling import Spoil, first, later
from synth_assets_tests.domains.journey.derived import in_memory, journey
from synth_assets_tests.domains.journey.exports import ODDITIES, days, shop
from synth_assets_tests.quality.memory import Memory, judge

SOLD = pl.concat([ODDITIES, shop(400)])
CHECKOUT = pl.lit("begin_checkout")
EXPORT = pl.concat(
    [SOLD, SOLD.filter(pl.col("event_name") == "purchase").with_columns(event_name=CHECKOUT)]
)
# The shop's days, including those of late orders, and the day that is changed.
COUNT, DAY = 14, days(2)[1]
# Checks of every table are tested in the quality package, those of events in their own module.
COMMON = ("schema", "row_count_as_written", "one_scenario", "primary_key")
RULES = [
    (table.name, check.name)
    for table in journey(ODDITIES, 3).tables
    for check in checks_of(table)
    if table.name != "events"
]


@cache
def sound() -> tuple[Domain, Memory]:
    of = journey(EXPORT, COUNT, gap_rate=0.6)
    return of, in_memory(of)


def results(reader: Memory, table: str, check: str) -> list[CheckResult]:
    of = sound()[0]
    judged = next(r for r in checks_of(of.table(table)) if r.name == check)
    return judge(judged, of, table, reader)


def spoilt(table: str, key: str, spoil: Spoil) -> Memory:
    """What is stored, with one partition changed."""
    slices = sound()[1].slices
    bad = spoil(slices[table][key])
    assert not bad.equals(slices[table][key])
    return Memory(slices | {table: slices[table] | {key: bad}})


@pytest.mark.parametrize(("table", "check"), RULES)
def test_derived_rows_pass(table: str, check: str) -> None:
    found = results(sound()[1], table, check)
    assert found
    assert all(result.passed for result in found), found


def another(column: str) -> Spoil:
    """Sets the first non-null value of a column to its last one."""
    return lambda frame: first(column, frame[column].drop_nulls()[-1])(frame)


def more(column: str) -> Spoil:
    """Adds one to the first non-null value of a column."""
    return lambda frame: first(column, frame[column].drop_nulls()[0] + 1)(frame)


def without_the_first(frame: pl.DataFrame) -> pl.DataFrame:
    return frame[1:]


def the_first_twice(frame: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([frame[:1], frame])


def without_gaps(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(~pl.col("cause").is_in(list(discrepancies.OF_TRANSACTIONS)))


def visited(step: str, visitors: int) -> Spoil:
    """Changes the number of visitors of a step."""
    field = pl.element().struct.field
    changed = pl.when(field("step") == step).then(visitors).otherwise(field("visitors"))
    funnel = pl.col("funnel").list.eval(pl.struct(field("step"), visitors=changed))
    return lambda frame: frame.with_columns(funnel=funnel)


UNKNOWN_ID = 1
U, O, I, G = "users", "orders", "order_items", "journey_gaps"  # noqa: E741
R, S, V = "reconciled", "reconciliation_scores", "journey_overview"
SPOILT: dict[tuple[str, str], list[Spoil]] = {
    ("purchases", "every_purchase_event_present"): [without_the_first, the_first_twice],
    (U, "unique_email"): [another("email")],
    (U, "unique_user_pseudo_id"): [another("user_pseudo_id")],
    (U, "signup_before_last_update"): [later("created_at", 800), later("updated_at", -800)],
    (U, "member_share"): [later("created_at", -800)],
    ("signups", "signup_after_first_touch"): [more("first_touch_timestamp")],
    (O, "fk_user_id"): [first("user_id", UNKNOWN_ID)],
    (O, "accepted_status"): [first("status", "lost")],
    (O, "accepted_channel"): [first("channel", "fax")],
    (O, "total_equals_sum_of_parts"): [
        more(f"{part}_cents") for part in ("items", "tax", "shipping", "adjustment", "total")
    ],
    (O, "updated_at_after_created_at"): [later("updated_at", -1, 50)],
    (I, "fk_order_id"): [first("order_id", UNKNOWN_ID)],
    (I, "items_cents_equals_sum_of_lines"): [
        more("price_cents"),
        more("quantity"),
        the_first_twice,
    ],
    (G, "accepted_gap_class"): [
        first("gap_class", "lost"),
        first("gap_class", discrepancies.MATCHED),
    ],
    (G, "accepted_cause"): [first("cause", "lost"), first("cause", discrepancies.MATCH)],
    (G, "gap_rate_as_declared"): [without_gaps],
    (G, "cause_shares"): [lambda f: f.with_columns(cause=pl.lit(discrepancies.DROPPED))],
    (R, "accepted_gap_class"): [first("gap_class", "lost")],
    (R, "every_transaction_in_one_row"): [
        without_the_first,
        lambda f: f[:-1],
        first("order_id", UNKNOWN_ID),
    ],
    (R, "match_rate_as_declared"): [
        lambda f: f.with_columns(gap_class=pl.lit(discrepancies.MATCHED))
    ],
    (S, "planted_gaps_found"): [first("recall", 0.9), first("precision", 0.9)],
    (V, "funnel_narrows"): [
        visited("purchase", 100_000),
        visited("begin_checkout", 100_000),
        visited(overview.FIRST_STEP, 1),
    ],
    ("raw_orders", "fk_user_id"): [first("user_id", UNKNOWN_ID)],
    ("raw_order_items", "fk_order_id"): [first("order_id", UNKNOWN_ID)],
} | {
    (f"raw_{name}", check): spoils
    for name in (U, O, I)
    for check, spoils in {
        "updated_at_within_watermarks": [later("updated_at", 1, 50), later("updated_at", -1, 50)],
        "every_changed_row_present": [without_the_first, the_first_twice],
    }.items()
}


def test_every_check_is_violated() -> None:
    assert set(SPOILT) == {(t, r) for t, r in RULES if r not in COMMON}


@pytest.mark.parametrize(("table", "check"), list(SPOILT), ids=str)
def test_a_check_fails_where_it_is_violated_and_nowhere_else(table: str, check: str) -> None:
    of = sound()[0].table(table)
    key = DAY if isinstance(of.partitioning, Daily) else WHOLE_KEY
    apart = dict.fromkeys(of.partitioning.keys(), True) | {key: False}
    for spoil in SPOILT[table, check]:
        found = {v.key: v.passed for v in results(spoilt(table, key, spoil), table, check)}
        assert found in (apart, {None: False})


@pytest.mark.parametrize(
    ("table", "check", "other"),
    [
        (O, "fk_user_id", U),
        (I, "fk_order_id", O),
        ("raw_orders", "fk_user_id", "raw_users"),
        ("raw_order_items", "fk_order_id", "raw_orders"),
        (I, "items_cents_equals_sum_of_lines", O),
        ("raw_users", "every_changed_row_present", U),
        ("raw_orders", "every_changed_row_present", O),
        ("raw_order_items", "every_changed_row_present", I),
        (R, "every_transaction_in_one_row", "purchases"),
        (R, "every_transaction_in_one_row", "raw_orders"),
    ],
)
def test_rows_missing_in_another_table_are_found(table: str, check: str, other: str) -> None:
    found = results(spoilt(other, DAY, lambda frame: frame[::2]), table, check)
    assert not all(result.passed for result in found)
    assert {v.key for v in found if not v.passed} <= {None, *days(COUNT)[1:]}


def test_days_stored_after_the_reconciliation_make_it_wait_and_not_fail() -> None:
    """Another run stores days between the derivation of the table and its checks."""
    of, everything = sound()
    early = in_memory(of, days(COUNT)[:8]).slices
    (found,) = results(Memory(everything.slices | {R: early[R]}), R, "every_transaction_in_one_row")
    assert found.passed
    assert found.threshold.startswith("judged once the table is made again: ")
    lossy = {"all": early[R]["all"][1:]}
    assert not all(
        v.passed for v in results(Memory(early | {R: lossy}), R, "every_transaction_in_one_row")
    )


def test_days_written_to_the_database_after_an_extract_make_it_wait() -> None:
    of, everything = sound()
    orders, keys = everything.slices[O], days(COUNT)[5:]
    halfway = Memory(everything.slices | {O: {key: orders[key] for key in keys}})
    copy = of.table("raw_orders")
    made = copy.source.partitions(TableView(of, copy, keys, halfway, of.scenario))
    taken = everything.slices["raw_orders"] | {p.key: frame.collect() for p, frame in made}
    found = results(
        Memory(everything.slices | {"raw_orders": taken}), "raw_orders", "every_changed_row_present"
    )
    assert all(result.passed for result in found)
    assert any("judged once it is taken again" in result.threshold for result in found)
