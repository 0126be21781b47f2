"""Payments: one or two an order, in whole dollars written as cents."""

from __future__ import annotations

from functools import partial

import dataframely as dy
import polars as pl

from synth_assets.core.model import Table
from synth_assets.core.partitioning import Daily, Partition
from synth_assets.core.schema import references
from synth_assets.core.sources import Generated, row_numbers
from synth_assets.domains.jaffle.model import DOMAIN, Shop, open_shop
from synth_assets.domains.jaffle.noise import Corruption, Noise
from synth_assets.domains.jaffle.scenario import Dataset, JaffleScenario
from synth_assets.quality.statistical import drift, shares
from synth_assets.quality.structural import accepted, holds, volume

# Shares among the 113 payments of the original shop.
METHODS = {"credit_card": 55, "bank_transfer": 33, "coupon": 13, "gift_card": 12}
NEW_METHOD = "crypto"
# Largest first payment in dollars; a second one is at most what that leaves.
MOST_DOLLARS = 28
# Room for payments that each order has in row space; the second one is taken by half of them.
SLOTS = 2
SECOND_PAYMENT = 0.5


class Payments(dy.Schema):
    """A payment towards an order."""

    id = dy.Int64(primary_key=True, min=1, description="Payment id; not every number is taken.")
    order_id = dy.Int64(min=1, description="Order that is paid.", metadata=references("orders"))
    payment_method = dy.String(description=f"One of {', '.join(METHODS)}.")
    amount = dy.Int64(min=0, max=100 * (MOST_DOLLARS + 1), description="Amount in cents.")


def truth(shop: Shop, partition: Partition) -> pl.LazyFrame:
    """Payments as they are, with ``row``, ``order`` (row), ``day`` and ``first``."""
    row, order = pl.col("row"), pl.col("order")
    draw = shop.draw("payments")
    first_dollars = 1 + draw.substream("first").integers(order, 0, MOST_DOLLARS)
    second_dollars = 1 + draw.substream("second").integers(
        order, 0, MOST_DOLLARS - first_dollars + 1
    )
    return (
        row_numbers(partition)
        .with_columns(order=row // SLOTS, first=row % SLOTS == 0)
        .filter(pl.col("first") | draw.substream("split").bernoulli(order, SECOND_PAYMENT))
        .with_columns(
            day=shop.orders.find(order),
            id=row + shop.id_base,
            order_id=order + shop.id_base,
            payment_method=draw.substream("method").choice(row, METHODS).cast(pl.String),
            amount=100 * pl.when("first").then(first_dollars).otherwise(second_dollars),
        )
    )


def noise(shop: Shop) -> Noise:
    """What validation data shows instead: nothing paid, and a method unknown before."""
    plan, runs, day = shop.anomalies, shop.orders, pl.col("day")
    offset, rows = pl.col("order") - runs.take("start", day), runs.take("size", day)
    zero = plan.is_hit("zero_payment", plan.hits("zero_payment", runs.size), day, offset, rows)
    new = plan.is_hit("new_category", plan.hits("new_category", runs.size), day, offset, rows)
    return Noise(
        [
            Corruption("zero_payment", "amount", zero & pl.col("first"), pl.lit(0)),
            Corruption("new_category", "payment_method", new & pl.col("first"), pl.lit(NEW_METHOD)),
        ]
    )


def rows_before(dataset: Dataset, scenario: JaffleScenario, day: int) -> int:
    """Payment slots before a day: two for each order."""
    return SLOTS * int(open_shop(scenario, dataset, day).orders.start[day])


def generate_payments(
    dataset: Dataset, scenario: JaffleScenario, partition: Partition
) -> pl.LazyFrame:
    """Payments of a partition; half of the orders are paid in two parts."""
    shop = open_shop(scenario, dataset, partition.last)
    return noise(shop).observe(truth(shop, partition))


def table(dataset: Dataset, partitioning: Daily) -> Table:
    """The table of a data set's payments."""

    def expected(scenario: JaffleScenario, key: str) -> float:
        day, _ = partitioning.steps(key)
        usual = open_shop(scenario, dataset, day).usual_orders[day]
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
            accepted("payment_method", list(METHODS)).detecting("new_category"),
            volume(expected, 0.6, 1.6, slack=6).detecting("volume_drop", "volume_spike"),
            shares("payment_method", METHODS) if training else drift("raw_payments_training"),
        ],
        tags={"dataset": dataset},
        blocking=training,
    )
