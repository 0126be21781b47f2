"""Customers: one row a person, on the day of sign-up."""

from __future__ import annotations

from functools import partial

import dataframely as dy
import polars as pl

from synth_assets.core.model import Table
from synth_assets.core.partitioning import Daily, Partition
from synth_assets.core.schema import pii
from synth_assets.core.sources import Generated, row_numbers
from synth_assets.domains.jaffle.model import DOMAIN, Shop, open_shop
from synth_assets.domains.jaffle.noise import Corruption, Noise
from synth_assets.domains.jaffle.scenario import Dataset, JaffleScenario
from synth_assets.quality.statistical import drift
from synth_assets.quality.structural import holds, volume
from synth_assets.randomness.vocabulary import vocabulary

LETTERS = pl.Enum([f"{chr(code)}." for code in range(ord("A"), ord("Z") + 1)])
BLANK = "  "


class Customers(dy.Schema):
    """A customer of the jaffle shop."""

    id = dy.Int64(primary_key=True, min=1, description="Customer id, rising with sign-up day.")
    first_name = dy.String(description="First name.", metadata=pii("name"))
    last_name = dy.String(
        description="Last name, shortened to its initial.", regex=r"^[A-Z]\.$", metadata=pii("name")
    )


def first_name(shop: Shop, customer: pl.Expr) -> pl.Expr:
    """The true first name of a customer row."""
    return shop.draw("customers", "first_name").pick(customer, vocabulary("first_name"))


def last_name(shop: Shop, customer: pl.Expr) -> pl.Expr:
    """The initial of a customer row, with its dot."""
    return shop.draw("customers", "last_name").pick(customer, LETTERS)


def truth(shop: Shop, partition: Partition) -> pl.LazyFrame:
    """Customers as they are, with ``customer`` (row) and ``day``."""
    customer = pl.col("customer")
    return (
        row_numbers(partition)
        .with_columns(customer="row")
        .with_columns(
            id=customer + shop.id_base,
            first_name=first_name(shop, customer).cast(pl.String),
            last_name=last_name(shop, customer).cast(pl.String),
            day=shop.cohort(customer),
        )
    )


def noise(shop: Shop) -> Noise:
    """What validation data shows instead."""
    runs, day = shop.customers, pl.col("day")
    offset = pl.col("customer") - runs.take("start", day)
    hits = shop.anomalies.hits("blank_name", runs.size)
    hit = shop.anomalies.is_hit("blank_name", hits, day, offset, runs.take("size", day))
    return Noise([Corruption("blank_name", "first_name", hit, pl.lit(BLANK))])


def rows_before(dataset: Dataset, scenario: JaffleScenario, day: int) -> int:
    """Customers who signed up before a day."""
    return int(open_shop(scenario, dataset, day).customers.start[day])


def generate_customers(
    dataset: Dataset, scenario: JaffleScenario, partition: Partition
) -> pl.LazyFrame:
    """Customers of a partition: a name each, some of them blank in validation data."""
    shop = open_shop(scenario, dataset, partition.last)
    return noise(shop).observe(truth(shop, partition))


def table(dataset: Dataset, partitioning: Daily) -> Table:
    """The table of a data set's customers."""

    def expected(scenario: JaffleScenario, key: str) -> float:
        day, _ = partitioning.steps(key)
        return float(open_shop(scenario, dataset, day).customers.size[day])

    return Table(
        domain=DOMAIN,
        name=f"raw_customers_{dataset}",
        doc="One row for each person who signed up on the day.",
        schema=Customers,
        partitioning=partitioning,
        source=Generated(partial(rows_before, dataset), partial(generate_customers, dataset)),
        checks=[
            holds(
                "name_not_blank",
                "No first name is empty or made of spaces.",
                pl.col("first_name").str.strip_chars() != "",
            ).detecting("blank_name"),
            volume(expected, 0.6, 1.6, slack=5),
            *([] if dataset == "training" else [drift("raw_customers_training")]),
        ],
        tags={"dataset": dataset},
        blocking=dataset == "training",
    )
