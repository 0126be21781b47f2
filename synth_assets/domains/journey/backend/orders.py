"""The backend's orders: those of transactions, duplicates, and orders without an event."""

from __future__ import annotations

import polars as pl

from synth_assets.domains.journey.backend import discrepancies
from synth_assets.domains.journey.backend.days import (
    DAY_MICROS,
    SECOND_MICROS,
    clip_to_day,
    end_of_day,
    numbered_by_day,
)
from synth_assets.domains.journey.backend.dealing import dealt
from synth_assets.domains.journey.backend.discrepancies import key_hash, stream
from synth_assets.domains.journey.backend.transactions import PAIR
from synth_assets.domains.journey.scenario import JourneyScenario
from synth_assets.domains.journey.tables.purchases import TEST_PREFIX

# Seconds from an event to the backend's order.
ORDER_DELAY = (5, 120)
# Prices of shipping, cents, and the tax that an event lacks in per mille of the amount: the rate at
# the place of delivery, which the browser does not know. Combined rates of the US states are 0 to
# 10.1% (Tax Foundation, State and Local Sales Tax Rates, 2025).
SHIPPING_CENTS, MORE_TAX = (499, 599, 799, 1_299), (5, 45)
# Largest difference by rounding of the exchange rate, cents.
MAX_ROUNDING = 3
COMPLETED, PENDING, REFUNDED, CANCELLED = "completed", "pending", "refunded", "cancelled"
STATUSES = (COMPLETED, PENDING, REFUNDED, CANCELLED)
# Shares of the statuses of orders without an event.
STATUS_SHARES = {COMPLETED: 0.6, REFUNDED: 0.2, PENDING: 0.2}
WEB, PHONE = "web", "telephone"
# Kinds of orders: of a transaction, its duplicate, two without an event, and of an event without an
# id.
OF_TRANSACTION, DUPLICATE, BACKEND_ONLY, TEST, UNREPORTED = range(5)


def backend_orders(
    transactions: pl.DataFrame, unreported: pl.DataFrame, scenario: JourneyScenario
) -> pl.DataFrame:
    """All orders of the backend, numbered by day.

    Args:
        transactions: Result of ``transactions_of``.
        unreported: Result of ``unreported_orders``.
        scenario: Seed and rates.

    Returns:
        Orders with ``kind`` (one of the constants above) and ``cause`` of their discrepancy.
    """
    own = _transaction_orders(transactions, scenario)
    rows = pl.concat(
        [
            own,
            _duplicates(own, scenario),
            *_orders_without_event(transactions, scenario),
            # The id of these orders is longer than those that events report, so no two are equal.
            _transaction_orders(unreported, scenario).with_columns(
                kind=pl.lit(UNREPORTED), transaction_id=_digits(scenario, "unreported", 7)
            ),
        ]
    )
    return numbered_by_day(rows, "order_id", ["created_at", "kind", "number"])


def _transaction_orders(transactions: pl.DataFrame, scenario: JourneyScenario) -> pl.DataFrame:
    """The orders of transactions, except those that the backend lost."""
    row, cause = pl.col("number"), pl.col("cause")
    event = pl.col("event_timestamp")
    delay = stream(scenario, "lag").integers(row, *ORDER_DELAY) * SECOND_MICROS
    prompt = clip_to_day(event + delay, event)
    first, last = discrepancies.LATE_DAYS
    days = stream(scenario, "late").integers(row, first, last + 1)
    created = prompt + pl.when(cause == discrepancies.LATE).then(days * DAY_MICROS).otherwise(0)
    span = end_of_day(created) - created + 1
    later = created + stream(scenario, "undone").integers(row, 0, span)
    pending = stream(scenario, "pending").bernoulli(row, scenario.pending_share)
    undone = cause.is_in([discrepancies.REFUND, discrepancies.CANCELLATION])
    status = (
        pl.when(cause == discrepancies.REFUND).then(pl.lit(REFUNDED))
        .when(cause == discrepancies.CANCELLATION).then(pl.lit(CANCELLED))
        .when(pending).then(pl.lit(PENDING))
        .otherwise(pl.lit(COMPLETED))
    )  # fmt: skip
    return transactions.filter(cause != discrepancies.DROPPED).select(
        "day", "number", "cause", "items", "amount", "transaction_id", "coupon",
        *_charges(scenario),
        kind=pl.lit(OF_TRANSACTION),
        visitor="user_pseudo_id",
        customer="visitor_number",
        channel=pl.lit(WEB),
        status=status,
        created_at=created,
        updated_at=pl.when(undone).then(later).otherwise(created),
    )  # fmt: skip


