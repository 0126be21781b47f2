"""Events of the shop's web analytics export, placed as ``raw_ga4.events`` in every store.

A row is what a visitor's browser sent. ``plan`` knows all sessions, ``walk`` what happens in
them; here their columns come together. A partition is a range of rows; a day's rows are those of
the sessions that begin on it: any of them is made alone, byte for byte.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import polars as pl

from synth_assets.core.model import Table, TableLocation
from synth_assets.core.partitioning import Daily, Partition
from synth_assets.core.schema import polars_schema
from synth_assets.core.sources import Generated
from synth_assets.domains.journey.ga4.calendar import day_of, number_of
from synth_assets.domains.journey.ga4.checks import OF_ANY, OF_THIS
from synth_assets.domains.journey.ga4.even import Numbers
from synth_assets.domains.journey.ga4.items import items
from synth_assets.domains.journey.ga4.nested import taken
from synth_assets.domains.journey.ga4.params import event_params, transaction_ids
from synth_assets.domains.journey.ga4.sample import TYPES
from synth_assets.domains.journey.ga4.schema import Events
from synth_assets.domains.journey.ga4.transactions import tax_cents
from synth_assets.domains.journey.ga4.visitors import channels, devices, places
from synth_assets.domains.journey.ga4.walk import Walk, walk
from synth_assets.domains.journey.model import Plan, open_plan
from synth_assets.domains.journey.scenario import JourneyScenario
from synth_assets.randomness.streams import RandomStream
from synth_assets.randomness.values import DAY, since_epoch

DOMAIN, NAME, SCHEMA = "journey", "events", "raw_ga4"
STREAM = 2_100_450_278
# An event with its parameters takes a kilobyte.
ROWS_AT_ONCE = 60_000
# Events that a browser sends together.
BUNDLE = 4


def generate(scenario: JourneyScenario, partition: Partition) -> pl.LazyFrame:
    """Events of a partition."""
    plan = open_plan(scenario)
    first = int(np.searchsorted(plan.offsets, partition.start, side="right")) - 1
    last = max(int(np.searchsorted(plan.offsets, partition.stop, side="left")), first)
    walked = walk(scenario, plan, first, last)
    skipped = partition.start - int(plan.offsets[first])
    frame = _columns(scenario, plan, walked).slice(skipped, partition.stop - partition.start)
    return frame.lazy().with_columns(
        row=pl.int_range(partition.start, partition.stop, dtype=pl.Int64)
    )


def _columns(scenario: JourneyScenario, plan: Plan, walked: Walk) -> pl.DataFrame:
    size, schema = len(walked), polars_schema(Events)
    visitor = plan.visitor[walked.session]
    visitors = plan.visitors
    day = walked.at // (DAY * 1_000_000) - since_epoch(day_of(0)) // DAY
    dates = pl.Series([day_of(number).strftime("%Y%m%d") for number in range(92)])

    def none(column: str) -> pl.Series:
        return pl.Series(column, [None], dtype=schema[column]).new_from_index(0, size)

    value, spent, ecommerce = _money(plan, walked)
    columns = {
        "event_date": taken(dates, day),
        "event_timestamp": pl.Series(walked.at),
        "event_name": taken(pl.Series(TYPES), walked.name),
        "event_params": event_params(scenario, plan, walked),
        "event_previous_timestamp": pl.Series(walked.before).set(
            pl.Series(walked.before == 0), None
        ),
        "event_value_in_usd": value,
        "event_bundle_sequence_id": pl.Series(
            plan.key[walked.session] * 7_919 % 1_000_003 + walked.place // BUNDLE
        ),
        "user_pseudo_id": _pseudo_id(scenario, visitor),
        "user_first_touch_timestamp": pl.Series(visitors.touched[visitor]),
        "user_ltv": pl.DataFrame(
            {"revenue": spent.astype(np.float64), "currency": _constant("USD", size)}
        ).to_struct("user_ltv"),
        "privacy_info": pl.DataFrame(
            {
                "analytics_storage": _constant(None, size).cast(pl.Int64),
                "ads_storage": _constant(None, size).cast(pl.Int64),
                "uses_transient_token": _constant("No", size),
            }
        ).to_struct("privacy_info"),
        "user_properties": pl.Series([[]], dtype=schema["user_properties"]).new_from_index(0, size),
        "device": _picked(devices(), visitors.device[visitor]),
        "geo": _picked(places(), visitors.place[visitor]),
        "traffic_source": _picked(channels(scenario), visitors.channel[visitor]),
        "stream_id": pl.Series([STREAM], dtype=pl.Int64).new_from_index(0, size),
        "platform": _constant("WEB", size),
        "ecommerce": ecommerce,
        "items": items(scenario, plan, walked),
    }
    return pl.DataFrame({n: columns[n] if n in columns else none(n) for n in schema})


def _constant(value: str | None, size: int) -> pl.Series:
    return pl.Series([value], dtype=pl.String).new_from_index(0, size)


def _picked(known: pl.DataFrame, places: Numbers) -> pl.Series:
    return known[pl.Series(places.astype(np.uint32))].to_struct("picked")


def _pseudo_id(scenario: JourneyScenario, visitor: Numbers) -> pl.Series:
    """The id of a visitor's browser: two numbers, as GA4 has them."""
    ids, place = np.unique(visitor, return_inverse=True)
    draw = RandomStream(scenario.seed, "journey", "visitors", "pseudo_id")
    number = pl.col("visitor")
    # The first is another one for every visitor: 10,000,019 is a prime.
    first = (number * 6_180_341 + draw.key % 10_000_019) % 89_999_999 + 1_000_000
    second = draw.integers(number, 10**9, 10**10)
    texts = pl.DataFrame({"visitor": ids}).select(
        pl.concat_str(first.cast(pl.String), pl.lit("."), second.cast(pl.String))
    )
    return taken(texts.to_series(), place)


