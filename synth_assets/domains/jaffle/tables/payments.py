"""Payments: one or two for each order, whole dollars stored as cents."""

from __future__ import annotations

from functools import partial

import dataframely as dy
import polars as pl

from synth_assets.core.model import Table
from synth_assets.core.partitioning import Daily, Partition
from synth_assets.core.schema import references
from synth_assets.core.sources import Generated, row_numbers
from synth_assets.domains.jaffle.calendar import DOMAIN
from synth_assets.domains.jaffle.model import Model, open_model
from synth_assets.domains.jaffle.noise import Corruption, Noise
from synth_assets.domains.jaffle.scenario import Dataset, JaffleScenario
from synth_assets.quality.drift import drift
from synth_assets.quality.proportions import shares
from synth_assets.quality.row_counts import volume
from synth_assets.quality.structural import accepted_values, holds

# Counts among the 113 payments of dbt's original jaffle shop.
METHODS = {"credit_card": 55, "bank_transfer": 33, "coupon": 13, "gift_card": 12}
NEW_METHOD = "crypto"
# Largest first payment in dollars; both payments together are at most one dollar more.
MOST_DOLLARS = 28
# Row numbers reserved for each order, and share of the orders that use the second one.
SLOTS = 2
SECOND_PAYMENT = 0.5


class Payments(dy.Schema):
    """A payment towards an order."""

    id = dy.Int64(primary_key=True, min=1, description="Payment id; some numbers are unused.")
    order_id = dy.Int64(min=1, description="Order that is paid.", metadata=references("orders"))
    payment_method = dy.String(description=f"One of {', '.join(METHODS)}.")
    amount = dy.Int64(min=0, max=100 * (MOST_DOLLARS + 1), description="Amount in cents.")


def truth(model: Model, partition: Partition) -> pl.LazyFrame:
    """Payments without anomalies, with ``row``, ``order`` (row number), ``day`` and ``first``.

    Args:
        model: The data set's model.
        partition: Row numbers to generate.
    """
    row, order = pl.col("row"), pl.col("order")
    draw = model.stream("payments")
    first_dollars = 1 + draw.substream("first").integers(order, 0, MOST_DOLLARS)
    second_dollars = 1 + draw.substream("second").integers(
        order, 0, MOST_DOLLARS - first_dollars + 1
    )
    return (
        row_numbers(partition)
        .with_columns(order=row // SLOTS, first=row % SLOTS == 0)
        .filter(pl.col("first") | draw.substream("split").bernoulli(order, SECOND_PAYMENT))
        .with_columns(
            day=model.orders.locate(order),
            id=row + model.id_base,
            order_id=order + model.id_base,
            payment_method=draw.substream("method").choice(row, METHODS).cast(pl.String),
            amount=100 * pl.when("first").then(first_dollars).otherwise(second_dollars),
        )
    )


def noise(model: Model) -> Noise:
    """Anomalies of validation data: zero amounts and an unknown payment method.

    Args:
        model: The data set's model.
    """
    plan, runs, day = model.anomalies, model.orders, pl.col("day")
    offset, rows = pl.col("order") - runs.lookup("start", day), runs.lookup("size", day)
    zero = plan.is_hit("zero_payment", plan.hits("zero_payment", runs.size), day, offset, rows)
    new = plan.is_hit("new_category", plan.hits("new_category", runs.size), day, offset, rows)
    return Noise(
        [
            Corruption("zero_payment", "amount", zero & pl.col("first"), pl.lit(0)),
            Corruption("new_category", "payment_method", new & pl.col("first"), pl.lit(NEW_METHOD)),
        ]
    )


def rows_before(dataset: Dataset, scenario: JaffleScenario, day: int) -> int:
    """Row numbers before a day: two for each order.

    Args:
        dataset: ``training`` or ``validation``.
        scenario: Seed and volumes.
        day: Days since the start date.
    """
    return SLOTS * int(open_model(scenario, dataset, day).orders.start[day])


def generate_payments(
    dataset: Dataset, scenario: JaffleScenario, partition: Partition
) -> pl.LazyFrame:
    """Payments of a partition; half of the orders have two.

    Args:
        dataset: ``training`` or ``validation``.
        scenario: Seed and volumes.
        partition: Row numbers to generate.
    """
    model = open_model(scenario, dataset, partition.last)
    return noise(model).observe(truth(model, partition))


def table(dataset: Dataset, partitioning: Daily) -> Table:
    """The table of a data set's payments.

    Args:
        dataset: ``training`` or ``validation``.
        partitioning: Daily partitions.
    """

    def expected(scenario: JaffleScenario, key: str) -> float:
        day, _ = partitioning.index_range(key)
        usual = open_model(scenario, dataset, day).usual_orders[day]
        return float(usual) * (1 + SECOND_PAYMENT)

    training = dataset == "training"
    return Table(
        domain=DOMAIN,
        name=f"raw_payments_{dataset}",
        doc="One row for each payment of the day's orders; an order's payments sum to its amount.",
        schema=Payments,
        partitioning=partitioning,
        source=Generated(partial(rows_before, dataset), partial(generate_payments, dataset)),
        parents={"orders": f"raw_orders_{dataset}"},
        checks=[
            holds("amount_positive", "Every amount is above zero.", pl.col("amount") > 0).detecting(
                "zero_payment"
            ),
            accepted_values("payment_method", list(METHODS)).detecting("new_category"),
            volume(expected, 0.6, 1.6, tolerance=6).detecting("volume_drop", "volume_spike"),
            shares("payment_method", METHODS) if training else drift("raw_payments_training"),
        ],
        tags={"dataset": dataset},
        blocking=training,
    )
