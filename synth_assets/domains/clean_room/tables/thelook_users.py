"""Users: one row for each person who has registered."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Partition, Unpartitioned
from synth_assets.core.schema import pii
from synth_assets.core.sources import Generated, evenly, row_numbers
from synth_assets.domains.clean_room.model import open_model
from synth_assets.domains.clean_room.scenario import DOMAIN, CleanRoomScenario, scenario_of
from synth_assets.domains.clean_room.source.calendar import as_timestamp, timestamp
from synth_assets.domains.clean_room.source.distributions import (
    GENDERS,
    OF_AGE,
    OLDEST,
    YOUNGEST,
)
from synth_assets.domains.clean_room.source.gazetteer import COUNTRIES
from synth_assets.domains.clean_room.source.people.checks import (
    PLACE,
    ages_uniform,
    common_last_names,
    names_of_country,
    registered_of_age,
)
from synth_assets.domains.clean_room.source.people.identity import (
    expected_emails,
    hosts,
    with_names,
)
from synth_assets.domains.clean_room.source.people.names import ALL_CULTURES
from synth_assets.domains.clean_room.source.people.streets import street_address
from synth_assets.quality.building import row_check
from synth_assets.quality.proportions import shares
from synth_assets.quality.row_counts import row_count
from synth_assets.quality.structural import accepted_values

NAME = "thelook_users"
TRAFFIC = {"Organic": 0.15, "Facebook": 0.06, "Search": 0.70, "Email": 0.05, "Display": 0.04}
# Percent of users; the shares of smaller countries are not checked.
LEAST_SHARE = 0.2
# How far the number of distinct e-mail addresses may be from the expected one.
EMAIL_SLACK = 0.02


class Users(dy.Schema):
    """A user of the merchant's shop."""

    id = dy.Int64(primary_key=True, min=1, description="Id of the user.")
    first_name = dy.String(description="First name.", metadata=pii("name"))
    last_name = dy.String(description="Last name.", metadata=pii("name"))
    email = dy.String(
        description="E-mail address; several users may share it.", metadata=pii("email")
    )
    age = dy.Int64(min=YOUNGEST, max=OLDEST, description="Age in years.")
    gender = dy.String(description="M or F.")
    state = dy.String(description="State or province.")
    street_address = dy.String(description="Number and street.", metadata=pii("address"))
    postal_code = dy.String(description="Postal code.", metadata=pii("address"))
    city = dy.String(description="City, or the text `null`.")
    country = dy.String(description="Country, some of them spelled in two ways.")
    latitude = dy.Float64(min=-90, max=90, description="Degrees north, of the city.")
    longitude = dy.Float64(min=-180, max=180, description="Degrees east, of the city.")
    traffic_source = dy.String(description=f"One of {', '.join(TRAFFIC)}.")
    created_at = timestamp("Moment of the registration.")


def generate(scenario: CleanRoomScenario, partition: Partition) -> pl.LazyFrame:
    """Users of a partition.

    Args:
        scenario: Seed, volumes and data defects.
        partition: The range of rows.
    """
    model, row, home = open_model(scenario), pl.col("row"), pl.col("home")
    draw, places = model.stream("users"), model.gazetteer
    people = (
        row_numbers(partition)
        .with_columns(gender=model.gender(row), home=model.home(row))
        .with_columns(
            culture=places.show("culture", home),
            registered=model.registered(row, home),
            **{column: places.show(column, home) for column in PLACE},
        )
    )
    return with_names(scenario, people, draw, row, row + 1).with_columns(
        id=row + 1,
        age=model.age(row, pl.col("registered")),
        street_address=street_address(draw.substream("street"), row, pl.col("culture")),
        traffic_source=draw.substream("traffic_source").choice_u16(row, TRAFFIC),
        created_at=as_timestamp(pl.col("registered")),
    )


def distinct_emails(scenario: CleanRoomScenario, users: int) -> float:
    """The expected number of distinct addresses if people of the same name can share one.

    Args:
        scenario: The scenario.
        users: The number of users.
    """
    places = open_model(scenario).gazetteer.places
    cultures = places.group_by("culture").agg(pl.col("weight").sum()).sort("culture")
    shares = {ALL_CULTURES[culture]: weight for culture, weight in cultures.iter_rows()}
    return expected_emails(users, shares, hosts(scenario))


def emails_repeat() -> Check:
    """Addresses repeat as often as names do, or never, as the scenario says."""

    def measure(stored: TableView) -> list[CheckResult]:
        users, emails = stored.all().select(pl.len(), pl.col("email").n_unique()).collect().row(0)
        shared = scenario_of(stored).duplicate_emails
        expected = distinct_emails(scenario_of(stored), users) if shared else float(users)
        slack = EMAIL_SLACK * expected if shared else 0.0
        bound = f"{expected:,.0f} give or take {slack:,.0f}"
        return [CheckResult(None, abs(emails - expected) <= slack, float(emails), bound)]

    doc = "As many distinct e-mail addresses as namesakes leave; every user's own without them."
    return Check("email_distinct_count", doc, measure, per_partition=False)


def old_enough() -> Check:
    """No user is younger than the scenario allows."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        scenario = scenario_of(stored)
        return stored.current().filter(pl.col("age") < (YOUNGEST if scenario.minors else OF_AGE))

    return row_check(
        "age_at_least_minimum", "Users are 12 and older, or 18 and older.", failing_rows
    )


def registered_in_time() -> Check:
    """No user registered at `as_of` or later."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        scenario = scenario_of(stored)
        return stored.current().filter(pl.col("created_at").dt.date() >= scenario.as_of)

    return row_check(
        "registration_before_as_of", "Every user registered before `as_of`.", failing_rows
    )


def known_places() -> Check:
    """Users live in places of the gazetteer, with the scenario's data defects."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        scenario = scenario_of(stored)
        places = open_model(scenario).gazetteer.places.lazy().select(PLACE).unique()
        return stored.current().join(places, on=PLACE, how="anti")

    doc = "State, postal code, city, country and coordinates are a place of the gazetteer."
    return row_check("place_in_gazetteer", doc, failing_rows)


def table(scenario: CleanRoomScenario) -> Table:
    """The table of users.

    Args:
        scenario: The scenario.
    """
    partitioning = Unpartitioned()
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Everyone who has registered in the merchant's shop.",
        code_version="3",
        schema=Users,
        partitioning=partitioning,
        source=Generated(evenly(partitioning, lambda scenario: scenario.users), generate),
        checks=[
            row_count(),
            accepted_values("gender", list(GENDERS)),
            known_places(),
            old_enough(),
            registered_in_time(),
            emails_repeat(),
            names_of_country(),
            common_last_names(),
            ages_uniform(),
            registered_of_age(),
            shares("gender", GENDERS),
            shares("traffic_source", TRAFFIC),
            shares("country", {c.name: c.share for c in COUNTRIES if c.share >= LEAST_SHARE}),
        ],
    )
