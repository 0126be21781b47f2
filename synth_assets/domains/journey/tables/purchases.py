"""Purchase events, flattened: the input of the backend, from any GA4 export."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.errors import UserError
from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.schema import pii
from synth_assets.core.sources import Derived
from synth_assets.domains.journey.scenario import DOMAIN, JourneyScenario
from synth_assets.domains.journey.tables import events

NAME = "purchases"
PURCHASE = "purchase"
# Most rows of a day for which ids that begin with the day are distinct.
ROWS_A_DAY = 1_000_000
# Placeholder of a missing transaction id, and characters of a blank one.
PLACEHOLDER, BLANKS = "(not set)", " \t\n\r"
# Parameter and value of internal traffic, and prefix of the transaction ids of tests.
TRAFFIC_TYPE, INTERNAL, TEST_PREFIX = "traffic_type", "internal", "TEST-"

ITEM = {
    "item_name": dy.String(nullable=True),
    "quantity": dy.Int64(),
    "price_cents": dy.Int64(),
}


class Purchases(dy.Schema):
    """A purchase event."""

    purchase_id = dy.Int64(primary_key=True, description="Day (YYYYMMDD) and number in the day.")
    event_timestamp = dy.Int64(min=0, description="Time, microseconds since 1970 (UTC).")
    user_pseudo_id = dy.String(
        description="Id of the visitor's browser.", metadata=pii("device_id")
    )
    first_touch_timestamp = dy.Int64(description="Time of the visitor's first visit, microseconds.")
    transaction_id = dy.String(
        nullable=True, description="Id of the transaction; null, blank or a placeholder if missing."
    )
    revenue_cents = dy.Int64(nullable=True, description="Revenue, cents; null if not reported.")
    tax_cents = dy.Int64(nullable=True, description="Tax, cents, not in the revenue.")
    shipping_cents = dy.Int64(nullable=True, description="Shipping, cents, not in the revenue.")
    coupon = dy.String(nullable=True, description="Code of the coupon that lowered the prices.")
    items = dy.List(dy.Struct(ITEM), description="Items: name, quantity, price.")


def is_usable(transaction_id: pl.Expr) -> pl.Expr:
    """Whether an id identifies a transaction: not null, blank or the placeholder.

    Args:
        transaction_id: Ids (String).
    """
    id_ = transaction_id.str.strip_chars(BLANKS)
    return id_.is_not_null() & (id_ != "") & (id_ != PLACEHOLDER)


def is_test(transaction_id: pl.Expr) -> pl.Expr:
    """Whether an id is that of a test order.

    Args:
        transaction_id: Ids (String).
    """
    return transaction_id.str.starts_with(TEST_PREFIX).fill_null(value=False)


def derive(stored: TableView, key: str) -> pl.LazyFrame:
    """The purchases of a day, ordered by time, without duplicates and tests.

    Args:
        stored: The table, and others of its domain.
        key: Day to derive.
    """
    return flat(_sold(stored, key), key)


def _sold(stored: TableView, key: str) -> pl.LazyFrame:
    """A day's purchase events of known visitors, except those of testers."""
    export = stored.domain.table(events.NAME)
    bought = stored.reader.scan(export, [key]).filter(
        (pl.col("event_name") == PURCHASE) & pl.col("user_pseudo_id").is_not_null()
    )
    param = pl.element().struct
    internal = (param.field("key") == TRAFFIC_TYPE) & (
        param.field("value").struct.field("string_value") == INTERNAL
    )
    is_internal = pl.col("event_params").list.eval(internal).list.any().fill_null(value=False)
    return bought.filter(
        ~is_internal & ~is_test(pl.col("ecommerce").struct.field("transaction_id"))
    )


