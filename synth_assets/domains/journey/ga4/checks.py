"""What holds of every export, and what of the one that is made here.

``EXPORT_CHECKS`` also judges an export that is copied: the public sample, or one's own.
"""

from __future__ import annotations

import math
from itertools import pairwise

import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, TableView
from synth_assets.domains.journey.ga4.sample import EVENTS, NAMES, TYPES
from synth_assets.quality.building import row_check
from synth_assets.quality.structural import accepted_values, holds, row_count

# Parameters by the field of their value that is filled.
REQUIRED = {
    "ga_session_id": "int_value",
    "ga_session_number": "int_value",
    "page_location": "string_value",
}
FIELDS = {
    "int_value": (
        "ga_session_id", "ga_session_number", "engaged_session_event", "debug_mode",
        "engagement_time_msec", "entrances", "percent_scrolled", "unique_search_term",
    ),
    "string_value": (
        "page_location", "page_title", "page_referrer", "session_engaged", "clean_event",
        "source", "medium", "campaign", "term", "gclid", "search_term", "link_url",
        "link_domain", "outbound", "currency", "transaction_id", "payment_type",
        "shipping_tier", "coupon",
    ),
    "double_value": ("value", "tax"),
}  # fmt: skip
# A parameter that never has a value.
EMPTY = "all_data"
# Each step of the funnel needs the one before it.
STEPS = ("view_item", "begin_checkout", "add_shipping_info", "add_payment_info", "purchase")
# How many times more or less than its usual share an event may have, besides chance.
FACTOR, SIGMAS = 2.0, 4.0
# What a visitor has for good.
LASTING = ("user_first_touch_timestamp", "device", "geo", "traffic_source")


def _element(key: str, field: str) -> pl.Expr:
    """The value of each element that has the key, null for all others."""
    element = pl.element()
    value = element.struct.field("value").struct.field(field)
    return pl.when(element.struct.field("key") == key).then(value)


def param(key: str, field: str = "int_value") -> pl.Expr:
    """The value of a parameter that an event has once at most."""
    return pl.col("event_params").list.eval(_element(key, field).drop_nulls()).list.first()


def has_params() -> Check:
    """Every event says its session, the session's number, and its page."""
    there = [param(key, field).is_not_null() for key, field in REQUIRED.items()]
    doc = f"Every event has {', '.join(REQUIRED)}, each in the field of its type."
    return holds("has_params", doc, pl.all_horizontal(there))


def typed_params() -> Check:
    """Every parameter is known, and has its value in the field of its type."""
    element = pl.element()
    value, key = element.struct.field("value"), element.struct.field("key")
    fine = key == EMPTY
    for field, names in FIELDS.items():
        fine = fine | (key.is_in(list(names)) & value.struct.field(field).is_not_null())
    doc = "Every parameter is known, and its value in the field of its type."
    condition = pl.col("event_params").list.eval(fine).list.all()
    return holds("typed_params", doc, condition)


def dated() -> Check:
    """Every event has the date of its partition."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        day = pl.col(stored.table.partitioning.partition_column).str.replace_all("-", "")
        return stored.current().filter(pl.col("event_date") != day)

    return row_check("dated", "`event_date` is the partition's day.", failing_rows)


def within_its_day() -> Check:
    """Every event happened on its day, and not before one that it says was earlier."""
    day = pl.from_epoch("event_timestamp", time_unit="us").dt.strftime("%Y%m%d")
    earlier = ["event_previous_timestamp", "user_first_touch_timestamp"]
    ordered = [pl.col(n).is_null() | (pl.col(n) <= pl.col("event_timestamp")) for n in earlier]
    doc = "Events happen on their day (UTC), and after those that were before."
    return holds("within_its_day", doc, pl.all_horizontal(day == pl.col("event_date"), *ordered))


def revenue_adds_up() -> Check:
    """A purchase's revenue, where it is told, is that of its items."""
    sums = pl.col("items").list.eval(pl.element().struct.field("item_revenue")).list.sum()
    told = pl.col("ecommerce").struct.field("purchase_revenue")
    in_usd = pl.col("ecommerce").struct.field("purchase_revenue_in_usd")
    same = ((told - sums).abs() < 0.005) & ((told - in_usd).abs() < 0.005)
    value = (pl.col("event_value_in_usd") - told).abs() < 0.005
    fine = pl.when(told.is_null()).then(pl.col("event_value_in_usd").is_null())
    doc = "`purchase_revenue` is the sum of its items' revenue, and the event's value."
    return holds("revenue_adds_up", doc, fine.otherwise((same & value).fill_null(False)))


def only_purchases_pay() -> Check:
    """Purchases have items and a transaction, other events have none."""
    bought = pl.col("event_name") == "purchase"
    paid = pl.col("ecommerce").struct.field("total_item_quantity").is_not_null()
    listed = pl.col("items").list.len() > 0
    doc = "Purchases have `ecommerce` and items, and nothing else has `ecommerce`."
    fine = pl.when(bought).then(paid & listed).otherwise(~paid)
    return holds("only_purchases_pay", doc, fine)


