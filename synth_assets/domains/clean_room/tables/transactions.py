"""The provider's transactions: one row for each order that was paid with the wallet."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.schema import references
from synth_assets.core.sources import Derived
from synth_assets.domains.clean_room.provider.account_holders import UNPAID
from synth_assets.domains.clean_room.provider.checks import LEAST_TOLERANCE, counts
from synth_assets.domains.clean_room.provider.people import (
    has_wallet,
    of_age,
    paid_with_it,
    provider_stream,
    provider_user_id,
)
from synth_assets.domains.clean_room.scenario import DOMAIN, CleanRoomScenario, scenario_of
from synth_assets.domains.clean_room.snapshot.window import SPLIT, in_window, location, of_split
from synth_assets.domains.clean_room.source.calendar import timestamp
from synth_assets.domains.clean_room.source.distributions import STATUSES
from synth_assets.domains.clean_room.tables import order_items, orders, provider_users, users
from synth_assets.quality.building import row_check
from synth_assets.quality.keys import foreign_key, unique
from synth_assets.quality.proportions import Proportion, proportions_test
from synth_assets.quality.structural import accepted_values
from synth_assets.randomness.values import dollars, hundredths

NAME = "transactions"
PAID = [status for status in STATUSES if status not in UNPAID]


class Transactions(dy.Schema):
    """A payment with the e-wallet."""

    transaction_id = dy.String(
        primary_key=True, regex=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        description="Id of the payment, a UUID.",
    )  # fmt: skip
    order_id = dy.Int64(description="The merchant's order that was paid.")
    provider_user_id = dy.Int64(
        description="Who paid.", metadata=references("users", "provider_user_id")
    )
    transaction_amount = dy.Float64(
        min_exclusive=0, description="Sum of the order's items, US dollars."
    )
    transaction_timestamp = timestamp("Moment of the order.")
    status = dy.String(description=f"One of {', '.join(PAID)}, the order's.")


def derive(stored: TableView, split: str) -> pl.LazyFrame:
    """The payments of a split, in order of the orders.

    Args:
        stored: The table, with access to its sources.
        split: The split.
    """
    scenario, order = scenario_of(stored), pl.col("order_id")
    payers = of_split(stored, users.NAME, split).filter(has_wallet(scenario))
    paid = of_split(stored, orders.NAME, split).filter(
        pl.col("status").is_in(PAID) & paid_with_it(scenario, order)
    )
    return (
        paid.join(payers.select(user_id="id"), on="user_id", how="semi")
        .join(amounts(stored, split), on="order_id")
        .with_columns(
            transaction_id=_uuid(scenario, order),
            provider_user_id=provider_user_id(scenario, pl.col("user_id")),
            transaction_amount=dollars(pl.col("cents")),
            transaction_timestamp="created_at",
        )
        .sort("order_id")
    )


def amounts(stored: TableView, split: str) -> pl.LazyFrame:
    """The amount of each order.

    Args:
        stored: Any table of the domain.
        split: The split.

    Returns:
        ``order_id``, and ``cents``, the sum of the order's items.
    """
    cents = hundredths(pl.col("sale_price")).sum()
    return of_split(stored, order_items.NAME, split).group_by("order_id").agg(cents=cents)


def _uuid(scenario: CleanRoomScenario, order: pl.Expr) -> pl.Expr:
    """A random UUID (version 4) as text."""
    digits = provider_stream(scenario, "transaction").hexadecimal(order, 32)
    variant = pl.lit("8")
    return pl.concat_str(
        digits.str.slice(0, 8),
        digits.str.slice(8, 4),
        pl.concat_str(pl.lit("4"), digits.str.slice(13, 3)),
        pl.concat_str(variant, digits.str.slice(17, 3)),
        digits.str.slice(20, 12),
        separator="-",
    )


def as_the_order() -> Check:
    """Amount, timestamp and status of a payment are those of the merchant's order."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        partition_column, wrong = stored.table.partitioning.partition_column, []
        for split in stored.keys:
            ordered = (
                of_split(stored, orders.NAME, split)
                .join(amounts(stored, split), on="order_id", how="left")
                .select("order_id", "cents", ordered="created_at", order_status="status")
            )
            cents = hundredths(pl.col("transaction_amount"))
            differs = (
                cents.ne_missing(pl.col("cents"))
                | (pl.col("transaction_timestamp") != pl.col("ordered"))
                | (pl.col("status") != pl.col("order_status"))
            )
            mine = (
                stored.current()
                .filter(pl.col(partition_column) == split)
                .join(ordered, on="order_id")
            )
            wrong.append(mine.filter(differs).drop("cents", "ordered", "order_status"))
        return pl.concat(wrong)

    doc = "Amount (the sum of the items, to the cent), moment and status are the order's."
    return row_check(
        "transaction_matches_order", doc, failing_rows, reads=[orders.NAME, order_items.NAME]
    )


def market_share() -> Check:
    """The declared share of the merchant's paid orders was paid with the wallet."""

    def shares(stored: TableView, split: str) -> dict[str, Proportion]:
        scenario = scenario_of(stored)
        payers = of_split(stored, users.NAME, split).filter(of_age(scenario))
        paid = (
            of_split(stored, orders.NAME, split)
            .filter(pl.col("status").is_in(PAID))
            .join(payers.select(user_id="id"), on="user_id", how="semi")
        )
        payments = counts(of_split(stored, NAME, split))["rows"]
        found = Proportion(payments, counts(paid)["rows"], scenario.market_share)
        return {"of_paid_orders": found}

    doc = "The declared share of the paid orders of users of age was paid with the wallet."
    reads = (orders.NAME, users.NAME)
    return proportions_test("wallet_market_share", doc, shares, least=LEAST_TOLERANCE, reads=reads)


def table(scenario: CleanRoomScenario) -> Table:
    """The table of transactions.

    Args:
        scenario: The scenario.
    """
    schema = scenario.provider_schema
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Payments of the merchant's orders with the e-wallet.",
        code_version="4",
        schema=Transactions,
        partitioning=SPLIT,
        source=Derived(derive),
        parents={"users": provider_users.NAME},
        deps=[users.NAME, orders.NAME, order_items.NAME],
        tags={"party": "provider"},
        location=location(schema),
        checks=[
            unique(["order_id"]),
            accepted_values("status", PAID),
            foreign_key("order_id", orders.NAME, "order_id"),
            in_window("transaction_timestamp"),
            as_the_order(),
            market_share(),
        ],
    )
