"""Customers: one row for each person who has signed up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cache, partial

import dataframely as dy
import polars as pl

from synth_assets.core.model import Table
from synth_assets.core.partitioning import Partition
from synth_assets.core.schema import pii
from synth_assets.core.sources import Generated, row_numbers
from synth_assets.domains.jaffle.model import Model, open_model
from synth_assets.domains.jaffle.scenario import DOMAIN, Dataset, JaffleScenario
from synth_assets.quality.drift import drift
from synth_assets.quality.row_counts import volume
from synth_assets.quality.structural import holds
from synth_assets.randomness.noise import Corruption, Noise
from synth_assets.randomness.splitmix64 import u64
from synth_assets.randomness.streams import LANE_VALUES, RandomStream, categorical_table
from synth_assets.randomness.vocabulary import weighted_names

BLANK = "  "


class Customers(dy.Schema):
    """A customer of the jaffle shop."""

    id = dy.Int64(primary_key=True, min=1, description="Customer id, rising with sign-up day.")
    first_name = dy.String(description="First name.", metadata=pii("name"))
    last_name = dy.String(
        description="Last name, shortened to its initial.", regex=r"^[A-Z]\.$", metadata=pii("name")
    )


def first_name(model: Model, customer: pl.Expr) -> pl.Expr:
    """The true first name of a customer.

    Args:
        model: The data set's model.
        customer: Row number of the customer.
    """
    return _frequent(model.stream("customers", "first_name"), customer, _first_names())


def last_name(model: Model, customer: pl.Expr) -> pl.Expr:
    """The initial of a customer's last name with a dot.

    Args:
        model: The data set's model.
        customer: Row number of the customer.
    """
    return _frequent(model.stream("customers", "last_name"), customer, _initials())


@cache
def _first_names() -> Mapping[str, float]:
    """First names with their frequencies in the United States (Faker)."""
    names: Counter[str] = Counter()
    for kind in ("first_names_female", "first_names_male"):
        names.update(weighted_names(kind))
    return names


@cache
def _initials() -> Mapping[str, float]:
    """Initials of last names with their frequencies in the United States (Faker)."""
    letters: Counter[str] = Counter()
    for name, share in weighted_names("last_names").items():
        letters[f"{name[0]}."] += share  # type: ignore[assignment]
    return letters


def _frequent(draw: RandomStream, row: pl.Expr, names: Mapping[str, float]) -> pl.Expr:
    """A name by its frequency, to within 1 in 65,536."""
    places = categorical_table(tuple(names.values()))
    values = pl.Series(list(names)).gather(pl.Series(places))
    return pl.lit(values).gather(draw.bits(row) % u64(LANE_VALUES))


def truth(model: Model, partition: Partition) -> pl.LazyFrame:
    """Customers without anomalies, with ``customer`` (row number) and ``day``.

    Args:
        model: The data set's model.
        partition: Row numbers to generate.
    """
    customer = pl.col("customer")
    return (
        row_numbers(partition)
        .with_columns(customer="row")
        .with_columns(
            id=customer + model.id_base,
            first_name=first_name(model, customer),
            last_name=last_name(model, customer),
            day=model.cohort(customer),
        )
    )


def noise(model: Model) -> Noise:
    """Anomalies of validation data: blank first names.

    Args:
        model: The data set's model.
    """
    runs, day = model.customers, pl.col("day")
    offset = pl.col("customer") - runs.lookup("start", day)
    hits = model.anomalies.hits("blank_name", runs.size)
    hit = model.anomalies.is_hit("blank_name", hits, day, offset, runs.lookup("size", day))
    return Noise([Corruption("blank_name", "first_name", hit, pl.lit(BLANK))])


def rows_before(dataset: Dataset, scenario: JaffleScenario, day: int) -> int:
    """Customers who signed up before a day.

    Args:
        dataset: ``training`` or ``validation``.
        scenario: Seed and volumes.
        day: Days since the start date.
    """
    return int(open_model(scenario, dataset, day).customers.start[scenario.days_before(day)])


def generate_customers(
    dataset: Dataset, scenario: JaffleScenario, partition: Partition
) -> pl.LazyFrame:
    """Customers of a partition; some names are blank in validation data.

    Args:
        dataset: ``training`` or ``validation``.
        scenario: Seed and volumes.
        partition: Row numbers to generate.
    """
    model = open_model(scenario, dataset, partition.last)
    return noise(model).observe(truth(model, partition))


def table(scenario: JaffleScenario, dataset: Dataset) -> Table:
    """The table of a data set's customers.

    Args:
        scenario: The scenario.
        dataset: ``training`` or ``validation``.
    """
    partitioning = scenario.partitioning

    def expected(scenario: JaffleScenario, key: str) -> float:
        day, _ = partitioning.index_range(key)
        return float(rows_before(dataset, scenario, day + 1) - rows_before(dataset, scenario, day))

    return Table(
        domain=DOMAIN,
        name=f"raw_customers_{dataset}",
        doc=(
            "One row for each person who signed up on the day, and in the first partition for "
            "everyone who had signed up before."
        ),
        schema=Customers,
        partitioning=partitioning,
        source=Generated(partial(rows_before, dataset), partial(generate_customers, dataset)),
        checks=[
            holds(
                "name_not_blank",
                "No first name is empty or consists of spaces.",
                pl.col("first_name").str.strip_chars() != "",
            ).detecting("blank_name"),
            volume(expected, 0.6, 1.6, tolerance=5),
            *([] if dataset == "training" else [drift("raw_customers_training")]),
        ],
        tags={"dataset": dataset},
        blocking=dataset == "training",
        code_version="2",
    )