def flat(found: pl.LazyFrame, key: str) -> pl.LazyFrame:
    """Purchase events with the columns of the schema.

    Args:
        found: Purchase events of a day, as exported.
        key: The day.
    """
    ecommerce = pl.col("ecommerce").struct
    moment = pl.col("event_timestamp")
    rows = found.select(
        "event_timestamp",
        "user_pseudo_id",
        first_touch_timestamp=pl.min_horizontal(
            pl.col("user_first_touch_timestamp").fill_null(moment), moment
        ),
        transaction_id=ecommerce.field("transaction_id"),
        revenue_cents=_cents(ecommerce.field("purchase_revenue")),
        tax_cents=_cents(ecommerce.field("tax_value")),
        shipping_cents=_cents(ecommerce.field("shipping_value")),
        items=pl.col("items").list.eval(_item(pl.element())),
        coupon=_coupon(),
        bundle="event_bundle_sequence_id",
        params=_as_text("event_params"),
        basket=_as_text("items"),
    )
    plain = [name for name in Purchases.column_names() if name not in ("purchase_id", "items")]
    # A total order, so that ids do not depend on the order of rows in the store.
    by = [*plain, "bundle", "params", "basket"]
    first = int(key.replace("-", "")) * ROWS_A_DAY + 1
    ordered = rows.unique(by).sort(by, nulls_last=True)
    return ordered.with_columns(purchase_id=first + pl.int_range(pl.len(), dtype=pl.Int64))


def _coupon() -> pl.Expr:
    element = pl.element().struct
    code = pl.when(element.field("key") == "coupon").then(
        element.field("value").struct.field("string_value")
    )
    found = pl.col("event_params").list.eval(code.drop_nulls()).list.first()
    return pl.when(~found.is_in(["", PLACEHOLDER])).then(found)


def _as_text(column: str) -> pl.Expr:
    return pl.col(column).list.eval(pl.element().struct.json_encode()).list.join(",")


def _cents(dollars: pl.Expr) -> pl.Expr:
    # The same formula is used in SQL, since databases round halves differently.
    return (dollars * 100 + 0.5).floor().cast(pl.Int64)


def _item(item: pl.Expr) -> pl.Expr:
    field = item.struct.field
    return pl.struct(
        item_name=field("item_name"),
        quantity=field("quantity").fill_null(1).clip(1),
        price_cents=_cents(field("price").fill_null(0.0)).clip(0),
    )


def read(stored: TableView, keys: list[str]) -> pl.DataFrame:
    """Stored purchases of some days, with ``day``.

    Args:
        stored: The table, and others of its domain.
        keys: The days.
    """
    table = stored.domain.table(NAME)
    return stored.reader.scan(table, keys).collect()


def up_to(stored: TableView, key: str) -> list[str]:
    """The days up to one; all must be stored, since new customers depend on earlier days.

    Args:
        stored: The table, and others of its domain.
        key: Last day.

    Raises:
        UserError: The day is not in the table's partitioning.
    """
    table = stored.domain.table(NAME)
    keys = list(table.partitioning.keys())
    if key not in keys:
        raise UserError(f"{key} is no day of {table.path}")
    return keys[: keys.index(key) + 1]


def every_purchase() -> Check:
    """No purchase event is missing."""

    def measure(stored: TableView) -> list[CheckResult]:
        results, partition_stats = [], stored.partition_stats
        for key in stored.keys:
            expected = flat(_sold(stored, key), key).select(pl.len()).collect().item()
            rows = partition_stats[key].rows
            results.append(CheckResult(key, rows == expected, float(rows), f"= {expected:,}"))
        return results

    doc = f"Every `{PURCHASE}` event of `{events.NAME}`, except those of tests, is here once."
    return Check("every_purchase_event_present", doc, measure, reads=(events.NAME,))


def table(scenario: JourneyScenario) -> Table:
    """The table.

    Args:
        scenario: The scenario.
    """
    partitioning = scenario.partitioning
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Purchase events, flattened, with amounts in cents.",
        schema=Purchases,
        event_time="event_timestamp",
        partitioning=partitioning,
        code_version="2",
        source=Derived(derive),
        deps=[events.NAME],
        checks=[every_purchase()],
        cluster_by=["user_pseudo_id"],
    )
