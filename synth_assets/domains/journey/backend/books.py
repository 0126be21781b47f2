"""The backend's books, made of purchases: customers, orders, items, and where they differ.

A row belongs to the day whose purchases brought it about, and rests on the purchases up to that
day alone: which days follow, and how the work is cut, makes no difference. Ids spell out the day
and count in it, so that no two are alike whatever the days have.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from synth_assets.domains.journey.backend import fates
from synth_assets.domains.journey.backend.fates import draw, fate, number_of
from synth_assets.domains.journey.scenario import JourneyScenario
from synth_assets.domains.journey.tables.purchases import ROWS_A_DAY, TEST_PREFIX, is_usable
from synth_assets.randomness.values import DAY

SECOND = 1_000_000
DAY_MICROS = DAY * SECOND
# Seconds from an event to the backend's order, and up to as many to the customer's entry.
LAG, ENTRY = (5, 120), 4
# Cents of a basket of which the event tells nothing.
BASKET = (500, 20_000)
# Tax is this per mille of a basket where the event does not tell it; parcels cost one of these.
TAX_RATE, PARCELS = 80, (499, 599, 799, 1_299)
# The rate of exchange, rounded otherwise, makes so many cents at most.
ROUNDED = 3
COMPLETED, PENDING, REFUNDED, CANCELLED = "completed", "pending", "refunded", "cancelled"
STATUSES = (COMPLETED, PENDING, REFUNDED, CANCELLED)
# Of orders that no event tells of.
STATUS_SHARES = {COMPLETED: 0.6, REFUNDED: 0.2, PENDING: 0.2}
WEB, PHONE = "web", "telephone"
UNLISTED = "Unlisted item"
# Kinds of orders: that of a transaction, the same again, and those without an event.
OWN, AGAIN, UNSEEN, TRIED = 0, 1, 2, 3

PAIR = ["user_pseudo_id", "transaction_id"]


@dataclass(frozen=True)
class Books:
    """Rows of all days, each with its ``day``."""

    users: pl.DataFrame
    orders: pl.DataFrame
    items: pl.DataFrame
    gaps: pl.DataFrame


def books(purchases: pl.DataFrame, scenario: JourneyScenario) -> Books:
    """The books of consecutive days' purchases."""
    seen = _seen(purchases)
    deals = _transactions(seen, scenario)
    orders = _orders(deals, scenario)
    users = _users(seen, orders, scenario)
    # By the visitor, or by the order of somebody whom no event tells of.
    who = users.select("user_id", "visitor", "number")
    orders = orders.join(
        who,
        left_on=["visitor", "customer"],
        right_on=["visitor", "number"],
        how="left",
        nulls_equal=True,
    )
    items = _items(orders)
    return Books(users, orders, items, _gaps(seen, deals, orders))


def _seen(purchases: pl.DataFrame) -> pl.DataFrame:
    """Every purchase event in order; ``nth`` of its transaction, null without a usable id."""
    usable = is_usable(pl.col("transaction_id"))
    return purchases.sort("purchase_id").with_columns(
        nth=pl.when(usable).then(pl.int_range(1, pl.len() + 1).over(PAIR)),
        visitor_number=number_of(pl.lit("visitor"), pl.col("user_pseudo_id")),
    )


def _transactions(seen: pl.DataFrame, scenario: JourneyScenario) -> pl.DataFrame:
    """The first event of each transaction, with the ``cause`` of its fate and ``amount``."""
    row = pl.col("number")
    price = pl.element().struct.field("price_cents") * pl.element().struct.field("quantity")
    told = pl.col("items").list.eval(price).list.sum()
    drawn = draw(scenario, "basket").integers(row, *BASKET)
    return (
        seen.filter(pl.col("nth") == 1)
        .with_columns(number=number_of(pl.lit("pair"), *map(pl.col, PAIR)))
        .with_columns(cause=fate(scenario), told=told)
        .with_columns(
            amount=pl.coalesce("revenue_cents", pl.when(pl.col("told") > 0).then("told"), drawn)
        )
    )


