"""Customers of the shop: visitors who signed up or bought, and customers without any event."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.schema import pii
from synth_assets.core.sources import Derived
from synth_assets.domains.journey.backend.discrepancies import stream
from synth_assets.domains.journey.backend.stored_records import (
    LOCATION,
    STORE,
    of_day,
    records_of,
    scenario_of,
    timestamp_column,
    to_timestamp,
)
from synth_assets.domains.journey.scenario import DOMAIN, JourneyScenario
from synth_assets.domains.journey.tables import purchases, signups
from synth_assets.quality.keys import unique
from synth_assets.quality.proportions import Proportion, share_result
from synth_assets.quality.structural import holds
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.vocabulary import names

NAME = "users"
LOCALE = "en_US"
MAIL = ("example.com", "example.net", "example.org")
# Domain of testers' addresses.
TEST_MAIL = "test.example"


class Users(dy.Schema):
    """A customer."""

    user_id = dy.Int64(
        primary_key=True, description="Day (YYYYMMDD) and number in the day; not the browser's id."
    )
    user_pseudo_id = dy.String(
        nullable=True,
        description="Id of the browser of the sign-up or first purchase; null without event.",
        metadata=pii("device_id"),
    )
    login_id = dy.String(
        nullable=True,
        description="`user_id` of the export's events after the login, if it has any.",
        metadata=pii("account_id"),
    )
    first_name = dy.String(description="First name.", metadata=pii("name"))
    last_name = dy.String(description="Last name.", metadata=pii("name"))
    email = dy.String(
        regex=r"^[a-z0-9.]+@[a-z.]+$",
        description="E-mail address, unique; testers have one of the shop's own.",
        metadata=pii("email"),
    )
    created_at = timestamp_column(
        "Sign-up: before the first visit for members, in a visit for others (UTC)."
    )
    updated_at = timestamp_column(
        "When the record was last changed: sign-up or first purchase (UTC)."
    )


def derive(stored: TableView, key: str) -> pl.LazyFrame:
    """Customers with their sign-up or first purchase on a day.

    Args:
        stored: The table, and others of its domain.
        key: Day to derive.
    """
    return described(of_day(records_of(stored, key).users, key), scenario_of(stored))


def described(users: pl.LazyFrame, scenario: JourneyScenario) -> pl.LazyFrame:
    """Adds names and e-mail addresses to customers.

    Args:
        users: Customers of ``backend.records``.
        scenario: Seed of the scenario.
    """
    row = pl.col("number")
    first, last = (dict(names(part, LOCALE)) for part in ("first_name", "last_name"))
    places = {
        "first": stream(scenario, "first_name").integers(row, 0, len(first)),
        "last": stream(scenario, "last_name").integers(row, 0, len(last)),
    }
    mail = gather(MAIL, stream(scenario, "mail").integers(row, 0, len(MAIL)))
    # The id (without the century of its day) makes the address unique.
    tail = (pl.col("user_id") % 1_000_000_000_000).cast(pl.String)
    return users.with_columns(**places).select(
        "user_id",
        "login_id",
        user_pseudo_id="visitor",
        first_name=gather(list(first), pl.col("first")),
        last_name=gather(list(last), pl.col("last")),
        email=pl.concat_str(
            gather(list(first.values()), pl.col("first")),
            pl.lit("."),
            gather(list(last.values()), pl.col("last")),
            pl.lit("."),
            tail,
            pl.lit("@"),
            pl.when("tester").then(pl.lit(TEST_MAIL)).otherwise(mail),
        ),
        created_at=to_timestamp("created_at"),
        updated_at=to_timestamp("updated_at"),
    )


def members() -> Check:
    """The share of buyers who signed up before the first visit of their browser."""

    def measure(stored: TableView) -> list[CheckResult]:
        days = sorted(stored.partition_stats)
        bought = purchases.read(stored, days).group_by("user_pseudo_id")
        buyers = bought.agg(first=pl.col("first_touch_timestamp").min().cast(pl.Datetime("us")))
        rows = stored.all().select("user_pseudo_id", "created_at").collect()
        found = rows.join(buyers, on="user_pseudo_id")
        before = int((found["created_at"] < found["first"]).sum())
        numbers = {"buyers": float(len(found)), "others": float(len(rows) - len(found))}
        share = Proportion(before, len(found), scenario_of(stored).member_share)
        return [share_result(share, numbers)]

    doc = "The share of buyers who signed up before their browser's first visit is the scenario's."
    return Check(
        "member_share", doc, measure, per_partition=False, blocking=False, reads=(purchases.NAME,)
    )


def table(scenario: JourneyScenario) -> Table:
    """The table.

    Args:
        scenario: The scenario.
    """
    partitioning = scenario.partitioning
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Customers of the shop, by the day of their sign-up or first purchase.",
        schema=Users,
        partitioning=partitioning,
        code_version="2",
        source=Derived(derive),
        deps=[purchases.NAME, signups.NAME],
        location=LOCATION,
        store=STORE,
        cluster_by=["user_pseudo_id"],
        checks=[
            unique(["email"]),
            unique(["user_pseudo_id"]),
            holds(
                "signup_before_last_update",
                "Customers signed up before their record was last changed.",
                pl.col("updated_at") >= pl.col("created_at"),
            ),
            members(),
        ],
    )
