"""Purchase events of a day, flat: what the backend is made of, whichever export holds them."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.errors import UserError
from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Daily
from synth_assets.core.schema import pii
from synth_assets.core.sources import Derived
from synth_assets.domains.journey.tables import events

NAME = "purchases"
PURCHASE = "purchase"
# Ids in which a day is written out leave room for so many rows a day.
ROWS_A_DAY = 1_000_000
# What stands in the place of an id that was lost; blanks count, too.
PLACEHOLDER, BLANKS = "(not set)", " \t\n\r"
# Events of the shop's own people, and what the ids begin with that testers use.
TRAFFIC_TYPE, INTERNAL, TEST_PREFIX = "traffic_type", "internal", "TEST-"

ITEM = {
    "item_name": dy.String(nullable=True),
    "quantity": dy.Int64(),
    "price_cents": dy.Int64(),
}


class Purchases(dy.Schema):
    """An event in which somebody bought something."""

    purchase_id = dy.Int64(primary_key=True, description="Day (YYYYMMDD) and number in the day.")
    event_timestamp = dy.Int64(min=0, description="Moment, microseconds since 1970 (UTC).")
    user_pseudo_id = dy.String(
        description="Id of the visitor's browser.", metadata=pii("device_id")
    )
    first_touch_timestamp = dy.Int64(description="Moment of the visitor's first visit.")
    transaction_id = dy.String(
        nullable=True, description="Id of the transaction; null, blank or a placeholder if lost."
    )
    revenue_cents = dy.Int64(nullable=True, description="Revenue, cents; null if not told.")
    tax_cents = dy.Int64(nullable=True, description="Tax in it, cents.")
    shipping_cents = dy.Int64(nullable=True, description="Shipping in it, cents.")
    items = dy.List(dy.Struct(ITEM), description="What was bought: name, quantity, price.")


def is_usable(transaction_id: pl.Expr) -> pl.Expr:
    """Whether an id tells transactions apart."""
    id_ = transaction_id.str.strip_chars(BLANKS)
    return id_.is_not_null() & (id_ != "") & (id_ != PLACEHOLDER)


def is_test(transaction_id: pl.Expr) -> pl.Expr:
    """Whether an id is a tester's."""
    return transaction_id.str.starts_with(TEST_PREFIX).fill_null(value=False)


def derive(stored: TableView, key: str) -> pl.LazyFrame:
    """The purchases of a day, in order of their moments.

    Events that are equal are one, and what testers did is none.
    """
    return flat(_sold(stored, key), key)


def _sold(stored: TableView, key: str) -> pl.LazyFrame:
    """Purchase events of a day of the export, but for those of testers."""
    export = stored.domain.table(events.NAME)
    bought = stored.reader.scan(export, [key]).filter(pl.col("event_name") == PURCHASE)
    param = pl.element().struct
    internal = (param.field("key") == TRAFFIC_TYPE) & (
        param.field("value").struct.field("string_value") == INTERNAL
    )
    tried = pl.col("event_params").list.eval(internal).list.any().fill_null(value=False)
    return bought.filter(~tried & ~is_test(pl.col("ecommerce").struct.field("transaction_id")))


def flat(found: pl.LazyFrame, key: str) -> pl.LazyFrame:
    """Purchase events of a day with the columns of the schema."""
    told = pl.col("ecommerce").struct
    moment = pl.col("event_timestamp")
    rows = found.select(
        "event_timestamp",
        "user_pseudo_id",
        first_touch_timestamp=pl.min_horizontal(
            pl.col("user_first_touch_timestamp").fill_null(moment), moment
        ),
        transaction_id=told.field("transaction_id"),
        revenue_cents=_cents(told.field("purchase_revenue")),
        tax_cents=_cents(told.field("tax_value")),
        shipping_cents=_cents(told.field("shipping_value")),
        items=pl.col("items").list.eval(_item(pl.element())),
        bundle="event_bundle_sequence_id",
        told=_as_text("event_params"),
        basket=_as_text("items"),
    )
    plain = [name for name in Purchases.column_names() if name not in ("purchase_id", "items")]
    # A total order, so that numbers do not depend on how rows lay in the store.
    by = [*plain, "bundle", "told", "basket"]
    first = int(key.replace("-", "")) * ROWS_A_DAY + 1
    ordered = rows.unique(by).sort(by, nulls_last=True)
    return ordered.with_columns(purchase_id=first + pl.int_range(pl.len(), dtype=pl.Int64))


def _as_text(column: str) -> pl.Expr:
    return pl.col(column).list.eval(pl.element().struct.json_encode()).list.join(",")


def _cents(dollars: pl.Expr) -> pl.Expr:
    # As SQL has it, too: databases round halves each in a way of their own.
    return (dollars * 100 + 0.5).floor().cast(pl.Int64)


def _item(item: pl.Expr) -> pl.Expr:
    field = item.struct.field
    return pl.struct(
        item_name=field("item_name"),
        quantity=field("quantity").fill_null(1).clip(1),
        price_cents=_cents(field("price").fill_null(0.0)).clip(0),
    )


def read(stored: TableView, keys: list[str]) -> pl.DataFrame:
    """Stored purchases of these days, with ``day``."""
    table = stored.domain.table(NAME)
    return stored.reader.scan(table, keys).collect()


def up_to(stored: TableView, key: str) -> list[str]:
    """The days up to one, all of which must be stored: who is new depends on those before."""
    table = stored.domain.table(NAME)
    keys = list(table.partitioning.keys())
    if key not in keys:
        raise UserError(f"{key} is no day of {table.path}")
    return keys[: keys.index(key) + 1]


def every_purchase() -> Check:
    """No purchase event was lost."""

    def measure(stored: TableView) -> list[CheckResult]:
        results, partition_stats = [], stored.partition_stats
        for key in stored.keys:
            wanted = flat(_sold(stored, key), key).select(pl.len()).collect().item()
            rows = partition_stats[key].rows
            results.append(CheckResult(key, rows == wanted, float(rows), f"= {wanted:,}"))
        return results

    doc = f"Every `{PURCHASE}` event of `{events.NAME}` but for testers' is here, once."
    return Check("every_purchase", doc, measure, reads=(events.NAME,))


def table(partitioning: Daily) -> Table:
    """The table."""
    return Table(
        domain=events.DOMAIN,
        name=NAME,
        doc="Purchase events, flat, with amounts in cents.",
        schema=Purchases,
        partitioning=partitioning,
        source=Derived(derive),
        deps=[events.NAME],
        checks=[every_purchase()],
        cluster_by=["user_pseudo_id"],
    )
