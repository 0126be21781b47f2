"""Checks of the export pass on generated rows, and fail when their property is violated."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import polars as pl
import pytest

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Domain
from synth_assets.domains.journey.ga4.behaviour_checks import BEHAVIOUR_CHECKS
from synth_assets.quality.structural import checks_of
from synth_assets_tests.domains.journey.made import journey, made
from synth_assets_tests.quality.memory import Memory, judge

Spoil = Callable[[pl.DataFrame], pl.DataFrame]
KEYS = [f"2020-12-{day:02d}" for day in range(1, 11)]
DEFECTS = [name for name, value in journey().scenario.model_dump().items() if value is True]
RULES = [check.name for check in checks_of(journey().table("events"))]
# Checks of every table are tested in the quality package.
COMMON = ("schema", "row_count_as_written", "one_scenario", "row_count")


@cache
def sound() -> tuple[Domain, dict[str, pl.DataFrame]]:
    of = journey(scale=0.02)
    return of, made(of, KEYS)


def results(of: Domain, frames: dict[str, pl.DataFrame], name: str) -> list[CheckResult]:
    check = next(r for r in checks_of(of.table("events")) if r.name == name)
    return judge(check, of, "events", Memory({"events": frames}))


def one(condition: pl.Expr, **changes: pl.Expr) -> Spoil:
    """Changes the first row that meets the condition."""

    def spoil(frame: pl.DataFrame) -> pl.DataFrame:
        place = frame.select(condition.fill_null(False).arg_max()).item()
        hit = pl.int_range(pl.len()) == place
        return frame.with_columns(
            pl.when(hit).then(new).otherwise(name).cast(frame.schema[name]).alias(name)
            for name, new in changes.items()
        )

    return spoil


def every(condition: pl.Expr, **changes: pl.Expr) -> Spoil:
    """Changes all rows that meet the condition."""
    return lambda frame: frame.with_columns(
        pl.when(condition).then(new).otherwise(name).cast(frame.schema[name]).alias(name)
        for name, new in changes.items()
    )


def keyed(key: str, field: str, value: object) -> pl.Expr:
    """The parameters with another value of a key."""
    element = pl.element()
    old, same = element.struct.field("value"), element.struct.field("key") == key
    fields = ("string_value", "int_value", "float_value", "double_value")
    new = [
        pl.when(same)
        .then(pl.lit(value) if f == field else None)
        .otherwise(old.struct.field(f))
        .alias(f)
        for f in fields
    ]
    made_ = pl.struct(element.struct.field("key"), pl.struct(new).alias("value"))
    return pl.col("event_params").list.eval(made_)


def renamed(key: str, other: str) -> pl.Expr:
    """The parameters with a key renamed."""
    name = pl.element().struct.field("key")
    changed = pl.when(name == key).then(pl.lit(other)).otherwise(name)
    return pl.col("event_params").list.eval(
        pl.struct(changed.alias("key"), pl.element().struct.field("value"))
    )


NAME, ANY = pl.col("event_name"), pl.lit(True)
BOUGHT, VIEWED = NAME == "purchase", NAME == "view_item"
MONEY = pl.col("ecommerce").struct
PAID = MONEY.field("purchase_revenue").is_not_null()
LATER = pl.col("event_timestamp") + 86_400_000_000
SPOILT: dict[str, list[Spoil]] = {
    "accepted_event_name": [one(NAME == "scroll", event_name=pl.lit("page_scrolled"))],
    "required_params_present": [
        one(ANY, event_params=renamed("ga_session_id", "session_id")),
        one(ANY, event_params=renamed("page_location", "page")),
        one(ANY, event_params=keyed("ga_session_number", "string_value", "1")),
    ],
    "event_date_in_partition": [one(ANY, event_date=pl.lit("20201031"))],
    "params_have_declared_types": [
        one(ANY, event_params=renamed("ga_session_id", "session_id")),
        one(NAME == "scroll", event_params=keyed("percent_scrolled", "string_value", "90")),
        one(BOUGHT & PAID, event_params=keyed("tax", "int_value", 3)),
    ],
    "event_timestamp_in_partition": [
        one(ANY, event_timestamp=LATER),
        one(ANY, user_first_touch_timestamp=LATER),
        one(ANY, event_previous_timestamp=LATER),
    ],
    "purchase_revenue_equals_sum_of_items": [
        one(PAID, ecommerce=MONEY.with_fields(pl.lit(1.0).alias("purchase_revenue"))),
        one(PAID, items=pl.col("items").list.head(0)),
        one(PAID, event_value_in_usd=pl.lit(None)),
        one(~BOUGHT, event_value_in_usd=pl.lit(2.0)),
    ],
    "ecommerce_only_on_purchases": [
        one(BOUGHT, ecommerce=pl.lit(None)),
        one(BOUGHT, items=pl.col("items").list.head(0)),
        one(BOUGHT, event_name=pl.lit("scroll")),
    ],
    "funnel_steps_in_order": [
        every(VIEWED, event_name=pl.lit("scroll")),
        every(NAME == "add_payment_info", event_name=pl.lit("scroll")),
    ],
    "session_number_in_order": [
        one(ANY, event_params=keyed("ga_session_number", "int_value", 99)),
        every(ANY, event_params=keyed("ga_session_number", "int_value", 1)),
    ],
    "visitor_attributes_constant": [
        one(ANY, geo=pl.col("geo").struct.with_fields(pl.lit("Elsewhere").alias("city"))),
        one(ANY, user_first_touch_timestamp=pl.col("user_first_touch_timestamp") - 1),
    ],
    "first_visit_in_first_session": [
        one(NAME == "first_visit", event_params=keyed("ga_session_number", "int_value", 2)),
        one(NAME == "first_visit", event_timestamp=pl.col("event_timestamp") + 1),
    ],
    "event_on_viewed_page": [
        one(NAME == "scroll", event_params=keyed("page_location", "string_value", "x"))
    ],
    "engagement_time_within_session": [
        one(
            NAME == "user_engagement",
            event_params=keyed("engagement_time_msec", "int_value", 10**9),
        )
    ],
    "session_timeout_respected": [
        one(NAME == "session_start", event_timestamp=pl.col("event_timestamp") - 2_000_000_000),
    ],
    "item_price_matches_coupon": [
        one(BOUGHT & PAID, items=pl.col("items").list.eval(pl.element().struct.with_fields(
            price=pl.element().struct.field("price") * 0.9))),
    ],
    "event_name_distribution": [
        every(NAME == "page_view", event_name=pl.lit("click")),
        every(NAME == "user_engagement", event_name=pl.lit("scroll")),
    ],
}  # fmt: skip
CASES = [
    pytest.param(check, spoil, id=f"{check}-{number}")
    for check, ways in SPOILT.items()
    for number, spoil in enumerate(ways)
]


@pytest.mark.parametrize("check", RULES)
def test_generated_rows_pass(check: str) -> None:
    found = results(*sound(), check)
    assert found
    assert all(result.passed for result in found), found


def test_all_checks_pass_without_any_defect() -> None:
    of = journey(scale=0.01, **dict.fromkeys(DEFECTS, "false"))
    frames = made(of, KEYS)
    for check in RULES:
        assert all(result.passed for result in results(of, frames, check)), check


def test_every_check_is_violated_once() -> None:
    assert {*SPOILT, *COMMON} == set(RULES)


@pytest.mark.parametrize(("check", "spoil"), CASES)
def test_a_check_fails_when_it_is_violated(check: str, spoil: Spoil) -> None:
    of, frames = sound()
    spoilt = frames | {KEYS[4]: spoil(frames[KEYS[4]])}
    assert not spoilt[KEYS[4]].equals(frames[KEYS[4]])
    failed = [result for result in results(of, spoilt, check) if not result.passed]
    assert failed
    assert {KEYS[4], None} & {result.key for result in failed}


def test_a_copied_export_has_the_checks_of_any_export() -> None:
    copied = journey(source="bigquery").table("events")
    names = {check.name for check in checks_of(copied)}
    assert {
        "schema",
        "accepted_event_name",
        "required_params_present",
        "event_date_in_partition",
    } < names
    assert all(check.blocking for check in checks_of(copied))
    warnings = {check.name for check in checks_of(journey().table("events")) if not check.blocking}
    assert warnings == {check.name for check in BEHAVIOUR_CHECKS}
