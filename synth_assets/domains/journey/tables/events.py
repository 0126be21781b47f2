"""Events of the shop's web analytics export, stored as ``raw_ga4.events`` in every store.

A row is an event sent by a visitor's browser. ``model`` has all sessions, ``ga4.event_sequence``
their events; the columns are assembled here. A partition is a range of rows: a day's rows are those
of the sessions that begin on it. Any range can be generated alone, byte for byte.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import numpy as np
import polars as pl

from synth_assets.core.location import TableLocation
from synth_assets.core.model import Table
from synth_assets.core.partitioning import Daily, Partition
from synth_assets.core.schema import polars_schema
from synth_assets.core.sources import Generated
from synth_assets.domains.journey.ga4.behaviour_checks import BEHAVIOUR_CHECKS
from synth_assets.domains.journey.ga4.channels import channels
from synth_assets.domains.journey.ga4.checks import EXPORT_CHECKS, GENERATED_CHECKS
from synth_assets.domains.journey.ga4.devices import devices
from synth_assets.domains.journey.ga4.ecommerce import money
from synth_assets.domains.journey.ga4.event_sequence import EventSequence, event_sequence
from synth_assets.domains.journey.ga4.items import items
from synth_assets.domains.journey.ga4.low_discrepancy import Numbers
from synth_assets.domains.journey.ga4.modern import consents, modern
from synth_assets.domains.journey.ga4.modern_checks import MODERN_CHECKS
from synth_assets.domains.journey.ga4.nested import gather_or_null
from synth_assets.domains.journey.ga4.params import event_params
from synth_assets.domains.journey.ga4.periods import VISITORS, period_number, period_of
from synth_assets.domains.journey.ga4.places import places
from synth_assets.domains.journey.ga4.sample import TYPES
from synth_assets.domains.journey.ga4.schema import Events
from synth_assets.domains.journey.ga4.schema_2025 import Events2025
from synth_assets.domains.journey.model import Model, day_offsets, open_model
from synth_assets.domains.journey.scenario import DOMAIN, SCHEMA_2025, JourneyScenario
from synth_assets.randomness.streams import RandomStream
from synth_assets.randomness.values import DAY, since_epoch

NAME, SCHEMA = "events", "raw_ga4"
STREAM = 2_100_450_278
# Rows generated at once; an event with its parameters takes about a kilobyte.
ROWS_AT_ONCE = 60_000
# Events in a bundle.
BUNDLE = 4


def generate(partitioning: Daily, scenario: JourneyScenario, partition: Partition) -> pl.LazyFrame:
    """Events of a partition.

    Args:
        partitioning: Daily partitions, whose first day has the first rows.
        scenario: Seed, size and defects.
        partition: Row numbers to generate.
    """
    number, parts, start = period_number(partitioning.start), [], partition.start
    first = rows_before_period(partitioning, scenario, number)
    while start < partition.stop:
        offsets = day_offsets(scenario, number)
        here = min(partition.stop, first + offsets[-1])
        if start < here:
            parts.append(_of_period(scenario, number, start - first, here - first))
            start = here
        first, number = first + offsets[-1], number + 1
    frame = pl.concat(parts) if parts else _of_period(scenario, number, 0, 0)
    return frame.lazy().with_columns(
        row=pl.int_range(partition.start, partition.stop, dtype=pl.Int64)
    )


def _of_period(scenario: JourneyScenario, number: int, start: int, stop: int) -> pl.DataFrame:
    """Events of a period by their numbers in it."""
    model = open_model(scenario, number)
    first = int(np.searchsorted(model.offsets, start, side="right")) - 1
    last = max(int(np.searchsorted(model.offsets, stop, side="left")), first)
    sequence = event_sequence(scenario, model, first, last)
    skipped = start - int(model.offsets[first])
    return _columns(scenario, model, sequence).slice(skipped, stop - start)


def _columns(scenario: JourneyScenario, model: Model, sequence: EventSequence) -> pl.DataFrame:
    size, schema = len(sequence), polars_schema(Events)
    visitor = model.visitor[sequence.session]
    is_modern = scenario.export_schema == SCHEMA_2025
    consented = np.ones(size, dtype=bool)
    if is_modern:
        consented = consents(scenario, visitor + model.period.number * VISITORS)
    visitors = model.visitors
    period = model.period
    day = sequence.at // (DAY * 1_000_000) - since_epoch(period.first) // DAY
    dates = pl.Series([period.day(number).strftime("%Y%m%d") for number in range(period.days)])

    def none(column: str) -> pl.Series:
        return pl.Series(column, [None], dtype=schema[column]).new_from_index(0, size)

    value, spent, ecommerce = money(model, sequence)
    columns = {
        "event_date": gather_or_null(dates, day),
        "event_timestamp": pl.Series(sequence.at),
        "event_name": gather_or_null(pl.Series(TYPES), sequence.name),
        "event_params": event_params(scenario, model, sequence, consented),
        "event_previous_timestamp": pl.Series(sequence.previous).set(
            pl.Series(sequence.previous == 0), None
        ),
        "event_value_in_usd": value,
        "event_bundle_sequence_id": pl.Series(
            model.key[sequence.session] * 7_919 % 1_000_003 + sequence.place // BUNDLE
        ),
        "user_pseudo_id": _pseudo_id(scenario, visitor + period.number * VISITORS),
        "user_first_touch_timestamp": pl.Series(visitors.first_touch[visitor]),
        "user_ltv": pl.DataFrame(
            {"revenue": spent / 100, "currency": _constant("USD", size)}
        ).to_struct("user_ltv"),
        "privacy_info": pl.DataFrame(
            {
                "analytics_storage": _constant(None, size).cast(pl.Int64),
                "ads_storage": _constant(None, size).cast(pl.Int64),
                "uses_transient_token": _constant("No", size),
            }
        ).to_struct("privacy_info"),
        "user_properties": pl.Series([[]], dtype=schema["user_properties"]).new_from_index(0, size),
        "device": _picked(devices(period.day(period.days // 2)), visitors.device[visitor]),
        "geo": _picked(places(), visitors.place[visitor]),
        "traffic_source": _picked(channels(scenario), visitors.channel[visitor]),
        "stream_id": pl.Series([STREAM], dtype=pl.Int64).new_from_index(0, size),
        "platform": _constant("WEB", size),
        "ecommerce": ecommerce,
        "items": items(scenario, model, sequence),
    }
    frame = pl.DataFrame({n: columns[n] if n in columns else none(n) for n in schema})
    if not is_modern:
        return frame
    return modern(scenario, model, sequence, frame, consented, BUNDLE)


def _constant(value: str | None, size: int) -> pl.Series:
    return pl.Series([value], dtype=pl.String).new_from_index(0, size)


def _picked(known: pl.DataFrame, places: Numbers) -> pl.Series:
    return known[pl.Series(places.astype(np.uint32))].to_struct("picked")


def _pseudo_id(scenario: JourneyScenario, visitor: Numbers) -> pl.Series:
    """The id of a visitor's browser: two numbers, as in GA4."""
    ids, place = np.unique(visitor, return_inverse=True)
    draw = RandomStream(scenario.seed, "journey", "visitors", "pseudo_id")
    number = pl.col("visitor")
    # The first number is distinct for every visitor.
    first = (number * 6_180_341 + draw.key % 10_000_019) % 89_999_999 + 1_000_000
    second = draw.integers(number, 10**9, 10**10)
    texts = pl.DataFrame({"visitor": ids}).select(
        pl.concat_str(first.cast(pl.String), pl.lit("."), second.cast(pl.String))
    )
    return gather_or_null(texts.to_series(), place)