def _orders(deals: pl.DataFrame, scenario: JourneyScenario) -> pl.DataFrame:
    own = _own(deals, scenario)
    rows = pl.concat([own, _again(own, scenario), *_without_events(deals, scenario)])
    return _numbered(rows, "order_id", ["created_at", "kind", "number"])


def _own(deals: pl.DataFrame, scenario: JourneyScenario) -> pl.DataFrame:
    """The order of each transaction that the backend has."""
    row, cause = pl.col("number"), pl.col("cause")
    moment = pl.col("event_timestamp")
    prompt = _by_night(moment + draw(scenario, "lag").integers(row, *LAG) * SECOND, moment)
    days = draw(scenario, "late").integers(row, fates.LATE_DAYS[0], fates.LATE_DAYS[1] + 1)
    created = prompt + pl.when(cause == fates.LATE).then(days * DAY_MICROS).otherwise(0)
    span = _night(created) - created + 1
    later = created + draw(scenario, "undone").integers(row, 0, span)
    pending = draw(scenario, "pending").bernoulli(row, scenario.pending_share)
    undone = cause.is_in([fates.REFUND, fates.CANCELLATION])
    status = (
        pl.when(cause == fates.REFUND).then(pl.lit(REFUNDED))
        .when(cause == fates.CANCELLATION).then(pl.lit(CANCELLED))
        .when(pending).then(pl.lit(PENDING))
        .otherwise(pl.lit(COMPLETED))
    )  # fmt: skip
    return deals.filter(cause != fates.DROPPED).select(
        "day", "number", "cause", "items", "told", "amount", "transaction_id",
        *_charges(scenario),
        kind=pl.lit(OWN),
        visitor="user_pseudo_id",
        customer="visitor_number",
        channel=pl.lit(WEB),
        status=status,
        created_at=created,
        updated_at=pl.when(undone).then(later).otherwise(created),
    )  # fmt: skip


def _charges(scenario: JourneyScenario) -> list[pl.Expr]:
    """Tax, shipping and rounding of an order, with what the backend has more of them."""
    row, cause, amount = pl.col("number"), pl.col("cause"), pl.col("amount")
    tax, shipping = (pl.col(f"{name}_cents").fill_null(0) for name in ("tax", "shipping"))
    usual = (amount * TAX_RATE + 500) // 1_000
    more_tax = pl.max_horizontal(pl.when(tax > 0).then(tax).otherwise(usual), 1)
    parcel = pl.lit(pl.Series(PARCELS)).gather(
        draw(scenario, "parcel").integers(row, 0, len(PARCELS))
    )
    rounded = draw(scenario, "rounded").integers(row, 1, ROUNDED + 1)

    def only(of: str, more: pl.Expr) -> pl.Expr:
        return pl.when(cause == of).then(more).otherwise(0).cast(pl.Int64)

    return [
        (tax + only(fates.TAX, more_tax)).alias("tax_cents"),
        (shipping + only(fates.SHIPPING, parcel)).alias("shipping_cents"),
        (
            amount
            + only(fates.TAX, more_tax)
            + only(fates.SHIPPING, parcel)
            + only(fates.ROUNDING, rounded)
        ).alias("total_cents"),
    ]


def _again(own: pl.DataFrame, scenario: JourneyScenario) -> pl.DataFrame:
    """Orders that were sent twice; what was undone, or came late, was not."""
    row = pl.col("number")
    twice = draw(scenario, "again").bernoulli(row, scenario.double_order_rate)
    seconds = draw(scenario, "seconds").integers(row, 1, 10)
    prompt = pl.col("created_at") + seconds * SECOND
    created = _by_night(prompt, pl.col("created_at"))
    left_out = [fates.REFUND, fates.CANCELLATION, fates.LATE]
    return own.filter(twice & ~pl.col("cause").is_in(left_out)).with_columns(
        kind=pl.lit(AGAIN), cause=pl.lit(fates.DOUBLED), created_at=created, updated_at=created
    )


