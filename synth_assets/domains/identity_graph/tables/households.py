"""Households: where people live together, with which income, in what kind of housing."""

from __future__ import annotations

import dataframely as dy
import numpy as np
import polars as pl

from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Partition
from synth_assets.core.sources import Generated
from synth_assets.domains.identity_graph import sizes, terms
from synth_assets.domains.identity_graph.checks import (
    Counts,
    declared,
    has_declared_shares,
    household_count,
    in_own_shard,
    value_counts,
)
from synth_assets.domains.identity_graph.gazetteer import zip_codes
from synth_assets.domains.identity_graph.layout import households_of, rows_before
from synth_assets.domains.identity_graph.model import open_model
from synth_assets.domains.identity_graph.scenario import DOMAIN, IdentityGraphScenario
from synth_assets.domains.identity_graph.timing import HOURS, by_hours, hour_shares
from synth_assets.quality.building import row_check
from synth_assets.quality.goodness_of_fit import chi_square_test
from synth_assets.randomness.random_arrays import (
    as_enum,
    categorical_u16,
    high32,
    random_bits,
)
from synth_assets.randomness.values import moment

NAME = "households"
# Shares of ``terms.HOUSING_TYPES`` for households of one, of two, and of three or more members.
HOUSING = ((0.38, 0.44, 0.14, 0.04), (0.60, 0.24, 0.12, 0.04), (0.74, 0.17, 0.06, 0.03))


class Households(dy.Schema):
    """A household."""

    household_id = dy.Int64(primary_key=True, min=1, description="The household's number.")
    location_city = dy.String(description="City, as the postal service calls it.")
    location_state = dy.String(
        min_length=2, max_length=2, description="Two letters of the state that the city is in."
    )
    location_zip = dy.String(
        regex="^[0-9]{5}$", description="A ZIP code of the city.", metadata={"pii": "postal_code"}
    )
    income_bracket = dy.Enum(terms.INCOME_BRACKETS, description="Income of all members together.")
    household_size = dy.Int32(min=1, max=10, description="Members, whether they have rows or not.")
    housing_type = dy.Enum(terms.HOUSING_TYPES, description="What the household lives in.")
    created_at = dy.Datetime(time_unit="us", description="When it was recorded (local time).")


def rows_per_household(config: IdentityGraphScenario) -> int:
    """Rows per household: one.

    Args:
        config: Seed and volumes.
    """
    return 1


def generate(config: IdentityGraphScenario, partition: Partition) -> pl.LazyFrame:
    """The households of a partition.

    Args:
        config: Seed and volumes.
        partition: Row numbers to generate.
    """
    model = open_model(config)
    row, number = households_of(config, partition, rows_per_household(config))
    homes, places = model.households(number), model.places
    bits = random_bits(model.stream(NAME, "housing"), number)
    where = high32(random_bits(model.stream(NAME, "place"), number))
    place = pl.Series(np.searchsorted(places.thresholds, where, side="right"))
    kind = np.select(
        [homes.size == 1, homes.size == 2],
        [categorical_u16(bits, HOUSING[0]), categorical_u16(bits, HOUSING[1])],
        categorical_u16(bits, HOUSING[2]),
    )
    return pl.LazyFrame(
        {
            "row": row,
            "household_id": number + 1,
            "location_city": places.city.gather(place),
            "location_state": places.state.gather(place),
            "location_zip": places.zip_code.gather(place),
            "income_bracket": as_enum(model.brackets(homes), terms.INCOME_BRACKETS),
            "household_size": homes.size,
            "housing_type": as_enum(kind, terms.HOUSING_TYPES),
            "created": by_hours(config, model.households_recorded(homes)),
        }
    ).with_columns(created_at=moment(pl.col("created")))


def _places(stored: TableView) -> pl.LazyFrame:
    known = zip_codes().select(
        location_zip="zip_code", location_city="city", location_state="state"
    )
    return stored.current().join(known.lazy(), on=list(known.columns), how="anti")


def _states(config: IdentityGraphScenario) -> Counts:
    places = open_model(config).places
    return {state: places.share_of(state) for state in terms.STATES}


def _zip_code_areas(config: IdentityGraphScenario) -> Counts:
    places = open_model(config).places
    area = places.zip_code.str.slice(0, 1) + places.zip_code.str.slice(4, 1)
    weights = pl.DataFrame({"area": area, "weight": np.diff(places.thresholds, prepend=0)})
    sums = weights.group_by("area").agg(pl.col("weight").sum().cast(pl.Float64))
    return dict(sums.sort("area").iter_rows())


def _zip_codes() -> Check:
    """Few households have a single ZIP code, so that those of a first and last digit are pooled."""
    code = pl.col("location_zip")
    return chi_square_test(
        "zip_code_distribution",
        "ZIP codes with each first and last digit have the households of their population.",
        value_counts(code.str.slice(0, 1) + code.str.slice(4, 1)),
        declared(_zip_code_areas),
    )


def _size_shares(config: IdentityGraphScenario) -> Counts:
    return {
        str(n): share
        for n, share in enumerate(
            sizes.size_shares(config.household_config.size_distribution), start=1
        )
    }


def _hours(config: IdentityGraphScenario) -> Counts:
    shares = hour_shares(config.engagement_config.temporal_pattern)
    return {str(hour): shares[hour] for hour in range(HOURS)}


def _checks() -> list[Check]:
    return [
        household_count(),
        in_own_shard("household_id", 1),
        row_check(
            "zip_code_matches_city_and_state",
            "The ZIP code belongs to the city, and the city to the state.",
            _places,
        ),
        has_declared_shares(
            "income_bracket_distribution",
            "income_bracket",
            lambda c: c.household_config.income_brackets,
        ),
        has_declared_shares("household_size_distribution", "household_size", _size_shares),
        has_declared_shares("location_state_distribution", "location_state", _states),
        _zip_codes(),
        chi_square_test(
            "hour_of_day_distribution",
            "Households are recorded at the hours that the temporal pattern says.",
            value_counts(pl.col("created_at").dt.hour().cast(pl.String)),
            declared(_hours),
        ),
    ]


def table(scenario: IdentityGraphScenario) -> Table:
    """The table of households.

    Args:
        scenario: The scenario.
    """
    partitioning = scenario.partitioning
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Households: city, state and ZIP code, income bracket, members.",
        schema=Households,
        partitioning=partitioning,
        colocated=["household_id"],
        checks=_checks(),
        grows_with=["num_households"],
        code_version="3",
        source=Generated(rows_before(rows_per_household), generate),
        cluster_by=["location_state", "income_bracket"],
    )
