"""Orders: a customer's first order follows from the journey, later orders do not."""

from __future__ import annotations

from functools import partial

import dataframely as dy
import polars as pl

from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Daily, Partition
from synth_assets.core.schema import references
from synth_assets.core.sources import Generated, row_numbers
from synth_assets.domains.jaffle.calendar import DOMAIN
from synth_assets.domains.jaffle.model import Model, open_model
from synth_assets.domains.jaffle.noise import Corruption, Noise
from synth_assets.domains.jaffle.scenario import Dataset, JaffleScenario
from synth_assets.quality.building import row_check
from synth_assets.quality.drift import drift
from synth_assets.quality.proportions import shares
from synth_assets.quality.row_counts import volume
from synth_assets.quality.structural import accepted_values, holds
from synth_assets.randomness.permutations import permute
from synth_assets.randomness.values import DAY

# Counts among the 99 orders of dbt's original jaffle shop.
STATUSES = {"placed": 13, "shipped": 13, "completed": 67, "return_pending": 2, "returned": 4}
LOST = "lost"
LATEST_DAYS = 3


class Orders(dy.Schema):
    """An order."""

    id = dy.Int64(primary_key=True, min=1, description="Order id, rising with its day.")
    user_id = dy.Int64(min=1, description="Customer who ordered.", metadata=references("customers"))
    order_date = dy.Datetime(time_unit="us", description="Moment of the order (UTC).")
    status = dy.String(description=f"One of {', '.join(STATUSES)}.")


def truth(model: Model, partition: Partition) -> pl.LazyFrame:
    """Orders without anomalies, with ``row``, ``day`` and ``offset`` (index in the day).

    Args:
        model: The data set's model.
        partition: Row numbers to generate.
    """
    row, day, place = pl.col("row"), pl.col("day"), pl.col("place")
    draw, firsts = model.stream("orders"), model.first_orders_by_day
    block = model.first_orders.locate(firsts.lookup("start", day) + place)
    rank = firsts.lookup("start", day) + place - model.first_orders.lookup("start", block)
    first_timer = model.customer_at(model.first_orders.lookup("rank", block) + rank)
    frame = (
        row_numbers(partition)
        .with_columns(day=model.orders.locate(row))
        .with_columns(offset=row - model.orders.lookup("start", day))
        .with_columns(
            place=permute(
                pl.col("offset"), model.orders.lookup("size", day), draw.substream("place"), day
            )
        )
        .with_columns(first=place < firsts.lookup("size", day))
        .with_columns(
            customer=pl.when("first")
            .then(first_timer)
            .otherwise(model.returning_customer(draw.substream("returning"), row, day))
        )
    )
    later = day * DAY + model.second_of_day(draw.substream("time"), row)
    return model.with_journey(frame).with_columns(
        id=row + model.id_base,
        user_id=pl.col("customer") + model.id_base,
        order_date=model.timestamp(pl.when("first").then("ordered").otherwise(later)),
        status=draw.substream("status").choice(row, STATUSES).cast(pl.String),
    )


def noise(model: Model) -> Noise:
    """Anomalies of validation data: an unknown status and late arrivals.

    Args:
        model: The data set's model.
    """
    plan, day, offset = model.anomalies, pl.col("day"), pl.col("offset")
    rows = model.orders.lookup("size", day)
    lost = plan.is_hit(
        "lost_status", plan.hits("lost_status", model.orders.size), day, offset, rows
    )
    late = plan.is_hit("late_order", plan.hits("late_order", model.orders.size), day, offset, rows)
    days = model.stream("orders", "late").integers(pl.col("row"), 1, LATEST_DAYS + 1)
    earlier = pl.col("order_date") - pl.duration(days=days)
    return Noise(
        [
            Corruption("lost_status", "status", lost, pl.lit(LOST)),
            Corruption("late_order", "order_date", late, earlier),
        ]
    )


def rows_before(dataset: Dataset, scenario: JaffleScenario, day: int) -> int:
    """Orders before a day.

    Args:
        dataset: ``training`` or ``validation``.
        scenario: Seed and volumes.
        day: Days since the start date.
    """
    return int(open_model(scenario, dataset, day).orders.start[day])


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


def after_signup(signups: str) -> Check:
    """No order precedes its customer's sign-up.

    Args:
        signups: Name of the sign-up table.
    """

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        accounts = stored.other(signups).all().select("user_id", "signup_date")
        joined = stored.current().join(accounts, on="user_id")
        return joined.filter(pl.col("order_date") < pl.col("signup_date"))

    doc = f"No order precedes the customer's sign-up in `{signups}`."
    return row_check("after_signup", doc, failing_rows, reads=[signups])


def table(dataset: Dataset, partitioning: Daily) -> Table:
    """The table of a data set's orders.

    Args:
        dataset: ``training`` or ``validation``.
        partitioning: Daily partitions.
    """

    def expected(scenario: JaffleScenario, key: str) -> float:
        day, _ = partitioning.index_range(key)
        return float(open_model(scenario, dataset, day).usual_orders[day])

    on_its_day = pl.col("order_date").dt.date().cast(pl.String) == pl.col(
        partitioning.partition_column
    )
    if dataset == "training":
        further = [shares("status", STATUSES), after_signup("raw_signups_training")]
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
            holds("on_its_day", "Every order is on the partition's date.", on_its_day).detecting(
                "late_order"
            ),
            volume(expected, 0.6, 1.6, tolerance=5).detecting("volume_drop", "volume_spike"),
            *further,
        ],
        tags={"dataset": dataset},
        blocking=dataset == "training",
    )