def funnel() -> Check:
    """No session takes a step of the funnel without the one before it."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        partition_column = stored.table.partitioning.partition_column
        name, session = pl.col("event_name"), ["user_pseudo_id", "session", partition_column]
        took = (
            stored.current()
            .filter(name.is_in(STEPS))
            .select(
                "user_pseudo_id", partition_column, "event_name", session=param("ga_session_id")
            )
            .group_by(session)
            .agg((name == step).any().alias(step) for step in STEPS)
        )
        skipped = [pl.col(b) & ~pl.col(a) for a, b in pairwise(STEPS)]
        return took.filter(pl.any_horizontal(skipped))

    doc = f"Sessions take the steps of the funnel one after the other: {', '.join(STEPS)}."
    return row_check("funnel", doc, failing_rows)


def numbered_sessions() -> Check:
    """A session has one number, and a visitor's sessions are numbered in order of time."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        partition_column = stored.table.partitioning.partition_column
        number, begun, ended = pl.col("number"), pl.col("begun"), pl.col("ended")
        sessions = (
            stored.all()
            .select(
                "user_pseudo_id",
                partition_column,
                pl.col("event_timestamp"),
                session=param("ga_session_id"),
                number=param("ga_session_number"),
            )
            .group_by("user_pseudo_id", "session")
            .agg(
                number.min(),
                numbers=number.n_unique(),
                begun=pl.col("event_timestamp").min(),
                ended=pl.col("event_timestamp").max(),
                **{partition_column: pl.col(partition_column).min()},
            )
            .sort("user_pseudo_id", "begun")
        )
        again = pl.col("user_pseudo_id") == pl.col("user_pseudo_id").shift()
        later = (number > number.shift()) & (begun > ended.shift())
        fine = (pl.col("numbers") == 1) & (~again.fill_null(False) | later)
        return sessions.filter(~fine & pl.col(partition_column).is_in(list(stored.keys)))

    doc = "A session has one number; a visitor's sessions are numbered in order of time."
    return row_check("numbered_sessions", doc, failing_rows)


def one_person() -> Check:
    """A visitor has one first visit, device, place and first source."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        partition_column = stored.table.partitioning.partition_column
        person = pl.struct(LASTING).hash()
        several = (
            stored.all()
            .select("user_pseudo_id", person=person)
            .group_by("user_pseudo_id")
            .agg(pl.col("person").n_unique())
            .filter(pl.col("person") > 1)
        )
        here = stored.current().select("user_pseudo_id", partition_column).unique()
        return here.join(several, on="user_pseudo_id", how="semi")

    doc = f"All events of a visitor have the same {', '.join(LASTING)}."
    return row_check("one_person", doc, failing_rows)


def first_visits() -> Check:
    """A first visit is in a visitor's first session, at the first moment."""
    first = pl.col("event_name") == "first_visit"
    at_first = pl.col("event_timestamp") == pl.col("user_first_touch_timestamp")
    fine = (param("ga_session_number") == 1) & at_first
    doc = "`first_visit` is in a visitor's first session, at `user_first_touch_timestamp`."
    return holds("first_visits", doc, ~first | fine)


def event_shares() -> Check:
    """Each event has about the share that it has in the sample, on every day."""

    def measure(stored: TableView) -> list[CheckResult]:
        partition_column = stored.table.partitioning.partition_column
        counted = stored.current().group_by(partition_column, "event_name").agg(pl.len()).collect()
        counts = {(key, name): n for key, name, n in counted.iter_rows()}
        partition_stats, results = stored.partition_stats, []
        for key in stored.keys:
            rows = max(partition_stats[key].rows, 1)
            strays = {n: _excess(counts.get((key, n), 0), rows, n) for n in TYPES}
            shares = {f"share.{n}": counts.get((key, n), 0) / rows for n in TYPES}
            wrong = [{"event_name": n, "times": v} for n, v in strays.items() if v > 1]
            worst = max(strays.values())
            bound = "<= 1 (times what is allowed)"
            results.append(CheckResult(key, worst <= 1, worst, bound, shares, wrong))
        return results

    doc = (
        f"Each event's share is the sample's, times or over {FACTOR:g}, give or take "
        f"{SIGMAS:g} standard errors; carts may be missing."
    )
    return Check("event_shares", doc, measure)


def _excess(count: int, rows: int, name: str) -> float:
    """How many times further than allowed a count is from what is usual."""
    wanted = NAMES[name][0] / EVENTS * rows
    low = 0.0 if name == "add_to_cart" else wanted / FACTOR
    # A session has several events of a name, which come and go together.
    slack = SIGMAS * math.sqrt(3 * max(wanted, 3.0))
    if count > wanted * FACTOR:
        return (count - wanted * FACTOR) / slack
    return max(low - count, 0.0) / slack


EXPORT_CHECKS = (accepted_values("event_name", TYPES), has_params(), dated())
GENERATED_CHECKS = (
    row_count(),
    typed_params(),
    within_its_day(),
    revenue_adds_up(),
    only_purchases_pay(),
    funnel(),
    numbered_sessions(),
    one_person(),
    first_visits(),
    event_shares(),
)