def _charges(scenario: JourneyScenario) -> list[pl.Expr]:
    """Tax, shipping and total of an order, with the additional amount of its discrepancy."""
    row, cause, amount = pl.col("number"), pl.col("cause"), pl.col("amount")
    shipping = pl.col("shipping_cents").fill_null(0)
    tax = (
        pl.when(pl.col("revenue_cents").is_null())
        .then(_usual_tax(scenario))
        .otherwise(pl.col("tax_cents").fill_null(0))
    )
    rate = stream(scenario, "tax").integers(row, *MORE_TAX)
    more_tax = pl.max_horizontal((amount * rate + 500) // 1_000, 1)
    more_shipping = pl.lit(pl.Series(SHIPPING_CENTS)).gather(
        stream(scenario, "parcel").integers(row, 0, len(SHIPPING_CENTS))
    )
    rounding = stream(scenario, "rounded").integers(row, 1, MAX_ROUNDING + 1)

    def only(expected: str, more: pl.Expr) -> pl.Expr:
        return pl.when(cause == expected).then(more).otherwise(0).cast(pl.Int64)

    charged_tax = tax + only(discrepancies.TAX, more_tax)
    charged_shipping = shipping + only(discrepancies.SHIPPING, more_shipping)
    total = amount + charged_tax + charged_shipping + only(discrepancies.ROUNDING, rounding)
    return [
        charged_tax.alias("tax_cents"),
        charged_shipping.alias("shipping_cents"),
        total.alias("total_cents"),
    ]


def _usual_tax(scenario: JourneyScenario) -> pl.Expr:
    """The tax of an order that no event tells of, cents."""
    return (pl.col("amount") * round(scenario.tax_rate * 10_000) + 5_000) // 10_000


def _duplicates(own: pl.DataFrame, scenario: JourneyScenario) -> pl.DataFrame:
    """Orders that the backend has twice; refunded, cancelled and late orders are excluded."""
    seconds = stream(scenario, "seconds").integers(pl.col("number"), 1, 10)
    prompt = pl.col("created_at") + seconds * SECOND_MICROS
    created = clip_to_day(prompt, pl.col("created_at"))
    excluded = [discrepancies.REFUND, discrepancies.CANCELLATION, discrepancies.LATE]
    twice = dealt(
        pl.int_range(pl.len()), scenario.double_order_rate, stream(scenario, "again"), early=True
    )
    return (
        own.filter(~pl.col("cause").is_in(excluded))
        .filter(twice)
        .with_columns(
            kind=pl.lit(DUPLICATE),
            cause=pl.lit(discrepancies.DOUBLE_ORDER),
            created_at=created,
            updated_at=created,
        )
    )


def _orders_without_event(
    transactions: pl.DataFrame, scenario: JourneyScenario
) -> list[pl.DataFrame]:
    """Orders without an event, each with the basket of a transaction of the day."""
    row = pl.col("number")
    by_telephone = pl.col("by_telephone")
    backend_only = _orders_of_others(transactions, scenario, "unseen", scenario.backend_only_rate)
    backend_only = backend_only.with_columns(
        by_telephone=dealt(
            pl.int_range(pl.len()), scenario.telephone_share, stream(scenario, "telephone")
        )
    ).with_columns(
        kind=pl.lit(BACKEND_ONLY),
        cause=pl.when(by_telephone)
        .then(pl.lit(discrepancies.TELEPHONE))
        .otherwise(pl.lit(discrepancies.BLOCKED)),
        channel=pl.when(by_telephone).then(pl.lit(PHONE)).otherwise(pl.lit(WEB)),
        status=stream(scenario, "status").choice(row, STATUS_SHARES).cast(pl.String),
        transaction_id=pl.when(~by_telephone).then(_digits(scenario, "unseen", 6)),
    )
    tests = _orders_of_others(
        transactions, scenario, "tried", scenario.test_order_rate
    ).with_columns(
        kind=pl.lit(TEST),
        cause=pl.lit(discrepancies.TEST_ORDER),
        channel=pl.lit(WEB),
        status=pl.lit(COMPLETED),
        transaction_id=pl.lit(TEST_PREFIX) + _digits(scenario, "tried", 6),
    )
    columns = _transaction_orders(transactions, scenario).columns
    return [backend_only.select(columns), tests.select(columns)]


def _orders_of_others(
    transactions: pl.DataFrame, scenario: JourneyScenario, name: str, rate: float
) -> pl.DataFrame:
    """Orders of customers without events, at another time of the same day.

    ``name`` seeds their random streams.
    """
    chosen = dealt(pl.int_range(pl.len()), rate, stream(scenario, name), early=True)
    selected = transactions.filter(chosen)
    event = pl.col("event_timestamp")
    midnight = event - event % DAY_MICROS
    created = midnight + stream(scenario, name, "time").integers(pl.col("number"), 0, DAY_MICROS)
    return selected.with_columns(number=key_hash(pl.lit(name), *map(pl.col, PAIR))).with_columns(
        visitor=pl.lit(None, dtype=pl.String),
        customer="number",
        tax_cents=_usual_tax(scenario),
        shipping_cents=pl.lit(0, dtype=pl.Int64),
        total_cents=pl.col("amount") + _usual_tax(scenario),
        created_at=created,
        updated_at=created,
    )


def _digits(scenario: JourneyScenario, name: str, digits: int) -> pl.Expr:
    numbers = stream(scenario, name, "id").integers(
        pl.col("number"), 10 ** (digits - 1), 10**digits
    )
    return numbers.cast(pl.String)
