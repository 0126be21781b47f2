"""The result of the reconciliation of stored purchases and the extracted backend tables."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Unpartitioned
from synth_assets.core.schema import pii
from synth_assets.core.sources import Derived
from synth_assets.domains.journey.backend import discrepancies
from synth_assets.domains.journey.backend.stored_records import scenario_of
from synth_assets.domains.journey.reconciliation.reconcile import reconcile
from synth_assets.domains.journey.scenario import DOMAIN, JourneyScenario
from synth_assets.domains.journey.tables import orders, purchases, users
from synth_assets.domains.journey.tables.extracts import PREFIX
from synth_assets.quality.building import abbreviated, waiting
from synth_assets.quality.proportions import Proportion, share_result
from synth_assets.quality.structural import accepted_values

NAME = "reconciled"
# Classes of transactions.
OF_TRANSACTIONS = (
    discrepancies.MATCHED,
    discrepancies.GA4_ONLY,
    discrepancies.AMOUNT_DIFFERS,
    discrepancies.STATUS_DIFFERS,
)


class Reconciled(dy.Schema):
    """A transaction, or an event or order without one."""

    record_key = dy.String(primary_key=True, description="Key of the record, as text.")
    date = dy.Date(description="Day of the event, or of an order without an event.")
    gap_class = dy.String(description=f"One of {', '.join(discrepancies.CLASSES)}.")
    user_pseudo_id = dy.String(
        nullable=True, description="Id of the visitor's browser.", metadata=pii("device_id")
    )
    user_id = dy.Int64(nullable=True, description="The backend's customer.")
    transaction_id = dy.String(nullable=True, description="Id of the transaction.")
    order_id = dy.Int64(nullable=True, description="The backend's order.")
    ga4_cents = dy.Int64(
        nullable=True, description="Revenue, tax and shipping of the event, cents."
    )
    backend_cents = dy.Int64(nullable=True, description="Total of the order, cents.")
    came_late = dy.Bool(nullable=True, description="The order was created after the days of grace.")


def derive(stored: TableView, _: str) -> pl.LazyFrame:
    """The class of every stored record.

    Args:
        stored: The table, and others of its domain.
    """
    names = (purchases.NAME, PREFIX + users.NAME, PREFIX + orders.NAME)
    found = reconcile(*(stored.other(name).all().collect() for name in names))
    return found.lazy().with_columns(date=pl.col("day").str.to_date())


def conserved() -> Check:
    """Every purchase event and every order is in one row, and there are no other rows."""

    def measure(stored: TableView) -> list[CheckResult]:
        day = pl.col("date").cast(pl.String)
        rows = stored.all().select("record_key", "order_id", day=day).collect()
        events = _with_day(stored.other(purchases.NAME))
        taken = _with_day(stored.other(PREFIX + orders.NAME), "order_id")
        of_events = rows.filter(~pl.col("record_key").str.starts_with("order|"))
        known = rows.select("order_id").drop_nulls()
        # Days that another run has stored since the table was derived.
        late = _only_days(events, of_events["day"])
        late |= _only_days(taken, taken.join(known, on="order_id", how="semi")["day"])
        in_time = ~pl.col("day").is_in(list(late))
        events, taken = events.filter(in_time), taken.filter(in_time)
        wrong = abs(len(of_events) - len(events)) + abs(len(taken) - len(known))
        wrong += taken.join(known, on="order_id", how="anti").height
        numbers = {"events": float(len(events)), "orders": float(len(taken))}
        if late and not wrong:
            return [
                waiting(None, f"the table is made again: {abbreviated(sorted(late))} came after it")
            ]
        return [CheckResult(None, wrong == 0, float(wrong), "= 0", numbers)]

    doc = "Every purchase event and every order is in one row."
    reads = (purchases.NAME, PREFIX + orders.NAME)
    return Check("every_transaction_in_one_row", doc, measure, per_partition=False, reads=reads)


def _with_day(table: TableView, *columns: str) -> pl.DataFrame:
    return table.all().select(*columns, day=table.table.partitioning.partition_column).collect()


def _only_days(rows: pl.DataFrame, seen: pl.Series) -> set[str]:
    """Days of rows that are not among the days seen."""
    return set(rows["day"]) - set(seen)


def match_rate() -> Check:
    """The share of transactions that match is one minus the gap rate."""

    def measure(stored: TableView) -> list[CheckResult]:
        found = stored.all().filter(pl.col("gap_class").is_in(OF_TRANSACTIONS))
        matched = (pl.col("gap_class") == discrepancies.MATCHED).sum()
        row = found.select(pl.len(), matched).collect().row(0)
        matches = Proportion(int(row[1]), int(row[0]), 1 - scenario_of(stored).gap_rate)
        return [share_result(matches, {"transactions": float(row[0])})]

    doc = "The share of transactions that match is 1 - gap rate, within five standard errors."
    return Check("match_rate_as_declared", doc, measure, per_partition=False)


def table(scenario: JourneyScenario) -> Table:
    """The table.

    Args:
        scenario: The scenario.
    """
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Transactions, and events and orders without one, each with its class.",
        schema=Reconciled,
        partitioning=Unpartitioned(),
        code_version="2",
        source=Derived(derive),
        deps=[purchases.NAME, *(PREFIX + m.NAME for m in (users, orders))],
        checks=[accepted_values("gap_class", discrepancies.CLASSES), conserved(), match_rate()],
        cluster_by=["gap_class"],
    )