def _money(plan: Plan, walked: Walk) -> tuple[pl.Series, Numbers, pl.Series]:
    """The event's value, what the visitor has spent by then, and ``ecommerce``."""
    size, orders = len(walked), plan.orders
    bought = walked.order >= 0
    order = walked.order[bought]
    paid = orders.paid[order] > 0
    revenue = np.zeros(size, dtype=np.int64)
    revenue[bought] = orders.revenue[order] * orders.paid[order]
    begins = walked.place == 0
    running = np.cumsum(revenue)
    before = (running - revenue)[np.flatnonzero(begins)]
    in_session = running - np.repeat(before, np.diff(np.append(np.flatnonzero(begins), size)))
    spent = plan.spent[walked.session] + in_session

    dollars, cents = orders.revenue[order], tax_cents(orders.revenue[order])
    told = pl.Series(dollars.astype(np.float64)).set(pl.Series(~paid), None)
    in_usd = pl.Series(np.where(paid, dollars, 0).astype(np.float64))
    tax = pl.Series(cents / 100).set(pl.Series(~paid), None)
    none = pl.Series([None], dtype=pl.Float64).new_from_index(0, len(order))
    rows = pl.DataFrame(
        {
            "total_item_quantity": pl.Series(orders.things[order]),
            "purchase_revenue_in_usd": in_usd,
            "purchase_revenue": told,
            "refund_value_in_usd": none,
            "refund_value": none,
            "shipping_value_in_usd": none,
            "shipping_value": none,
            "tax_value_in_usd": tax,
            "tax_value": tax,
            "unique_items": pl.Series(orders.lines[order]),
            "transaction_id": transaction_ids(orders.id[order]),
        }
    ).to_struct("ecommerce")
    place = np.zeros(size, dtype=np.int64)
    place[bought] = np.arange(len(order))
    value = taken(told, place, bought)
    return value, spent, taken(rows, place, bought)


def rows_before(partitioning: Daily, scenario: JourneyScenario, step: int) -> int:
    """Events before a day."""
    return open_plan(scenario).rows_before(number_of(partitioning.start) + step)


def table(partitioning: Daily) -> Table:
    """The table."""
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="What the browsers of the shop's visitors sent to Google Analytics 4.",
        schema=Events,
        partitioning=partitioning,
        source=Generated(partial(rows_before, partitioning), generate, rows_at_once=ROWS_AT_ONCE),
        cluster_by=["user_pseudo_id", "event_name"],
        checks=[*OF_ANY, *OF_THIS],
        location=TableLocation(SCHEMA),
    )
