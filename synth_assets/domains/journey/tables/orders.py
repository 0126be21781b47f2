"""Orders in the backend."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.history import Version
from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.schema import references
from synth_assets.core.sources import Derived
from synth_assets.domains.journey.backend.orders import (
    CANCELLED,
    COMPLETED,
    PENDING,
    PHONE,
    REFUNDED,
    STATUSES,
    WEB,
)
from synth_assets.domains.journey.backend.stored_records import (
    LOCATION,
    STORE,
    of_day,
    records_of,
    timestamp_column,
    to_timestamp,
)
from synth_assets.domains.journey.scenario import DOMAIN, JourneyScenario
from synth_assets.domains.journey.tables import purchases, signups, users
from synth_assets.quality.structural import accepted_values, holds

NAME = "orders"


class Orders(dy.Schema):
    """An order."""

    order_id = dy.Int64(primary_key=True, description="Day (YYYYMMDD) and number in the day.")
    user_id = dy.Int64(description="The customer.", metadata=references("users", "user_id"))
    transaction_id = dy.String(
        nullable=True, description="Id that the shop's page reported; null by telephone."
    )
    channel = dy.String(description=f"{WEB} or {PHONE}.")
    status = dy.String(description=f"One of {', '.join(STATUSES)}.")
    items_cents = dy.Int64(min=0, description="Items, cents.")
    tax_cents = dy.Int64(min=0, description="Tax, cents.")
    shipping_cents = dy.Int64(min=0, description="Shipping, cents.")
    adjustment_cents = dy.Int64(
        description="Roundings, and what the export's revenue has beyond its items, cents."
    )
    total_cents = dy.Int64(min=0, description="Amount charged: the sum of the four above, cents.")
    currency = dy.String(description="Always USD.")
    coupon = dy.String(
        nullable=True, description="Code of the coupon; items have the lowered prices."
    )
    created_at = timestamp_column("When the backend created the order (UTC).")
    updated_at = timestamp_column("When the order last changed (UTC).")


def derive(stored: TableView, key: str) -> pl.LazyFrame:
    """Orders of a day's purchases; late ones are created days later.

    Args:
        stored: The table, and others of its domain.
        key: Day to derive.
    """
    found = records_of(stored, key)
    items = found.items.group_by("order_id").agg(
        items_cents=(pl.col("price_cents") * pl.col("quantity")).sum()
    )
    parts = pl.sum_horizontal("items_cents", "tax_cents", "shipping_cents")
    return (
        of_day(found.orders, key)
        .join(items.lazy(), on="order_id", how="left", maintain_order="left")
        .with_columns(
            adjustment_cents=pl.col("total_cents") - parts,
            currency=pl.lit("USD"),
            created_at=to_timestamp("created_at"),
            updated_at=to_timestamp("updated_at"),
        )
    )


def history(scenario: JourneyScenario) -> list[Version]:
    """The versions of orders: as created, then refunded or cancelled.

    What is refunded was completed before, what is cancelled was pending.

    Args:
        scenario: The scenario, which changes nothing of them.
    """
    created, updated, status = pl.col("created_at"), pl.col("updated_at"), pl.col("status")
    before = status.replace({REFUNDED: COMPLETED, CANCELLED: PENDING})
    return [
        Version(created, {"status": before, "updated_at": created}),
        Version(pl.when(updated > created).then(updated)),
    ]


def adds_up(name: str = "total_equals_sum_of_parts") -> Check:
    """The total is the sum of its parts, to the cent.

    Args:
        name: Name of the check.
    """
    parts = [pl.col(f"{part}_cents") for part in ("items", "tax", "shipping", "adjustment")]
    return holds(
        name, "The parts add up to the total.", pl.sum_horizontal(parts) == pl.col("total_cents")
    )


CHECKS = [
    accepted_values("status", STATUSES),
    accepted_values("channel", [WEB, PHONE]),
    adds_up(),
    holds(
        "updated_at_after_created_at",
        "No order changed before it was created.",
        pl.col("updated_at") >= pl.col("created_at"),
    ),
]


def table(scenario: JourneyScenario) -> Table:
    """The table.

    Args:
        scenario: The scenario.
    """
    partitioning = scenario.partitioning
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Orders, by the day of their purchase.",
        schema=Orders,
        partitioning=partitioning,
        code_version="2",
        source=Derived(derive),
        parents={"users": users.NAME},
        deps=[purchases.NAME, signups.NAME],
        location=LOCATION,
        store=STORE,
        cluster_by=["transaction_id"],
        checks=CHECKS,
        history=history,
    )
