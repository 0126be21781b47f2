"""In-store sales: one row per line item; most receipts have no known customer.

Amounts are in US dollars, since the table has no currency.
"""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Partition
from synth_assets.core.schema import references
from synth_assets.core.sources import Generated, evenly
from synth_assets.domains.identity_resolution.catalog import US_DOLLARS
from synth_assets.domains.identity_resolution.line_items import priced
from synth_assets.domains.identity_resolution.model import EVERY, Model, open_model, token
from synth_assets.domains.identity_resolution.order_checks import coherent_totals, known_receipts
from synth_assets.domains.identity_resolution.payment_methods import (
    CASH,
    METHODS,
    method,
    methods_of_countries,
)
from synth_assets.domains.identity_resolution.promotions import NONE
from synth_assets.domains.identity_resolution.scenario import DOMAIN, IdentityScenario
from synth_assets.domains.identity_resolution.source_membership import LOYALTY, POS
from synth_assets.domains.identity_resolution.stores import NEAREST
from synth_assets.domains.identity_resolution.visits import (
    day_of_visit,
    placed_anywhere,
    time_of_visit,
)
from synth_assets.quality.building import row_check, when_complete
from synth_assets.quality.keys import foreign_key
from synth_assets.quality.row_counts import row_count
from synth_assets.quality.structural import accepted_values
from synth_assets.randomness.values import moment, numbered

NAME = "pos_transactions"
# Share of anonymous receipts with a known payment card, and receipts per such card on average.
KNOWN_CARD, RECEIPTS_A_CARD = 0.5, 3
# Added to numbers of unknown customers' cards, above all card numbers of persons.
UNKNOWN_CARDS = 1 << 40
MOST_STORES = len(NEAREST)


class PosTransactions(dy.Schema):
    """A line of a receipt."""

    pos_transaction_id = dy.String(
        primary_key=True, description="Receipt and line: `<receipt>-<line>`."
    )
    store_id = dy.String(description="Store: `STORE-<country>-<number>`.")
    loyalty_id = dy.String(nullable=True, description="Rewards card; null for most receipts.")
    product_id = dy.String(description="Product.", metadata=references("products", "product_id"))
    quantity = dy.Int32(min=1, description="Pieces.")
    unit_price = dy.Decimal(10, 2, min_exclusive=0, description="Price a piece, US dollars.")
    payment_token = dy.String(nullable=True, description="Token of the card, where it is known.")
    transaction_total = dy.Decimal(10, 2, description="Sum of the receipt, on each of its lines.")
    transaction_date = dy.Datetime(time_unit="us", description="Moment of the sale (UTC).")
    payment_method = dy.String(description=f"One of {', '.join(METHODS)}.")


def receipt_id(receipt: pl.Expr) -> pl.Expr:
    """Id of a receipt, which the ids of its lines begin with.

    Args:
        receipt: Number of the receipt.
    """
    return numbered("POS-", receipt, 100_000_000)


def receipts(model: Model, partition: Partition, only: pl.Expr = EVERY) -> pl.LazyFrame:
    """The receipts with lines in a partition, and their persons (null for unknown ones).

    Args:
        model: The domain's model.
        partition: Row numbers of the lines.
        only: Condition on ``order``; other receipts are left out.
    """
    frame = model.receipts.touching(partition).filter(only)
    frame = frame.with_columns(order_id=receipt_id(pl.col("order")))
    return model.persons_of(POS, frame, pl.col("known_order"))


