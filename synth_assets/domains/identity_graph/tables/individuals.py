"""Individuals: the members of households in the configured age range."""

from __future__ import annotations

import math

import dataframely as dy
import numpy as np
import polars as pl

from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Partition
from synth_assets.core.schema import references
from synth_assets.core.sources import Generated
from synth_assets.domains.identity_graph import demography, incomes, kinship, terms
from synth_assets.domains.identity_graph.ages import ages
from synth_assets.domains.identity_graph.checks import (
    Counts,
    has_declared_shares,
    in_own_shard,
    this_shard,
)
from synth_assets.domains.identity_graph.household_checks import household_roles, members_fit
from synth_assets.domains.identity_graph.layout import (
    HOUSEHOLDS,
    config_of,
    households_of,
    rows_before,
    rows_in_shard,
)
from synth_assets.domains.identity_graph.model import open_model
from synth_assets.domains.identity_graph.scenario import DOMAIN, IdentityGraphScenario
from synth_assets.domains.identity_graph.tables import households
from synth_assets.domains.identity_graph.timing import by_hours
from synth_assets.quality.building import partition_check, row_check
from synth_assets.quality.goodness_of_fit import within_tolerance
from synth_assets.randomness.random_arrays import as_enum
from synth_assets.randomness.values import cents, moment

NAME = "individuals"


class Individuals(dy.Schema):
    """A member of a household."""

    individual_id = dy.Int64(primary_key=True, min=1, description="The person's number.")
    household_id = dy.Int64(
        description="The household.", metadata=references("household", "household_id")
    )
    household_role = dy.Enum(
        kinship.ROLES,
        description="Relation to the householder: partner, child of any age, parent, or other.",
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
    created_at = dy.Datetime(
        time_unit="us", description="When the person was recorded (local time)."
    )


def rows_per_household(config: IdentityGraphScenario) -> int:
    """Individuals per household, about.

    Args:
        config: Seed and volumes.
    """
    return 2


def generate(config: IdentityGraphScenario, partition: Partition) -> pl.LazyFrame:
    """The individuals of a partition's households.

    Args:
        config: Seed and volumes.
        partition: Row numbers to generate.
    """
    model = open_model(config)
    row, number = households_of(config, partition, rows_per_household(config))
    homes = model.households(number)
    people = model.people(homes)
    who = model.demographics(homes, people)
    income = pl.Series(who.income)
    return pl.LazyFrame(
        {
            "row": row[people.household],
            "individual_id": people.number + 1,
            "household_id": number[people.household] + 1,
            "household_role": as_enum(people.role, kinship.ROLES),
            "age": people.age.astype(np.int32),
            "gender": as_enum(who.gender, terms.GENDERS),
            "education_level": as_enum(who.education, terms.EDUCATION),
            "employment_status": as_enum(who.employment, terms.EMPLOYMENT),
            "income": income.set(income < 0, None),
            "created": by_hours(config, model.recorded(homes, people)),
        }
    ).with_columns(created_at=moment(pl.col("created")), income_individual=cents(pl.col("income")))


# Design effects of members of a household being similar: education follows the household's income,
# ages of members depend on each other.
EDUCATION_DESIGN, AGES_DESIGN = 2.0, 2.0
ADULT = pl.col("age") >= kinship.ADULT


def _ages_agree(stored: TableView) -> pl.LazyFrame:
    """Rows with an age too low or too high for the education or the employment."""
    education, work = (pl.col(c).cast(pl.String) for c in ("education_level", "employment_status"))
    youngest = education.replace_strict(demography.YOUNGEST, return_dtype=pl.Int64)
    age = pl.col("age")
    minor = (age < youngest) & ADULT | ~ADULT & ~education.is_in(terms.EDUCATION[:2])
    wrong = (
        (work == "Retired") & (age < 55)
        | (work == "Student") & (age > 40)
        | ~work.is_in(["Retired", "Student"]) & (age > 80)
        | work.is_null() & (age >= incomes.WORKING_AGE)
        | work.is_not_null() & (age < incomes.WORKING_AGE)
    )
    return stored.current().filter(minor | wrong.fill_null(value=False))


def _incomes_agree(stored: TableView, key: str) -> pl.LazyFrame:
    """Rows with more income than employment, age or the household's bracket allow."""
    most = dict(zip(terms.EMPLOYMENT, incomes.MAX_INCOMES, strict=True))
    bracket = {n: high for n, (_, high) in zip(terms.INCOME_BRACKETS, incomes.INCOMES, strict=True)}
    earned = pl.col("income_individual").cast(pl.Float64)
    homes = rows_in_shard(stored, HOUSEHOLDS, key).select(
        "household_id",
        most=pl.col("income_bracket")
        .cast(pl.String)
        .replace_strict(bracket, return_dtype=pl.Int64),
    )
    here = this_shard(stored, key).join(homes, on="household_id")
    allowed = (
        pl.col("employment_status")
        .cast(pl.String)
        .replace_strict(most, default=0, return_dtype=pl.Int64)
    )
    young = (pl.col("age") < incomes.YOUNG) & (earned > incomes.YOUNG_MAX_INCOME)
    rich = earned.sum().over("household_id") > pl.col("most")
    return here.filter((earned > allowed) | young | rich).drop("most")


def _ages(config: IdentityGraphScenario) -> Counts:
    shares = ages(config.household_config, config.demographics_config).members
    span = config.demographics_config.age_range
    return {str(age): shares[age] for age in range(span.min, span.max + 1)}


def _members(stored: TableView) -> dict[str, tuple[float, float, float]]:
    homes = config_of(stored).household_config.num_households
    rows = sum(stats.rows for stats in stored.partition_stats.values())
    config = config_of(stored)
    expected = demography.tables(config.household_config, config.demographics_config).people
    # With one to ten members the standard deviation of household sizes is below two.
    return {"individuals a household": (rows / homes, expected, 2 / math.sqrt(homes))}


def _checks() -> list[Check]:
    return [
        household_roles(),
        in_own_shard("individual_id"),
        row_check(
            "age_consistent_with_education_and_employment",
            "Ages agree with education and employment.",
            _ages_agree,
        ),
        partition_check(
            "income_consistent_with_employment",
            "Incomes agree with employment and age, and sum to no more than the household's.",
            _incomes_agree,
            [HOUSEHOLDS],
        ),
        members_fit(),
        within_tolerance(
            "mean_rows_per_household", "Households have so many rows on average.", _members
        ),
        has_declared_shares("age_distribution", "age", _ages, AGES_DESIGN),
        has_declared_shares(
            "gender_distribution", "gender", lambda c: c.demographics_config.gender_distribution
        ),
        has_declared_shares(
            "education_level_distribution",
            "education_level",
            lambda c: c.demographics_config.education_distribution,
            EDUCATION_DESIGN,
            ADULT,
        ),
        has_declared_shares(
            "employment_status_distribution",
            "employment_status",
            lambda c: c.demographics_config.employment_distribution,
            EDUCATION_DESIGN,
            ADULT,
        ),
    ]


def table(scenario: IdentityGraphScenario) -> Table:
    """The table of individuals.

    Args:
        scenario: The scenario.
    """
    partitioning = scenario.partitioning
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Individuals: age, gender, education, employment and income, which agree.",
        schema=Individuals,
        partitioning=partitioning,
        colocated=["individual_id", "household_id"],
        checks=_checks(),
        grows_with=["num_households"],
        code_version="3",
        source=Generated(rows_before(rows_per_household), generate),
        parents={"household": households.NAME},
        cluster_by=["household_id", "age"],
    )
