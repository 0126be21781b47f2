"""In-store sales: one row a line item; most receipts are nobody's that is known.

Amounts are in US dollars, since the table names no currency.
"""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.model import Table
from synth_assets.core.partitioning import Partition, Sharded
from synth_assets.core.schema import references
from synth_assets.core.sources import Generated, evenly
from synth_assets.domains.identity_resolution.line_items import priced
from synth_assets.domains.identity_resolution.model import (
    DOMAIN,
    SALES_BEGIN,
    SALES_END,
    US_DOLLARS,
    World,
    open_world,
    token,
)
from synth_assets.domains.identity_resolution.order_rules import coherent_totals, known_receipts
from synth_assets.domains.identity_resolution.scenario import IdentityScenario
from synth_assets.domains.identity_resolution.source_membership import LOYALTY, POS
from synth_assets.quality.structural import accepted_values, foreign_key, row_count
from synth_assets.randomness.values import moment, numbered, since_epoch

NAME = "pos_transactions"
STORES = 1_200
METHODS = {"credit": 41, "debit": 28, "cash": 17, "mobile_wallet": 14}
# Anonymous receipts whose card is known by its token, and receipts a card of them on average.
KNOWN_CARD, RECEIPTS_A_CARD = 0.5, 3
# Numbers of strangers' cards lie above everyone else's.
STRANGERS = 1 << 40


class PosTransactions(dy.Schema):
    """A line of a receipt."""

    pos_transaction_id = dy.String(
        primary_key=True, description="Receipt and line: `<receipt>-<line>`."
    )
    store_id = dy.String(description="Store.")
    loyalty_id = dy.String(nullable=True, description="Rewards card; null for most receipts.")
    product_id = dy.String(description="Product.", metadata=references("products", "product_id"))
    quantity = dy.Int32(min=1, description="Pieces.")
    unit_price = dy.Decimal(10, 2, min_exclusive=0, description="Price a piece, US dollars.")
    payment_token = dy.String(nullable=True, description="Token of the card, where it is known.")
    transaction_total = dy.Decimal(10, 2, description="Sum of the receipt, on each of its lines.")
    transaction_date = dy.Datetime(time_unit="us", description="Moment of the sale (UTC).")
    payment_method = dy.String(description=f"One of {', '.join(METHODS)}.")


def receipt_id(stats: pl.Expr) -> pl.Expr:
    """Id of a receipt, which its lines begin with."""
    return numbered("POS-", stats, 100_000_000)


def partition_stats(world: World, partition: Partition) -> pl.LazyFrame:
    """The receipts that have lines in a partition, and who shopped (null for nobody known)."""
    frame = world.partition_stats.touching(partition).with_columns(
        order_id=receipt_id(pl.col("order"))
    )
    return world.visitors(POS, frame, pl.col("known_order"))


def generate(scenario: IdentityScenario, partition: Partition) -> pl.LazyFrame:
    """Lines of a partition."""
    world = open_world(scenario)
    draw, stats, person = world.draw(POS), pl.col("order"), pl.col("person")
    paid, known = pl.col("payment_method"), pl.col("person").is_not_null()
    strangers = world.partition_stats.orders // RECEIPTS_A_CARD + 1
    stranger = draw.substream("stranger").integers(stats, 0, strangers)
    has_card = known | draw.substream("known").bernoulli(stats, KNOWN_CARD)
    begin, end = since_epoch(SALES_BEGIN), since_epoch(SALES_END)
    number = pl.when(known).then(world.card_number(person, 0)).otherwise(stranger + STRANGERS)
    shared = (
        partition_stats(world, partition)
        .with_columns(payment_method=draw.substream("method").choice_u16(stats, METHODS))
        .with_columns(
            store_id=numbered("STORE-", draw.substream("store").integers(stats, 1, STORES + 1)),
            loyalty_id=world.card(world.visits[LOYALTY].rank(person, pl.col("pattern"))),
            payment_token=pl.when((paid != "cash") & has_card).then(
                token(world.draw("payment"), number)
            ),
            transaction_date=moment(draw.substream("date").integers(stats, begin, end)),
        )
        .select("order", "first_row", "lines", "order_id", *SHARED)
    )
    return priced(world, POS, shared, US_DOLLARS, partition).rename(
        {"line_id": "pos_transaction_id", "total": "transaction_total"}
    )


SHARED = ("store_id", "loyalty_id", "payment_token", "transaction_date", "payment_method")


def table(partitioning: Sharded) -> Table:
    """The table."""
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Line items of sales in stores; `pos_transaction_id` is `<receipt>-<line>`.",
        schema=PosTransactions,
        partitioning=partitioning,
        source=Generated(evenly(partitioning, lambda scenario: scenario.records(POS)), generate),
        parents={"products": "products"},
        deps=["loyalty_members"],
        checks=[
            row_count(),
            foreign_key("loyalty_id", "loyalty_members", "loyalty_id"),
            known_receipts(),
            coherent_totals("pos_transaction_id", "transaction_total"),
            accepted_values("payment_method", list(METHODS)),
        ],
        cluster_by=["loyalty_id", "payment_token"],
    )