def generate(scenario: IdentityScenario, partition: Partition) -> pl.LazyFrame:
    """The lines of a partition.

    Args:
        scenario: Seed and volumes.
        partition: Row numbers to generate.
    """
    model = open_model(scenario)
    stream, receipt, person = model.stream(POS), pl.col("order"), pl.col("person")
    paid, known = pl.col("payment_method"), pl.col("person").is_not_null()
    unknown_cards = model.receipts.orders // RECEIPTS_A_CARD + 1
    unknown_card = stream.substream("stranger").integers(receipt, 0, unknown_cards)
    has_card = known | stream.substream("known").bernoulli(receipt, KNOWN_CARD)
    number = (
        pl.when(known).then(model.card_number(person, 0)).otherwise(unknown_card + UNKNOWN_CARDS)
    )
    # Unknown persons have no number of visits, and their receipts are on any day.
    nth = pl.when(known).then("nth").otherwise(0)
    visits = pl.when(known).then(model.frequency[POS].count(pl.col("rank"))).otherwise(1)
    day = day_of_visit(model, receipt, nth, visits)
    shared = (
        placed_anywhere(model, receipts(model, partition))
        .with_columns(payment_method=method(stream.substream("method").bits(receipt)), day=day)
        .with_columns(
            store_id=model.stores.store_id(stream.substream("store").bits(receipt)),
            loyalty_id=model.card(model.frequency[LOYALTY].rank(person, pl.col("membership"))),
            payment_token=pl.when((paid != CASH) & has_card).then(
                token(model.stream("payment"), number)
            ),
            transaction_date=moment(time_of_visit(model, receipt, pl.col("day"))),
            code=pl.lit(NONE, dtype=pl.Int64),
        )
        .select("order", "first_row", "lines", "order_id", "day", "code", *SHARED)
    )
    return priced(model, POS, shared, US_DOLLARS, partition).rename(
        {"line_id": "pos_transaction_id", "total": "transaction_total"}
    )


def few_stores() -> Check:
    """A check that people shop in one to three stores, all of one country."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        known = stored.all().drop_nulls("loyalty_id")
        country = pl.col("store_id").str.extract(r"^STORE-([A-Z]{2})-")
        many = known.group_by("loyalty_id").agg(
            stores=pl.col("store_id").n_unique(), countries=country.n_unique()
        )
        wrong = many.filter((pl.col("stores") > MOST_STORES) | (pl.col("countries") > 1))
        return stored.current().join(wrong, on="loyalty_id", how="semi")

    doc = f"The sales of a card are in at most {MOST_STORES} stores of one country."
    return when_complete(row_check("card_used_in_few_stores", doc, failing_rows))


def last_use() -> Check:
    """A check that the last sale of a card is the last activity of its member."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        date = pl.col("transaction_date")
        known = stored.all().drop_nulls("loyalty_id")
        last = known.group_by("loyalty_id").agg(last=date.max())
        members = stored.other("loyalty_members").all().select("loyalty_id", "last_activity_date")
        joined = last.join(members, on="loyalty_id")
        wrong = joined.filter(pl.col("last") != pl.col("last_activity_date"))
        found = wrong.collect(engine="streaming")
        if found.is_empty():
            return stored.current().clear()
        return stored.current().join(found.lazy(), on="loyalty_id").filter(date == pl.col("last"))

    doc = "The last activity of a card that was used in stores is its last sale there."
    check = row_check(
        "last_activity_matches_last_sale", doc, failing_rows, reads=["loyalty_members"]
    )
    return when_complete(check, "loyalty_members")


SHARED = ("store_id", "loyalty_id", "payment_token", "transaction_date", "payment_method")


def table(scenario: IdentityScenario) -> Table:
    """The table of lines of in-store sales.

    Args:
        scenario: The scenario.
    """
    partitioning = scenario.partitioning
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Line items of sales in stores; `pos_transaction_id` is `<receipt>-<line>`.",
        schema=PosTransactions,
        partitioning=partitioning,
        source=Generated(evenly(partitioning, lambda scenario: scenario.records(POS)), generate),
        code_version="3",
        parents={"products": "products"},
        deps=["loyalty_members"],
        checks=[
            row_count(),
            foreign_key("loyalty_id", "loyalty_members", "loyalty_id"),
            known_receipts(),
            few_stores(),
            last_use(),
            coherent_totals("pos_transaction_id", "transaction_total"),
            accepted_values("payment_method", list(METHODS)),
            methods_of_countries(),
        ],
        cluster_by=["loyalty_id", "payment_token"],
    )
