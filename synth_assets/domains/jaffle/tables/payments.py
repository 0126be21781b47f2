"""Payments: one or two for each order, in cents; together they are the order's amount."""

from __future__ import annotations

from functools import partial

import dataframely as dy
import polars as pl

from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Partition
from synth_assets.core.schema import references
from synth_assets.core.sources import Generated, row_numbers
from synth_assets.domains.jaffle.menu import amount, amounts, mean_amount
from synth_assets.domains.jaffle.model import Model, open_model
from synth_assets.domains.jaffle.payment_methods import CARD, METHODS, pairs
from synth_assets.domains.jaffle.scenario import DOMAIN, Dataset, JaffleScenario
from synth_assets.quality.building import row_check
from synth_assets.quality.drift import drift
from synth_assets.quality.goodness_of_fit import within_tolerance
from synth_assets.quality.proportions import shares
from synth_assets.quality.row_counts import volume
from synth_assets.quality.structural import accepted_values, holds
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.noise import Corruption, Noise
from synth_assets.randomness.splitmix64 import u64
from synth_assets.randomness.streams import LANE_VALUES, categorical_u16

NEW_METHOD = "crypto"
# Row numbers reserved for each order.
SLOTS = 2
# Least share of an order that its first payment covers, of two, in 256ths: a tenth. Each leaves as
# much to the other.
LEAST_PART, PARTS = 26, 256


class Payments(dy.Schema):
    """A payment towards an order."""

    id = dy.Int64(primary_key=True, min=1, description="Payment id; some numbers are unused.")
    order_id = dy.Int64(min=1, description="Order that is paid.", metadata=references("orders"))
    payment_method = dy.String(description=f"One of {', '.join(METHODS)}.")
    amount = dy.Int64(min=0, description="Amount in cents.")


def truth(model: Model, partition: Partition) -> pl.LazyFrame:
    """Payments without anomalies, with ``row``, ``order`` (row number), ``day`` and ``first``.

    Args:
        model: The data set's model.
        partition: Row numbers to generate.
    """
    row, order = pl.col("row"), pl.col("order")
    draw = model.stream("payments")
    total, part = pl.col("total"), pl.col("part").cast(pl.Int64)
    # Each payment of two is at least a cent.
    first = pl.max_horizontal(total * part // PARTS, pl.lit(1))
    split = draw.substream("split").bernoulli(order, model.scenario.split_payments)
    bits = pl.col("bits")
    part_of = LEAST_PART + bits // u64(1 << 16) % u64(PARTS - 2 * LEAST_PART)
    return (
        row_numbers(partition)
        .with_columns(order=row // SLOTS, first=row % SLOTS == 0)
        .with_columns(split=split)
        .filter(pl.col("first") | pl.col("split"))
        .with_columns(bits=draw.substream("amount").bits(order))
        .with_columns(total=amount(model.scenario, bits), part=part_of)
        .with_columns(
            day=model.orders.locate(order),
            id=row + model.id_base,
            order_id=order + model.id_base,
            payment_method=_method(model, pl.col("split"), pl.col("first")),
            amount=pl.when(~pl.col("split"))
            .then(total)
            .when("first")
            .then(first)
            .otherwise(total - first),
        )
    )


def _method(model: Model, split: pl.Expr, first: pl.Expr) -> pl.Expr:
    """The method of a payment; the two parts of an order are paid differently."""
    order, draw = pl.col("order"), model.stream("payments", "method")
    shares = pairs(model.scenario.two_cards)
    pair = categorical_u16(draw.substream("pair").bits(order), tuple(shares.values()))
    part = [gather([names[nth] for names in shares], pair) for nth in range(SLOTS)]
    alone = draw.choice(order * SLOTS, METHODS).cast(pl.String)
    return pl.when(~split).then(alone).when(first).then(part[0]).otherwise(part[1])


def two_methods() -> Check:
    """The two parts of an order are paid by two methods, or by two credit cards."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        day = stored.table.partitioning.partition_column
        both = pl.col("payment_method")
        orders = stored.current().group_by(day, "order_id").agg(pl.len(), both)
        same = both.list.n_unique() == 1
        return orders.filter((pl.col("len") > 1) & same & (both.list.first() != CARD))

    doc = "The two parts of an order are paid by two methods, or by two credit cards."
    return row_check("split_payment_uses_two_methods", doc, failing_rows)


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
    return SLOTS * int(open_model(scenario, dataset, day).orders.start[scenario.days_before(day)])


def generate_payments(
    dataset: Dataset, scenario: JaffleScenario, partition: Partition
) -> pl.LazyFrame:
    """Payments of a partition; some orders have two.

    Args:
        dataset: ``training`` or ``validation``.
        scenario: Seed and volumes.
        partition: Row numbers to generate.
    """
    model = open_model(scenario, dataset, partition.last)
    return noise(model).observe(truth(model, partition))


def of_the_menu() -> Check:
    """The payments of an order are together a basket of the menu."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        scenario: JaffleScenario = stored.scenario  # type: ignore[assignment]
        known = list(amounts(scenario.price_level, scenario.sales_tax))
        day = stored.table.partitioning.partition_column
        orders = stored.current().group_by(day, "order_id").agg(pl.sum("amount"))
        return orders.filter(~pl.col("amount").is_in(known))

    doc = "The payments of every order sum to the amount of a basket of the menu."
    return row_check("order_amount_on_menu", doc, failing_rows)


def mean_order() -> Check:
    """The mean amount of orders is that of the menu."""

    def measured(stored: TableView) -> dict[str, tuple[float, float, float]]:
        scenario: JaffleScenario = stored.scenario  # type: ignore[assignment]
        orders = stored.all().group_by("order_id").agg(pl.sum("amount"))
        mean, deviation, rows = (
            orders.select(pl.mean("amount"), pl.std("amount").alias("sd"), pl.len())
            .collect()
            .row(0)
        )
        error = (deviation or 0) / max(rows, 1) ** 0.5
        # An amount is drawn by 16 bits.
        return {
            "mean": (mean or 0, mean_amount(scenario), error + mean_amount(scenario) / LANE_VALUES)
        }

    return within_tolerance(
        "mean_order_amount", "The mean order costs what the menu says.", measured
    )


def table(scenario: JaffleScenario, dataset: Dataset) -> Table:
    """The table of a data set's payments.

    Args:
        scenario: The scenario.
        dataset: ``training`` or ``validation``.
    """
    partitioning = scenario.partitioning

    def expected(scenario: JaffleScenario, key: str) -> float:
        day, _ = partitioning.index_range(key)
        orders = open_model(scenario, dataset, day).expected_orders
        days = slice(scenario.days_before(day), scenario.days_before(day + 1))
        return float(orders[days].sum()) * (1 + scenario.split_payments)

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
            *(
                [two_methods(), of_the_menu(), mean_order(), shares("payment_method", METHODS)]
                if training
                else [drift("raw_payments_training")]
            ),
        ],
        tags={"dataset": dataset},
        blocking=training,
        code_version="3",
    )
