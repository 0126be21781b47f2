"""A query of the merchant: which of its orders were paid with the wallet."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.model import Table
from synth_assets.domains.clean_room.scenario import CleanRoomScenario
from synth_assets.domains.clean_room.tables import orders, transactions
from synth_assets.domains.clean_room.use_cases.answers import answers
from synth_assets.domains.clean_room.use_cases.policies import list_overlap
from synth_assets.domains.clean_room.use_cases.sharing import MERCHANT, UseCase

USE_CASE = UseCase(
    name="transaction_verification",
    asker=MERCHANT,
    policies={transactions.NAME: list_overlap("order_id")},
    columns={transactions.NAME: ("order_id",)},
    query="""\
SELECT DISTINCT
    m.order_id
FROM
    {orders} AS m
INNER JOIN
    {transactions} AS p
    ON m.order_id = p.order_id""",
)


class TransactionVerification(dy.Schema):
    """An order that was paid with the wallet."""

    order_id = dy.Int64(primary_key=True, description="The merchant's order.")


def by_hand(read: dict[str, pl.LazyFrame]) -> pl.LazyFrame:
    """The answer computed without the clean room.

    Args:
        read: Both parties' tables of a split, by name.
    """
    paid = read[transactions.NAME].select("order_id")
    return read[orders.NAME].join(paid, on="order_id", how="semi").select("order_id").unique()


def table(scenario: CleanRoomScenario) -> Table:
    """The table of answers.

    Args:
        scenario: The scenario.
    """
    schema = scenario.schema_of(USE_CASE.asker)
    doc = "Orders of the merchant that were paid with the wallet (list overlap on the order)."
    return answers(USE_CASE, TransactionVerification, schema, doc, by_hand)
