"""The shop's customers: people who signed up or bought, and customers without any event."""

from __future__ import annotations

import polars as pl

from synth_assets.domains.journey.backend.days import SECOND_MICROS, clip_to_day, numbered_by_day
from synth_assets.domains.journey.backend.discrepancies import stream
from synth_assets.domains.journey.backend.orders import TEST
from synth_assets.domains.journey.scenario import JourneyScenario
from synth_assets.domains.journey.tables.signups import guesses, is_member, visitor_number
from synth_assets.randomness.values import DAY

# Most seconds from a purchase to the last change of the customer's record.
RECORD_DELAY = 4
# Seconds before a purchase in which the record of a customer without an account is made.
CHECKOUT_SECONDS = (20, 600)


def customers(
    events: pl.DataFrame, signups: pl.DataFrame, orders: pl.DataFrame, scenario: JourneyScenario
) -> pl.DataFrame:
    """Customers on the day of their sign-up or first purchase, and those of orders without events.

    Args:
        events: Result of ``purchase_events``.
        signups: Rows of ``signups``, with ``day``.
        orders: Result of ``backend_orders``.
        scenario: Seed and shares.

    Returns:
        Customers, numbered by day, with ``number`` (a hash), ``visitor`` and ``tester``.
    """
    found = pl.concat([_signed_up(signups, scenario), _buyers(events, scenario)])
    # The first record of each visitor; sign-ups go before purchases of the same day.
    first = found.sort("day", "order").unique("visitor", keep="first", maintain_order=True)
    rows = pl.concat([first.drop("order"), _others(orders, scenario)])
    return numbered_by_day(rows, "user_id", ["number", "visitor"])


def _signed_up(signups: pl.DataFrame, scenario: JourneyScenario) -> pl.DataFrame:
    rows = signups.with_columns(number=visitor_number())
    before = _before_first_touch(scenario, pl.col("number"))
    return rows.select(
        "day",
        "number",
        "login_id",
        visitor="user_pseudo_id",
        tester=pl.lit(value=False),
        created_at=pl.when("is_member").then(before).otherwise("signed_up_timestamp"),
        updated_at="signed_up_timestamp",
        order=pl.lit(0),
    )


def _before_first_touch(scenario: JourneyScenario, row: pl.Expr) -> pl.Expr:
    """When a member signed up."""
    days = stream(scenario, "signed_up").integers(row, DAY, scenario.member_days * DAY + 1)
    return pl.col("first_touch_timestamp") - days * SECOND_MICROS


def _buyers(events: pl.DataFrame, scenario: JourneyScenario) -> pl.DataFrame:
    """Visitors at their first purchase: members, and others, whose record the checkout makes."""
    row, event = pl.col("visitor_number"), pl.col("event_timestamp")
    delay = stream(scenario, "entry").integers(row, 0, RECORD_DELAY + 1)
    seconds = stream(scenario, "guest").integers(row, *CHECKOUT_SECONDS)
    touched = pl.col("first_touch_timestamp")
    created = (
        pl.when(is_member(scenario, row) & pl.lit(guesses(scenario)))
        .then(_before_first_touch(scenario, row))
        .otherwise(pl.max_horizontal(touched, event - seconds * SECOND_MICROS))
    )
    return events.unique("user_pseudo_id", keep="first", maintain_order=True).select(
        "day",
        number="visitor_number",
        login_id=pl.lit(None, pl.String),
        visitor="user_pseudo_id",
        tester=pl.lit(value=False),
        created_at=created,
        updated_at=clip_to_day(event + delay * SECOND_MICROS, event),
        order=pl.lit(1),
    )


def _others(orders: pl.DataFrame, scenario: JourneyScenario) -> pl.DataFrame:
    """Customers of orders without an event; nothing tells when they came first."""
    days = stream(scenario, "signed_up").integers(pl.col("number"), 0, scenario.member_days * DAY)
    return orders.filter(pl.col("visitor").is_null()).select(
        "day",
        "number",
        pl.lit(None, pl.String).alias("login_id"),
        "visitor",
        tester=pl.col("kind") == TEST,
        created_at=pl.col("created_at") - days * SECOND_MICROS,
        updated_at="created_at",
    )
