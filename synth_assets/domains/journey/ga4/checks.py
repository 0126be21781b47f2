"""The checks of the events table.

``EXPORT_CHECKS`` hold for any export, also a copied one; ``GENERATED_CHECKS`` for the generated
one. The check of shares is in ``event_shares``.
"""

from __future__ import annotations

from itertools import pairwise

import polars as pl

from synth_assets.core.model import Check, TableView
from synth_assets.domains.journey.ga4.event_shares import event_shares
from synth_assets.domains.journey.ga4.param import param
from synth_assets.domains.journey.ga4.sample import TYPES
from synth_assets.quality.building import row_check
from synth_assets.quality.row_counts import row_count
from synth_assets.quality.structural import accepted_values, holds

# Parameters of every event, with the field of their value; then all others by field.
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
# Whether the visitor is known: without consent to cookies there is none.
KNOWN = pl.col("user_pseudo_id").is_not_null()
# A parameter that never has a value.
EMPTY = "all_data"
# Steps of the funnel; each requires the one before it.
STEPS = ("view_item", "begin_checkout", "add_shipping_info", "add_payment_info", "purchase")
# Columns that are constant for a visitor.
CONSTANT_COLUMNS = ("user_first_touch_timestamp", "device", "geo", "traffic_source")


def has_params() -> Check:
    """Every event has a session id, a session number and a page."""
    there = [param(key, field).is_not_null() for key, field in REQUIRED.items()]
    doc = (
        f"Every event of a known visitor has {', '.join(REQUIRED)}, each in the field of its type."
    )
    return holds("required_params_present", doc, ~KNOWN | pl.all_horizontal(there))


def typed_params() -> Check:
    """Every parameter has a known key, and its value in the field of its type."""
    element = pl.element()
    value, key = element.struct.field("value"), element.struct.field("key")
    fine = key == EMPTY
    for field, names in FIELDS.items():
        fine = fine | (key.is_in(list(names)) & value.struct.field(field).is_not_null())
    doc = "Every parameter is known, and its value in the field of its type."
    condition = pl.col("event_params").list.eval(fine).list.all()
    return holds("params_have_declared_types", doc, condition)


def dated() -> Check:
    """Every event has the date of its partition."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        day = pl.col(stored.table.partitioning.partition_column).str.replace_all("-", "")
        return stored.current().filter(pl.col("event_date") != day)

    return row_check(
        "event_date_in_partition", "`event_date` is the partition's day.", failing_rows
    )


def within_its_day() -> Check:
    """Every event is on its day, and not before the times of earlier events that it contains."""
    day = pl.from_epoch("event_timestamp", time_unit="us").dt.strftime("%Y%m%d")
    earlier = ["event_previous_timestamp", "user_first_touch_timestamp"]
    ordered = [pl.col(n).is_null() | (pl.col(n) <= pl.col("event_timestamp")) for n in earlier]
    doc = "Events are on their day (UTC), and not before the earlier events that they refer to."
    return holds(
        "event_timestamp_in_partition",
        doc,
        pl.all_horizontal(day == pl.col("event_date"), *ordered),
    )


def revenue_adds_up() -> Check:
    """A purchase's revenue, where it is not null, is the sum of its items."""
    sums = pl.col("items").list.eval(pl.element().struct.field("item_revenue")).list.sum()
    revenue = pl.col("ecommerce").struct.field("purchase_revenue")
    in_usd = pl.col("ecommerce").struct.field("purchase_revenue_in_usd")
    same = ((revenue - sums).abs() < 0.005) & ((revenue - in_usd).abs() < 0.005)
    value = (pl.col("event_value_in_usd") - revenue).abs() < 0.005
    fine = pl.when(revenue.is_null()).then(pl.col("event_value_in_usd").is_null())
    doc = "`purchase_revenue` is the sum of its items' revenue, and the event's value."
    return holds(
        "purchase_revenue_equals_sum_of_items", doc, fine.otherwise((same & value).fill_null(False))
    )


def only_purchases_pay() -> Check:
    """Purchases have items and ``ecommerce``; other events have no ``ecommerce``."""
    bought = pl.col("event_name") == "purchase"
    paid = pl.col("ecommerce").struct.field("total_item_quantity").is_not_null()
    listed = pl.col("items").list.len() > 0
    doc = "Purchases have `ecommerce` and items, and nothing else has `ecommerce`."
    fine = pl.when(bought).then(paid & listed).otherwise(~paid)
    return holds("ecommerce_only_on_purchases", doc, fine)


def funnel() -> Check:
    """No session has a step of the funnel without the step before it."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        partition_column = stored.table.partitioning.partition_column
        name, session = pl.col("event_name"), ["user_pseudo_id", "session", partition_column]
        took = (
            stored.current()
            .filter(name.is_in(STEPS) & KNOWN)
            .select(
                "user_pseudo_id", partition_column, "event_name", session=param("ga_session_id")
            )
            .group_by(session)
            .agg((name == step).any().alias(step) for step in STEPS)
        )
        skipped = [pl.col(b) & ~pl.col(a) for a, b in pairwise(STEPS)]
        return took.filter(pl.any_horizontal(skipped))

    doc = f"Sessions take the steps of the funnel one after the other: {', '.join(STEPS)}."
    return row_check("funnel_steps_in_order", doc, failing_rows)


def numbered_sessions() -> Check:
    """A session has one number, and a visitor's sessions are numbered in order of time."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        partition_column = stored.table.partitioning.partition_column
        number, begun, ended = pl.col("number"), pl.col("begun"), pl.col("ended")
        sessions = (
            stored.all()
            .filter(KNOWN)
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
    return row_check("session_number_in_order", doc, failing_rows)


def one_person() -> Check:
    """A visitor has one first visit, device, location and first source."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        partition_column = stored.table.partitioning.partition_column
        person = pl.struct(CONSTANT_COLUMNS).hash()
        several = (
            stored.all()
            .filter(KNOWN)
            .select("user_pseudo_id", person=person)
            .group_by("user_pseudo_id")
            .agg(pl.col("person").n_unique())
            .filter(pl.col("person") > 1)
        )
        here = stored.current().select("user_pseudo_id", partition_column).unique()
        return here.join(several, on="user_pseudo_id", how="semi")

    doc = f"All events of a visitor have the same {', '.join(CONSTANT_COLUMNS)}."
    return row_check("visitor_attributes_constant", doc, failing_rows)


def first_visits() -> Check:
    """A first visit is in a visitor's first session, at the first-touch time."""
    first = pl.col("event_name") == "first_visit"
    at_first = pl.col("event_timestamp") == pl.col("user_first_touch_timestamp")
    fine = (param("ga_session_number") == 1) & at_first
    doc = "`first_visit` is in a visitor's first session, at `user_first_touch_timestamp`."
    return holds("first_visit_in_first_session", doc, ~(first & KNOWN) | fine)


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