def _without_events(deals: pl.DataFrame, scenario: JourneyScenario) -> list[pl.DataFrame]:
    """Orders that no event tells of, each with the basket of a transaction of the day."""
    row = pl.col("number")
    phoned = draw(scenario, "telephone").bernoulli(row, fates.TELEPHONE_SHARE)
    unseen = _strangers(deals, scenario, "unseen", scenario.backend_only_rate).with_columns(
        kind=pl.lit(UNSEEN),
        cause=pl.when(phoned).then(pl.lit(fates.TELEPHONE)).otherwise(pl.lit(fates.BLOCKED)),
        channel=pl.when(phoned).then(pl.lit(PHONE)).otherwise(pl.lit(WEB)),
        status=draw(scenario, "status").choice(row, STATUS_SHARES).cast(pl.String),
        transaction_id=pl.when(~phoned).then(_six_digits(scenario, "unseen")),
    )
    tried = _strangers(deals, scenario, "tried", scenario.test_order_rate).with_columns(
        kind=pl.lit(TRIED),
        cause=pl.lit(fates.TESTED),
        channel=pl.lit(WEB),
        status=pl.lit(COMPLETED),
        transaction_id=pl.lit(TEST_PREFIX) + _six_digits(scenario, "tried"),
    )
    columns = _own(deals, scenario).columns
    return [unseen.select(columns), tried.select(columns)]


def _strangers(
    deals: pl.DataFrame, scenario: JourneyScenario, name: str, rate: float
) -> pl.DataFrame:
    """Orders of somebody else at another time of the same day."""
    pair = pl.col("number")
    picked = deals.filter(draw(scenario, name).bernoulli(pair, rate))
    moment = pl.col("event_timestamp")
    begins = moment - moment % DAY_MICROS
    created = begins + draw(scenario, name, "time").integers(pl.col("number"), 0, DAY_MICROS)
    return picked.with_columns(number=number_of(pl.lit(name), *map(pl.col, PAIR))).with_columns(
        visitor=pl.lit(None, dtype=pl.String),
        customer="number",
        tax_cents=pl.lit(0, dtype=pl.Int64),
        shipping_cents=pl.lit(0, dtype=pl.Int64),
        total_cents="amount",
        created_at=created,
        updated_at=created,
    )


def _six_digits(scenario: JourneyScenario, name: str) -> pl.Expr:
    digits = draw(scenario, name, "id").integers(pl.col("number"), 100_000, 1_000_000)
    return digits.cast(pl.String)


def _users(seen: pl.DataFrame, orders: pl.DataFrame, scenario: JourneyScenario) -> pl.DataFrame:
    """Visitors on the day of their first purchase, and the customers of orders without events."""
    moment = pl.col("event_timestamp")
    entry = draw(scenario, "entry").integers(pl.col("number"), 0, ENTRY + 1)
    visitors = (
        seen.unique("user_pseudo_id", keep="first", maintain_order=True)
        .with_columns(number="visitor_number")
        .select(
            "day",
            "number",
            visitor="user_pseudo_id",
            tester=pl.lit(False),
            first="first_touch_timestamp",
            updated_at=_by_night(moment + entry * SECOND, moment),
        )
    )
    others = orders.filter(pl.col("visitor").is_null()).select(
        "day",
        "number",
        "visitor",
        tester=pl.col("kind") == TRIED,
        first="created_at",
        updated_at="created_at",
    )
    seconds = draw(scenario, "signed_up").integers(pl.col("number"), DAY, 90 * DAY + 1)
    rows = pl.concat([visitors, others]).with_columns(created_at=pl.col("first") - seconds * SECOND)
    return _numbered(rows, "user_id", ["number", "visitor"])


def _items(orders: pl.DataFrame) -> pl.DataFrame:
    """Lines of all orders; an order of which no items are told has a single one."""
    unlisted = pl.concat_list(
        pl.struct(
            item_name=pl.lit(UNLISTED),
            quantity=pl.lit(1, dtype=pl.Int64),
            price_cents=pl.col("amount"),
        )
    )
    listed = pl.when(pl.col("items").list.len() > 0).then("items").otherwise(unlisted)
    return (
        orders.select("day", "order_id", "created_at", "updated_at", item=listed)
        .explode("item")
        .unnest("item")
        .with_columns(line=pl.int_range(1, pl.len() + 1).over("order_id"))
    )