def rows_before(partitioning: Daily, scenario: JourneyScenario, step: int) -> int:
    """Events before a day.

    Args:
        partitioning: Daily partitions.
        scenario: Seed, size and defects.
        step: Index of the day in the partitioning.
    """
    day = partitioning.start + timedelta(days=step)
    number = period_number(day)
    period = period_of(number, scenario.calendar)
    before = rows_before_period(partitioning, scenario, number)
    # A period that has just begun need not be simulated to know what is before it.
    begun = (day - period.first).days
    return before + (day_offsets(scenario, number)[begun] if begun else 0)


def rows_before_period(partitioning: Daily, scenario: JourneyScenario, number: int) -> int:
    """Events from the first day on and before a period; below 0 for the first day's own period.

    Args:
        partitioning: Daily partitions.
        scenario: Seed, size and defects.
        number: Number of the period.
    """
    start = partitioning.start
    own = period_number(start)
    before = (start - period_of(own, scenario.calendar).first).days
    whole = sum(day_offsets(scenario, n)[-1] for n in range(own, number))
    return whole - day_offsets(scenario, own)[before]


def table(scenario: JourneyScenario) -> Table:
    """The table.

    Args:
        scenario: The scenario.
    """
    partitioning = scenario.partitioning
    is_modern = scenario.export_schema == SCHEMA_2025
    checks = [*EXPORT_CHECKS, *GENERATED_CHECKS, *BEHAVIOUR_CHECKS]
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="What the browsers of the shop's visitors sent to Google Analytics 4.",
        schema=Events2025 if is_modern else Events,
        event_time="event_timestamp",
        partitioning=partitioning,
        code_version="3" if is_modern else "2",
        source=Generated(
            partial(rows_before, partitioning),
            partial(generate, partitioning),
            rows_at_once=ROWS_AT_ONCE,
        ),
        cluster_by=["user_pseudo_id", "event_name"],
        checks=[*checks, *MODERN_CHECKS] if is_modern else checks,
        location=TableLocation(SCHEMA),
    )
