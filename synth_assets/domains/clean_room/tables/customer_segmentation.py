"""A query of the merchant: whether customers on a higher tier spend more."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.model import Table
from synth_assets.domains.clean_room.provider.account_tier_model import TIERS
from synth_assets.domains.clean_room.scenario import CleanRoomScenario
from synth_assets.domains.clean_room.tables import orders, provider_users, transactions, users
from synth_assets.domains.clean_room.use_cases.answers import answers
from synth_assets.domains.clean_room.use_cases.policies import (
    CLAUSE,
    THRESHOLD,
    list_overlap,
    threshold,
)
from synth_assets.domains.clean_room.use_cases.sharing import MERCHANT, UseCase

USE_CASE = UseCase(
    name="customer_segmentation",
    asker=MERCHANT,
    policies={
        provider_users.NAME: threshold("provider_user_id"),
        transactions.NAME: list_overlap("order_id"),
    },
    columns={transactions.NAME: ("order_id", "transaction_amount")},
    clause=CLAUSE,
    query="""\
SELECT{clause}
    p.account_tier,
    AVG(t.transaction_amount) AS average_order_value,
    COUNT(DISTINCT u.id) AS number_of_customers
FROM
    {users} AS u
JOIN
    {provider_users} AS p ON u.email = p.email
JOIN
    {orders} AS o ON u.id = o.user_id
JOIN
    {transactions} AS t ON o.order_id = t.order_id
GROUP BY 1
HAVING COUNT(DISTINCT u.id) >= 50
ORDER BY 2 DESC""",
)


class CustomerSegmentation(dy.Schema):
    """A tier, and the mean payment of its users for an order."""

    account_tier = dy.String(primary_key=True, description=f"One of {', '.join(TIERS)}.")
    average_order_value = dy.Float64(description="Mean payment, US dollars.")
    number_of_customers = dy.Int64(min=THRESHOLD, description="Customers on the tier.")


def by_hand(read: dict[str, pl.LazyFrame]) -> pl.LazyFrame:
    """The answer computed without the clean room, with the threshold applied.

    Args:
        read: Both parties' tables of a split, by name.
    """
    joined = (
        read[users.NAME]
        .select("id", "email")
        .join(read[provider_users.NAME].select("email", "account_tier"), on="email")
        .join(read[orders.NAME].select("order_id", "user_id"), left_on="id", right_on="user_id")
        .join(read[transactions.NAME].select("order_id", "transaction_amount"), on="order_id")
    )
    return (
        joined.group_by("account_tier")
        .agg(
            average_order_value=pl.col("transaction_amount").mean(),
            number_of_customers=pl.col("id").n_unique().cast(pl.Int64),
            units=pl.col("email").n_unique(),
        )
        .filter((pl.col("units") >= THRESHOLD) & (pl.col("number_of_customers") >= THRESHOLD))
        .drop("units")
    )


def table(scenario: CleanRoomScenario) -> Table:
    """The table of answers.

    Args:
        scenario: The scenario.
    """
    schema = scenario.schema_of(USE_CASE.asker)
    doc = f"What customers of each tier pay for an order, of tiers with {THRESHOLD} or more."
    return answers(USE_CASE, CustomerSegmentation, schema, doc, by_hand)
