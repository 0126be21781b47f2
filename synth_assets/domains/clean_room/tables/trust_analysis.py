"""A query of the merchant: how many of its customers the provider has verified."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.model import Table
from synth_assets.domains.clean_room.scenario import CleanRoomScenario
from synth_assets.domains.clean_room.tables import provider_users, users
from synth_assets.domains.clean_room.use_cases.answers import answers
from synth_assets.domains.clean_room.use_cases.policies import CLAUSE, THRESHOLD, threshold
from synth_assets.domains.clean_room.use_cases.sharing import MERCHANT, UseCase

USE_CASE = UseCase(
    name="trust_analysis",
    asker=MERCHANT,
    policies={provider_users.NAME: threshold("provider_user_id")},
    clause=CLAUSE,
    query="""\
SELECT{clause}
    p.is_verified_user,
    COUNT(DISTINCT u.id) AS number_of_customers
FROM
    {users} AS u
JOIN
    {provider_users} AS p ON u.email = p.email
GROUP BY 1
HAVING COUNT(DISTINCT u.id) >= 50""",
)


class TrustAnalysis(dy.Schema):
    """Customers who are verified by the provider, or who are not."""

    is_verified_user = dy.Bool(primary_key=True, description="Whether they are verified.")
    number_of_customers = dy.Int64(
        min=THRESHOLD, description="Customers with this verification status."
    )


def by_hand(read: dict[str, pl.LazyFrame]) -> pl.LazyFrame:
    """The answer computed without the clean room, with the threshold applied.

    Args:
        read: Both parties' tables of a split, by name.
    """
    known = read[provider_users.NAME].select("email", "is_verified_user")
    joined = read[users.NAME].select("id", "email").join(known, on="email")
    counted = joined.group_by("is_verified_user").agg(
        number_of_customers=pl.col("id").n_unique().cast(pl.Int64),
        units=pl.col("email").n_unique(),
    )
    return counted.filter(pl.col("units") >= THRESHOLD).drop("units")


def table(scenario: CleanRoomScenario) -> Table:
    """The table of answers.

    Args:
        scenario: The scenario.
    """
    schema = scenario.schema_of(USE_CASE.asker)
    doc = f"Verified and other customers of the merchant, of groups of {THRESHOLD} or more."
    return answers(USE_CASE, TrustAnalysis, schema, doc, by_hand)
