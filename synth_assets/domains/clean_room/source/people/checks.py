"""Checks that people are as in their country: names, hours and ages."""

from __future__ import annotations

import math

import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, TableView
from synth_assets.domains.clean_room.model import open_model
from synth_assets.domains.clean_room.scenario import CleanRoomScenario, scenario_of
from synth_assets.domains.clean_room.source.distributions import OF_AGE, YOUNGEST
from synth_assets.domains.clean_room.source.people.ages import YEAR
from synth_assets.domains.clean_room.source.people.names import (
    ALL_CULTURES,
    GENDERS,
    first_weights,
    last_weights,
)
from synth_assets.quality.building import row_check
from synth_assets.quality.goodness_of_fit import chi_square_test
from synth_assets.quality.proportions import Proportion, shares_result
from synth_assets.randomness.seasonality import ORDER_HOURS
from synth_assets.randomness.values import HOUR

# Columns that identify a place of the gazetteer.
PLACE = ("state", "postal_code", "city", "country", "latitude", "longitude")
# Users of a country from which on its commonest last name is checked.
LEAST_USERS = 0.02
# Hours of the day by name, with the first one and the one after the last.
PARTS = {"night": (0, 6), "morning": (6, 12), "afternoon": (12, 18), "evening": (18, 24)}
# First orders on the day of the registration keep their time, and those that would be after the
# last day are moved: shares of hours may be so far off at any scale.
HOURS_SLACK = 0.02


def _cultures(scenario: CleanRoomScenario) -> pl.DataFrame:
    places = open_model(scenario).gazetteer.places
    return places.select("country", "culture").unique().sort("country", "culture")


def names_of_country() -> Check:
    """First and last names are among those of the user's country and gender."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        rows = [
            (country, gender, name, kind)
            for country, culture in _cultures(scenario_of(stored)).iter_rows()
            for gender in GENDERS
            for kind, known in (("first_name", first_weights), ("last_name", last_weights))
            for name in known(ALL_CULTURES[culture], gender)
        ]
        listed = pl.LazyFrame(rows, ["country", "gender", "name", "kind"], orient="row").unique()
        wrong = []
        for kind in ("first_name", "last_name"):
            names = listed.filter(kind=kind).select("country", "gender", pl.col("name").alias(kind))
            wrong.append(stored.current().join(names, on=["country", "gender", kind], how="anti"))
        return pl.concat(wrong).unique("id")

    doc = "First and last names are those of the user's country (or American ones everywhere)."
    return row_check("names_match_country", doc, failing_rows)


def common_last_names() -> Check:
    """The commonest last name of each large country is as frequent as there."""

    def measure(stored: TableView) -> list[CheckResult]:
        cultures = _cultures(scenario_of(stored))
        users = stored.all().group_by("country").agg(rows=pl.len(), names="last_name").collect()
        total, found = int(users["rows"].sum()), {}
        for country, rows, names in users.iter_rows():
            here = cultures.filter(country=country)["culture"].to_list()
            if rows < LEAST_USERS * total or len(here) > 1:
                continue
            weights = last_weights(ALL_CULTURES[here[0]], "M")
            top = max(weights, key=lambda name: weights[name])
            share = weights[top] / math.fsum(weights.values())
            found[f"{top} in {country}"] = Proportion(names.count(top), rows, share)
        return [shares_result(found)]

    doc = "The commonest last name of each country with many users is as frequent as there."
    return Check("most_common_last_name_shares", doc, measure, blocking=False, per_partition=False)


def ages_uniform() -> Check:
    """Ages are uniform among those that the years since the registration allow."""

    def found(stored: TableView) -> dict[str, float]:
        counted = stored.all().group_by(pl.col("age").cast(pl.String)).len().collect()
        return {age: float(rows) for age, rows in counted.iter_rows()}

    def expected(stored: TableView) -> dict[str, float]:
        ages = open_model(scenario_of(stored)).ages
        return {str(age): share for age, share in enumerate(ages.shares, start=ages.youngest)}

    doc = "Ages are as frequent as each other but for the youngest, who have registered lately."
    return chi_square_test("age_distribution_uniform", doc, found, expected)


def registered_of_age() -> Check:
    """Nobody registered before the youngest age."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        scenario = scenario_of(stored)
        if not scenario.fitting_ages:
            return stored.current().clear()
        end = open_model(scenario).calendar.end
        years = (end - pl.col("created_at").dt.epoch("s")) // YEAR
        youngest = YOUNGEST if scenario.minors else OF_AGE
        oldest = pl.col("age") == open_model(scenario).ages.oldest
        return stored.current().filter((pl.col("age") - years < youngest) & ~oldest)

    doc = "Nobody registered before the youngest age, where `fitting_ages` says so."
    return row_check("registration_age_at_least_minimum", doc, failing_rows)


def hours_of_day(users: str) -> Check:
    """Orders are placed by the clock of the buyer's place.

    Args:
        users: The name of the table of users.
    """

    def measure(stored: TableView) -> list[CheckResult]:
        model = open_model(scenario_of(stored))
        hour = (pl.col("created_at").dt.epoch("s") + pl.col("offset")) // HOUR % 24
        counted = with_offset(stored, users).group_by(hour=hour).len().collect()
        hours = dict(counted.iter_rows())
        weights = list(ORDER_HOURS) if model.scenario.local_hours else [1.0] * 24
        rows = int(sum(hours.values()))
        found = {
            part: Proportion(
                sum(hours.get(hour, 0) for hour in range(*some)),
                rows,
                math.fsum(weights[slice(*some)]) / math.fsum(weights),
            )
            for part, some in PARTS.items()
        }
        return [shares_result(found, least=HOURS_SLACK)]

    doc = "Orders are placed by the clock of the buyer's place: few at night, most by day."
    return Check(
        "order_hour_distribution", doc, measure, blocking=False, per_partition=False, reads=(users,)
    )


def with_offset(stored: TableView, users: str) -> pl.LazyFrame:
    """The rows of a table with ``offset``, the seconds of the user's place from UTC.

    Args:
        stored: A table with ``user_id`` and ``created_at``.
        users: The name of the table of users.
    """
    model = open_model(scenario_of(stored))
    places = model.gazetteer.places.lazy().select(*PLACE, "zone").unique(PLACE)
    zones = stored.other(users).all().join(places, on=PLACE).select("zone", user_id="id")
    offset = model.calendar.offset(pl.col("created_at").dt.epoch("s"), pl.col("zone"))
    return stored.all().join(zones, on="user_id").with_columns(offset=offset)
