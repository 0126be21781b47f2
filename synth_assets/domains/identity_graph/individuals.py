"""Individuals: the members of households who are of an age to have rows."""

from __future__ import annotations

import dataframely as dy
import numpy as np
import polars as pl

from synth_assets.core.model import Table
from synth_assets.core.partitioning import Partition, Sharded
from synth_assets.core.schema import references
from synth_assets.core.sources import Generated
from synth_assets.domains.identity_graph import households, terms
from synth_assets.domains.identity_graph.config import GenerationConfig
from synth_assets.domains.identity_graph.layout import DOMAIN, households_of, rows_before
from synth_assets.domains.identity_graph.world import open_world
from synth_assets.randomness.random_arrays import below, named, upper, words
from synth_assets.randomness.values import DAY, cents, moment, since_epoch

NAME = "individuals"
UNIT = 2


class Individuals(dy.Schema):
    """A member of a household."""

    individual_id = dy.Int64(primary_key=True, min=1, description="The person's number.")
    household_id = dy.Int64(
        description="The household.", metadata=references("household", "household_id")
    )
    age = dy.Int32(min=0, max=100, description="Age in years.", metadata={"pii": "age"})
    gender = dy.Enum(terms.GENDERS, description="Gender.", metadata={"pii": "gender"})
    education_level = dy.Enum(terms.EDUCATION, description="Highest level of education.")
    employment_status = dy.Enum(
        terms.EMPLOYMENT, nullable=True, description="Employment; null below 16 years."
    )
    income_individual = dy.Decimal(
        10,
        2,
        nullable=True,
        description="Yearly income in US dollars, part of the household's; null without any.",
        metadata={"pii": "income"},
    )
    created_at = dy.Datetime(time_unit="us", description="When the person was recorded (UTC).")


def unit(config: GenerationConfig) -> int:
    """Rows a household."""
    return UNIT


def generate(config: GenerationConfig, partition: Partition) -> pl.LazyFrame:
    """The individuals of a partition."""
    world = open_world(config)
    row, number = households_of(config, partition, UNIT)
    homes = world.households(number)
    people = world.people(homes)
    who = world.demographics(homes, people)
    begin = since_epoch(config.start_date) - households.RECORDED_DAYS * DAY
    span = households.RECORDED_DAYS * DAY
    home = below(upper(words(world.draw(households.NAME, "housing"), number)), span, 32)[people.of]
    # After the household, and before anything happens.
    lot = upper(words(world.draw(NAME, "created"), people.number))
    created = begin + home + below(lot, span - home, 32)
    income = pl.Series(who.income)
    return pl.LazyFrame(
        {
            "row": row[people.of],
            "individual_id": people.number + 1,
            "household_id": number[people.of] + 1,
            "age": people.age.astype(np.int32),
            "gender": named(who.gender, terms.GENDERS),
            "education_level": named(who.education, terms.EDUCATION),
            "employment_status": named(who.employment, terms.EMPLOYMENT),
            "income": income.set(income < 0, None),
            "created": created,
        }
    ).with_columns(created_at=moment(pl.col("created")), income_individual=cents(pl.col("income")))


def table(partitioning: Sharded) -> Table:
    """The table."""
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Individuals: age, gender, education, employment and income, which agree.",
        schema=Individuals,
        partitioning=partitioning,
        colocated=["individual_id", "household_id"],
        source=Generated(rows_before(unit), generate),
        parents={"household": households.NAME},
        cluster_by=["household_id", "age"],
    )
