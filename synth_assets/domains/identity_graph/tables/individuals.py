"""Individuals: the members of households who are of an age to have rows."""

from __future__ import annotations

import math

import dataframely as dy
import numpy as np
import polars as pl

from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Partition, Sharded
from synth_assets.core.schema import references
from synth_assets.core.sources import Generated
from synth_assets.domains.identity_graph import demography, terms
from synth_assets.domains.identity_graph import model as world
from synth_assets.domains.identity_graph.checks import Counts, at_home, fits, own
from synth_assets.domains.identity_graph.layout import (
    DOMAIN,
    HOUSEHOLDS,
    config_of,
    households_of,
    of_shard,
    rows_before,
)
from synth_assets.domains.identity_graph.model import open_world
from synth_assets.domains.identity_graph.scenario import GenerationConfig
from synth_assets.domains.identity_graph.tables import households
from synth_assets.quality.building import partition_check, row_check
from synth_assets.quality.goodness_of_fit import within_tolerance
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


# How much alike members of a household are: schooling follows its income, and ages one another.
HOUSEHOLD_DESIGN, AGES_DESIGN = 2.0, 2.0

ADULT = pl.col("age") >= demography.ADULT


def _ages_agree(stored: TableView) -> pl.LazyFrame:
    """Rows whose age is too low, or too high, for what they tell."""
    education, work = (pl.col(c).cast(pl.String) for c in ("education_level", "employment_status"))
    youngest = education.replace_strict(demography.YOUNGEST, return_dtype=pl.Int64)
    age = pl.col("age")
    minor = (age < youngest) & ADULT | ~ADULT & ~education.is_in(terms.EDUCATION[:2])
    wrong = (
        (work == "Retired") & (age < 55)
        | (work == "Student") & (age > 40)
        | ~work.is_in(["Retired", "Student"]) & (age > 80)
        | work.is_null() & (age >= world.WORKING_AGE)
        | work.is_not_null() & (age < world.WORKING_AGE)
    )
    return stored.frame.filter(minor | wrong.fill_null(value=False))


def _incomes_agree(stored: TableView, key: str) -> pl.LazyFrame:
    """Rows that earn more than employment or age lets, or whose household more than it has."""
    most = dict(zip(terms.EMPLOYMENT, world.EARNS_AT_MOST, strict=True))
    bracket = {n: high for n, (_, high) in zip(terms.INCOME_BRACKETS, world.INCOMES, strict=True)}
    earned = pl.col("income_individual").cast(pl.Float64)
    homes = of_shard(stored, HOUSEHOLDS, key).select(
        "household_id",
        most=pl.col("income_bracket")
        .cast(pl.String)
        .replace_strict(bracket, return_dtype=pl.Int64),
    )
    here = own(stored, key).join(homes, on="household_id")
    allowed = (
        pl.col("employment_status")
        .cast(pl.String)
        .replace_strict(most, default=0, return_dtype=pl.Int64)
    )
    young = (pl.col("age") < world.YOUNG) & (earned > world.YOUNG_AT_MOST)
    rich = earned.sum().over("household_id") > pl.col("most")
    return here.filter((earned > allowed) | young | rich).drop("most")


def _members_fit(stored: TableView, key: str) -> pl.LazyFrame:
    homes = of_shard(stored, HOUSEHOLDS, key).select("household_id", "household_size")
    here = own(stored, key).join(homes, on="household_id")
    members = pl.len().over("household_id")
    return here.filter(members > pl.col("household_size")).drop("household_size")


def _ages(config: GenerationConfig) -> Counts:
    shares = demography.age_shares(config.household_config.size_distribution)
    span = config.demographics_config.age_range
    return {str(age): float(shares[age]) for age in range(span.min, span.max + 1)}


def _members(stored: TableView) -> dict[str, tuple[float, float, float]]:
    homes = config_of(stored).household_config.num_households
    rows = sum(stats.rows for stats in stored.partition_stats.values())
    config = config_of(stored)
    sizes = config.household_config.size_distribution
    wanted = demography.tables(sizes, config.demographics_config).people
    # Households have one to ten members, so their numbers vary by less than two.
    return {"individuals a household": (rows / homes, wanted, 2 / math.sqrt(homes))}


def _checks() -> list[Check]:
    return [
        at_home("individual_id"),
        row_check("ages_agree", "Ages agree with education and employment.", _ages_agree),
        partition_check(
            "incomes_agree",
            "Incomes agree with employment and age, and sum to no more than the household's.",
            _incomes_agree,
            [HOUSEHOLDS],
        ),
        partition_check(
            "members_fit", "A household has no more rows than members.", _members_fit, [HOUSEHOLDS]
        ),
        within_tolerance("household_members", "Households have so many rows on average.", _members),
        fits("ages", "age", _ages, AGES_DESIGN),
        fits("genders", "gender", lambda c: c.demographics_config.gender_distribution),
        fits(
            "education",
            "education_level",
            lambda c: c.demographics_config.education_distribution,
            HOUSEHOLD_DESIGN,
            ADULT,
        ),
        fits(
            "employment",
            "employment_status",
            lambda c: c.demographics_config.employment_distribution,
            HOUSEHOLD_DESIGN,
            ADULT,
        ),
    ]


def table(partitioning: Sharded) -> Table:
    """The table."""
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Individuals: age, gender, education, employment and income, which agree.",
        schema=Individuals,
        partitioning=partitioning,
        colocated=["individual_id", "household_id"],
        checks=_checks(),
        grows_with=["num_households"],
        source=Generated(rows_before(unit), generate),
        parents={"household": households.NAME},
        cluster_by=["household_id", "age"],
    )