def _gaps(seen: pl.DataFrame, deals: pl.DataFrame, orders: pl.DataFrame) -> pl.DataFrame:
    """What is not equal, with its cause: of transactions, of events, and of orders."""
    own = orders.filter(pl.col("kind") == OWN).select("day", "number", "order_id", "total_cents")
    unequal = (
        deals.filter(pl.col("cause") != fates.EQUAL)
        .join(own, on=["day", "number"], how="left")
        .select(
            "day",
            record_key=key_of_pair(),
            cause="cause",
            user_pseudo_id="user_pseudo_id",
            transaction_id="transaction_id",
            order_id="order_id",
            ga4_cents="revenue_cents",
            backend_cents="total_cents",
        )
    )
    nothing = pl.lit(None, dtype=pl.Int64)
    of_event = {
        "user_pseudo_id": pl.col("user_pseudo_id"),
        "transaction_id": pl.col("transaction_id"),
        "order_id": nothing,
        "ga4_cents": pl.col("revenue_cents"),
        "backend_cents": nothing,
    }
    repeated = seen.filter(pl.col("nth") > 1).select(
        "day", record_key=key_of_event(pl.col("nth")), cause=pl.lit(fates.REPEATED), **of_event
    )
    told = pl.col("transaction_id").is_not_null()
    unusable = seen.filter(pl.col("nth").is_null()).select(
        "day",
        record_key=key_of_unusable(),
        cause=pl.when(told).then(pl.lit(fates.PLACEHOLDER_ID)).otherwise(pl.lit(fates.NULL_ID)),
        **of_event,
    )
    besides = orders.filter(pl.col("kind") != OWN).select(
        "day",
        record_key=key_of_order(),
        cause="cause",
        user_pseudo_id="visitor",
        transaction_id="transaction_id",
        order_id="order_id",
        ga4_cents=nothing,
        backend_cents="total_cents",
    )
    rows = pl.concat([unequal, repeated, unusable, besides])
    return rows.with_columns(gap_class=fates.class_of(pl.col("cause")))


def key_of_pair() -> pl.Expr:
    """How a transaction is called in a reconciliation."""
    return pl.concat_str(pl.lit("transaction"), *map(pl.col, PAIR), separator="|")


def key_of_event(nth: pl.Expr) -> pl.Expr:
    """How a repeated event of a transaction is called."""
    return pl.concat_str(pl.lit("event"), *map(pl.col, PAIR), nth.cast(pl.String), separator="|")


def key_of_unusable() -> pl.Expr:
    """How an event without a usable id is called; ``purchase_id`` counts those of one moment."""
    at = ["user_pseudo_id", "event_timestamp"]
    nth = pl.int_range(1, pl.len() + 1).over(at)
    return pl.concat_str(
        pl.lit("unusable"), *(pl.col(c).cast(pl.String) for c in at), nth, separator="|"
    )


def key_of_order() -> pl.Expr:
    """How an order without a transaction is called."""
    return pl.concat_str(pl.lit("order"), pl.col("order_id").cast(pl.String), separator="|")


def _numbered(rows: pl.DataFrame, name: str, by: list[str]) -> pl.DataFrame:
    """Rows in order, with an id of the day and the number in the day."""
    day = pl.col("day").str.replace_all("-", "").cast(pl.Int64)
    ordered = rows.sort("day", *by)
    nth = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("day")
    return ordered.with_columns((day * ROWS_A_DAY + nth).alias(name))


def _night(moment: pl.Expr) -> pl.Expr:
    """The last microsecond of a moment's day."""
    return moment - moment % DAY_MICROS + DAY_MICROS - 1


def _by_night(moment: pl.Expr, event: pl.Expr) -> pl.Expr:
    """The moment, but on the day of the event: the books of a day are closed with the day."""
    return pl.min_horizontal(moment, _night(event))
