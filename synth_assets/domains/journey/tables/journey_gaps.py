"""The ground truth of the reconciliation: every planted discrepancy, with its cause."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.schema import pii
from synth_assets.core.sources import Derived
from synth_assets.domains.journey.backend import discrepancies
from synth_assets.domains.journey.backend.stored_records import of_day, records_of, scenario_of
from synth_assets.domains.journey.scenario import DOMAIN, JourneyScenario
from synth_assets.domains.journey.tables import purchases, signups
from synth_assets.domains.journey.tables.purchases import is_usable
from synth_assets.quality.structural import accepted_values
from synth_assets.quality.tolerance import ROUNDING

NAME = "journey_gaps"
# Records by which the number of a cause may differ from its share (see ``backend.dealing``).
MOST_OFF = 4


class JourneyGaps(dy.Schema):
    """A transaction, event or order that differs from the other source."""

    record_key = dy.String(primary_key=True, description="Key of the record, as text.")
    gap_class = dy.String(description=f"One of {', '.join(discrepancies.CLASSES[1:])}.")
    cause = dy.String(description=f"One of {', '.join(discrepancies.CAUSES)}.")
    user_pseudo_id = dy.String(
        nullable=True, description="Id of the visitor's browser.", metadata=pii("device_id")
    )
    transaction_id = dy.String(nullable=True, description="Id of the transaction.")
    order_id = dy.Int64(nullable=True, description="The backend's order.")
    ga4_cents = dy.Int64(
        nullable=True, description="Revenue, tax and shipping of the event, cents."
    )
    backend_cents = dy.Int64(nullable=True, description="Total of the order, cents.")


def derive(stored: TableView, key: str) -> pl.LazyFrame:
    """Discrepancies of a day.

    Args:
        stored: The table, and others of its domain.
        key: Day to derive.
    """
    return of_day(records_of(stored, key).ground_truth, key)


def gap_rate() -> Check:
    """The share of transactions that differ is the scenario's gap rate."""
    among = discrepancies.OF_TRANSACTIONS

    def measure(stored: TableView) -> list[CheckResult]:
        days = sorted(stored.partition_stats)
        pairs = ["user_pseudo_id", "transaction_id"]
        usable = purchases.read(stored, days).filter(is_usable(pl.col("transaction_id")))
        transactions = usable.select(pairs).n_unique() if len(usable) else 0
        found = stored.all().filter(pl.col("cause").is_in(among)).select(pl.len()).collect().item()
        expected = scenario_of(stored).gap_rate * transactions
        numbers = {"transactions": float(transactions), "gaps": float(found)}
        off = abs(found - expected)
        return [CheckResult(None, off <= 1 + ROUNDING, off, "<= 1 transaction", numbers)]

    doc = "The transactions without an equal order are those of the gap rate, give or take one."
    return Check("gap_rate_as_declared", doc, measure, per_partition=False, reads=(purchases.NAME,))


def causes() -> Check:
    """Each cause has its share of the discrepancies of transactions."""

    def measure(stored: TableView) -> list[CheckResult]:
        shares = discrepancies.cause_shares(scenario_of(stored))
        gaps = stored.all().filter(pl.col("cause").is_in(list(shares))).collect()
        # Transactions without a revenue have other causes than those of amounts.
        unpaid = gaps["ga4_cents"].null_count()
        found = dict(gaps.group_by("cause").len().iter_rows())
        expected = {c: s / sum(shares.values()) * len(gaps) for c, s in shares.items()}
        off = {cause: abs(found.get(cause, 0) - n) for cause, n in expected.items()}
        bound = MOST_OFF + unpaid
        wrong = [
            {"cause": cause, "records": found.get(cause, 0), "expected": round(expected[cause], 1)}
            for cause, difference in off.items()
            if difference > bound
        ]
        worst = max(off.values())
        numbers = {f"records.{cause}": float(found.get(cause, 0)) for cause in shares}
        return [CheckResult(None, not wrong, worst, f"<= {bound} records", numbers, wrong)]

    doc = "Each cause of the gap rate has its share, to a few records."
    return Check("cause_shares", doc, measure, per_partition=False)


def table(scenario: JourneyScenario) -> Table:
    """The table.

    Args:
        scenario: The scenario.
    """
    partitioning = scenario.partitioning
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Ground truth of the reconciliation: every planted discrepancy, with class and cause.",
        schema=JourneyGaps,
        partitioning=partitioning,
        code_version="2",
        source=Derived(derive),
        deps=[purchases.NAME, signups.NAME],
        checks=[
            accepted_values("gap_class", discrepancies.CLASSES[1:]),
            accepted_values("cause", discrepancies.CAUSES),
            gap_rate(),
            causes(),
        ],
    )
