"""Orders: a customer's first order follows from the journey, later orders do not.

A row is written when the order arrives, with the status that it has at the end of that day.
"""

from __future__ import annotations

from functools import partial

import dataframely as dy
import polars as pl

from synth_assets.core.history import Version
from synth_assets.core.model import Table
from synth_assets.core.partitioning import Partition
from synth_assets.core.schema import references
from synth_assets.core.sources import Generated, row_numbers
from synth_assets.domains.jaffle.checks import in_partition
from synth_assets.domains.jaffle.hours import between_hours
from synth_assets.domains.jaffle.lifecycle import STATUSES, with_status
from synth_assets.domains.jaffle.lifecycle import history as lifecycle_history
from synth_assets.domains.jaffle.model import Model, open_model
from synth_assets.domains.jaffle.order_checks import (
    LOST,
    after_signup,
    status_by_age,
    status_in_time,
)
from synth_assets.domains.jaffle.scenario import DOMAIN, Dataset, JaffleScenario
from synth_assets.quality.drift import drift
from synth_assets.quality.row_counts import volume
from synth_assets.quality.structural import accepted_values
from synth_assets.randomness.noise import Corruption, Noise
from synth_assets.randomness.permutations import permute
from synth_assets.randomness.values import DAY


class Orders(dy.Schema):
    """An order."""

    id = dy.Int64(primary_key=True, min=1, description="Order id, rising with its day.")
    user_id = dy.Int64(min=1, description="Customer who ordered.", metadata=references("customers"))
    order_date = dy.Datetime(time_unit="us", description="Moment of the order (UTC).")
    status = dy.String(
        description=f"At the end of the day of arrival: one of {', '.join(STATUSES)}."
    )
    status_updated_at = dy.Datetime(
        time_unit="us", description="Moment at which the order reached the status (UTC)."
    )


def truth(model: Model, partition: Partition) -> pl.LazyFrame:
    """Orders without anomalies of values, with ``row``, ``day`` (of arrival) and ``on`` (of date).

    Args:
        model: The data set's model.
        partition: Row numbers to generate.
    """
    row, on, place, run, block = (pl.col(name) for name in ("row", "on", "place", "run", "block"))
    draw, arrivals = model.stream("orders"), model.arrivals
    firsts, journeys = model.first_orders_by_day, model.first_orders
    number = firsts.lookup("start", on) + place
    rank = journeys.lookup("rank", block) + number - journeys.lookup("start", block)
    offset = row - arrivals.lookup("start", run) + arrivals.lookup("offset", run)
    frame = (
        row_numbers(partition)
        .with_columns(run=arrivals.locate(row))
        .with_columns(on=arrivals.lookup("day", run), day=arrivals.lookup("arrival", run))
        .with_columns(
            place=permute(offset, model.placed.lookup("size", on), draw.substream("place"), on)
        )
        .with_columns(first=place < firsts.lookup("size", on), block=journeys.locate(number))
        .with_columns(
            customer=pl.when("first")
            .then(model.customer_at(rank))
            .otherwise(model.returning_customer(draw.substream("returning"), row, on))
        )
    )
    first = model.first_order_second(pl.col("customer"), journeys.lookup("lag", block))
    # Numbers rise with the time of day, except those of first orders.
    part = (offset + draw.substream("time").uniform(row)) / model.placed.lookup("size", on)
    later = between_hours(pl.lit(0), pl.lit(DAY - 1), part)
    frame = frame.with_columns(
        ordered=on * DAY + pl.when("first").then(first).otherwise(later),
        written=(pl.col("day") + 1) * DAY,
    )
    returned = draw.substream("returned").bernoulli(row, model.scenario.return_share)
    frame = with_status(frame, model.scenario, draw.substream("steps").bits(row), returned)
    return frame.with_columns(
        id=row + model.id_base,
        user_id=pl.col("customer") + model.id_base,
        order_date=model.timestamp(pl.col("ordered")),
        status_updated_at=model.timestamp(pl.col("updated")),
    )


def noise(model: Model) -> Noise:
    """Anomalies of validation data: an unknown status. Late arrivals are in the row numbers.

    Args:
        model: The data set's model.
    """
    plan, runs, day = model.anomalies, model.orders, pl.col("day")
    hits = plan.hits("lost_status", runs.size)
    offset = pl.col("row") - runs.lookup("start", day)
    lost = plan.is_hit("lost_status", hits, day, offset, runs.lookup("size", day))
    return Noise([Corruption("lost_status", "status", lost, pl.lit(LOST))])


def rows_before(dataset: Dataset, scenario: JaffleScenario, day: int) -> int:
    """Orders before a day.

    Args:
        dataset: ``training`` or ``validation``.
        scenario: Seed and volumes.
        day: Days since the start date.
    """
    return int(open_model(scenario, dataset, day).orders.start[scenario.days_before(day)])


def generate_orders(
    dataset: Dataset, scenario: JaffleScenario, partition: Partition
) -> pl.LazyFrame:
    """Orders of a partition: first orders and repeat orders in shuffled order.

    Args:
        dataset: ``training`` or ``validation``.
        scenario: Seed and volumes.
        partition: Row numbers to generate.
    """
    model = open_model(scenario, dataset, partition.last)
    return noise(model).observe(truth(model, partition))


def history(dataset: Dataset, scenario: JaffleScenario) -> list[Version]:
    """The versions of orders, from placed to the status that is stored.

    Args:
        dataset: ``training`` or ``validation``.
        scenario: Seed and durations.
    """
    model = open_model(scenario, dataset, 0)
    bits = model.stream("orders").substream("steps").bits(pl.col("id") - model.id_base)
    return lifecycle_history(scenario, bits)


def table(scenario: JaffleScenario, dataset: Dataset) -> Table:
    """The table of a data set's orders.

    Args:
        scenario: The scenario.
        dataset: ``training`` or ``validation``.
    """
    partitioning = scenario.partitioning

    def expected(scenario: JaffleScenario, key: str) -> float:
        day, _ = partitioning.index_range(key)
        orders = open_model(scenario, dataset, day).expected_orders
        return float(orders[scenario.days_before(day) : scenario.days_before(day + 1)].sum())

    if dataset == "training":
        further = [status_in_time(), status_by_age()]
    else:
        further = [drift("raw_orders_training")]
    return Table(
        domain=DOMAIN,
        name=f"raw_orders_{dataset}",
        doc="One row for each order that arrived on the day.",
        schema=Orders,
        partitioning=partitioning,
        source=Generated(partial(rows_before, dataset), partial(generate_orders, dataset)),
        parents={"customers": f"raw_customers_{dataset}"},
        deps=[f"raw_signups_{dataset}"],
        checks=[
            accepted_values("status", list(STATUSES)).detecting("lost_status"),
            in_partition("order_date", "order", partitioning).detecting("late_order"),
            after_signup(f"raw_signups_{dataset}"),
            volume(expected, 0.6, 1.6, tolerance=5).detecting("volume_drop", "volume_spike"),
            *further,
        ],
        tags={"dataset": dataset},
        blocking=dataset == "training",
        code_version="2",
        history=partial(history, dataset),
    )
