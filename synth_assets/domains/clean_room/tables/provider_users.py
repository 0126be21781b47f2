"""The provider's users: one row for each person who has the wallet."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.schema import pii
from synth_assets.core.sources import Derived
from synth_assets.domains.clean_room.provider.account_holders import account_holders, everyone
from synth_assets.domains.clean_room.provider.account_tier_model import (
    TIERS,
    VERIFIED,
    with_account_tier,
)
from synth_assets.domains.clean_room.provider.checks import LEAST_TOLERANCE, counts
from synth_assets.domains.clean_room.provider.people import age_on, of_age, provider_user_id
from synth_assets.domains.clean_room.scenario import DOMAIN, CleanRoomScenario, scenario_of
from synth_assets.domains.clean_room.snapshot.window import SPLIT, location, of_split
from synth_assets.domains.clean_room.tables import thelook_order_items as order_items
from synth_assets.domains.clean_room.tables import thelook_orders as orders
from synth_assets.domains.clean_room.tables import thelook_users as source_users
from synth_assets.domains.clean_room.tables import users as snapshot_users
from synth_assets.quality.building import SAMPLES, row_check
from synth_assets.quality.keys import unique
from synth_assets.quality.proportions import Proportion, proportions_test
from synth_assets.quality.structural import accepted_values

NAME = "provider_users"


class ProviderUsers(dy.Schema):
    """A user of the e-wallet."""

    provider_user_id = dy.Int64(primary_key=True, min=1, description="The provider's id.")
    email = dy.String(
        description="E-mail address, by which the merchant may know the user.",
        metadata=pii("email"),
    )
    date_of_birth = dy.Date(description="Date of birth.", metadata=pii("birth_date"))
    city = dy.String(description="City; the merchant's where it knows the user.")
    account_tier = dy.String(description=f"One of {', '.join(TIERS)}.")
    is_verified_user = dy.Bool(description="Whether the provider has verified who it is.")


def derive(stored: TableView, split: str) -> pl.LazyFrame:
    """The people who have the wallet in a split, in order of their ids.

    Args:
        stored: The table, with access to its sources.
        split: The split.
    """
    scenario = scenario_of(stored)
    people = with_account_tier(everyone(stored), scenario)
    made = account_holders(stored, split, people).with_columns(
        provider_user_id=provider_user_id(scenario, pl.col("person")), date_of_birth="born"
    )
    return made.sort("provider_user_id")


def _known(stored: TableView, split: str) -> pl.LazyFrame:
    """The provider's users of a split whom the merchant knows, with what it says of them."""
    merchants = of_split(stored, snapshot_users.NAME, split).select(
        "email", "age", merchants_city="city"
    )
    mine = stored.current().filter(pl.col(stored.table.partitioning.partition_column) == split)
    return mine.join(merchants, on="email")


def overlap() -> Check:
    """The share of the provider's addresses that the merchant has too is the declared one."""

    def shares(stored: TableView, split: str) -> dict[str, Proportion]:
        scenario = scenario_of(stored)
        shared = counts(_known(stored, split))["rows"]
        mine = counts(of_split(stored, NAME, split))["rows"]
        users = of_split(stored, snapshot_users.NAME, split).filter(of_age(scenario))
        merchants = counts(users)["rows"]
        return {
            "of_provider": Proportion(shared, mine, 1 - scenario.provider_only),
            "of_merchant": Proportion(shared, merchants, 1 - scenario.merchant_only),
        }

    doc = "E-mail addresses of both parties are the declared share of either's (users of age)."
    reads = (snapshot_users.NAME,)
    return proportions_test("email_overlap_share", doc, shares, least=LEAST_TOLERANCE, reads=reads)


def tier_shares() -> Check:
    """Tiers and verification have the declared shares."""

    def shares(stored: TableView, split: str) -> dict[str, Proportion]:
        tiers = {tier: pl.col("account_tier") == tier for tier in TIERS}
        found = counts(of_split(stored, NAME, split), **tiers, verified=pl.col("is_verified_user"))
        declared = TIERS | {"verified": VERIFIED}
        rows = found["rows"]
        return {name: Proportion(found[name], rows, share) for name, share in declared.items()}

    doc = "60% of users are on Free, 25% on Premium, 15% on Business; 70% are verified."
    return proportions_test("account_tier_distribution", doc, shares, least=LEAST_TOLERANCE)


def as_the_merchant_says() -> Check:
    """Users whom the merchant knows have the merchant's city and age."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        scenario = scenario_of(stored)
        wrong = []
        for split in stored.keys:
            old = age_on(scenario.day_of(split), pl.col("date_of_birth"))
            other = (old != pl.col("age")) | pl.col("city").ne_missing(pl.col("merchants_city"))
            wrong.append(_known(stored, split).filter(other).drop("age", "merchants_city"))
        return pl.concat(wrong)

    doc = "Age on the snapshot's last day and city are those that the merchant has."
    return row_check("age_and_city_match_merchant", doc, failing_rows, reads=[snapshot_users.NAME])


def old_enough() -> Check:
    """No user is younger than the scenario allows."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        scenario, partition_column = (
            scenario_of(stored),
            pl.col(stored.table.partitioning.partition_column),
        )
        young = [
            (partition_column == split)
            & (age_on(scenario.day_of(split), pl.col("date_of_birth")) < scenario.minimum_age)
            for split in stored.keys
        ]
        return stored.current().filter(pl.any_horizontal(young))

    doc = "Users are `minimum_age` years old on the snapshot's last day, or older."
    return row_check("age_at_least_minimum", doc, failing_rows)


def same_in_both() -> Check:
    """Users in both splits have the same row in both."""

    def measure(stored: TableView) -> list[CheckResult]:
        rows = stored.all().drop(stored.table.partitioning.partition_column).unique()
        id_, email = pl.col("provider_user_id"), pl.col("email")
        several = rows.filter((pl.len().over(id_) > 1) | (pl.len().over(email) > 1)).collect()
        sample = several.sort(id_).head(SAMPLES).to_dicts()
        return [CheckResult(None, several.is_empty(), float(len(several)), "= 0 rows", {}, sample)]

    doc = "An id, and an address, has the same row in both splits."
    return Check("user_equal_in_both_splits", doc, measure, per_partition=False)


def table(scenario: CleanRoomScenario) -> Table:
    """The table of the provider's users.

    Args:
        scenario: The scenario.
    """
    schema = scenario.provider_schema
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Users of the e-wallet: some of the merchant's, and others.",
        schema=ProviderUsers,
        partitioning=SPLIT,
        source=Derived(derive),
        deps=[snapshot_users.NAME, source_users.NAME, orders.NAME, order_items.NAME],
        tags={"party": "provider"},
        location=location(schema),
        code_version="5",
        checks=[
            unique(["email"]),
            accepted_values("account_tier", list(TIERS)),
            overlap(),
            tier_shares(),
            as_the_merchant_says(),
            old_enough(),
            same_in_both(),
        ],
    )
