"""The answer sheet: everything that events and orders do not tell alike, with its cause."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Daily
from synth_assets.core.schema import pii
from synth_assets.core.sources import Derived
from synth_assets.domains.journey.backend import discrepancies
from synth_assets.domains.journey.backend.stored_records import of_day, records_of, scenario_of
from synth_assets.domains.journey.tables import purchases
from synth_assets.domains.journey.tables.events import DOMAIN
from synth_assets.domains.journey.tables.purchases import is_usable
from synth_assets.quality.structural import accepted_values

NAME = "journey_gaps"
SIGMAS = 5.0


class JourneyGaps(dy.Schema):
    """A transaction, an event or an order that the other side does not tell alike."""

    record_key = dy.String(primary_key=True, description="What it is about, in words.")
    gap_class = dy.String(description=f"One of {', '.join(discrepancies.CLASSES[1:])}.")
    cause = dy.String(description=f"One of {', '.join(discrepancies.CAUSES)}.")
    user_pseudo_id = dy.String(
        nullable=True, description="Id of the visitor's browser.", metadata=pii("device_id")
    )
    transaction_id = dy.String(nullable=True, description="Id of the transaction.")
    order_id = dy.Int64(nullable=True, description="The backend's order.")
    ga4_cents = dy.Int64(nullable=True, description="Revenue of the event, cents.")
    backend_cents = dy.Int64(nullable=True, description="Total of the order, cents.")


def derive(stored: TableView, key: str) -> pl.LazyFrame:
    """Gaps of a day."""
    return of_day(records_of(stored, key).ground_truth, key)


def gap_rate() -> Check:
    """The share of the transactions that differ is the one that was asked for."""
    among = tuple(discrepancies.CAUSE_SHARES)

    def measure(stored: TableView) -> list[CheckResult]:
        days = sorted(stored.partition_stats)
        pairs = ["user_pseudo_id", "transaction_id"]
        usable = purchases.read(stored, days).filter(is_usable(pl.col("transaction_id")))
        transactions = usable.select(pairs).n_unique() if len(usable) else 0
        wanted = scenario_of(stored).gap_rate
        found = stored.all().filter(pl.col("cause").is_in(among)).select(pl.len()).collect().item()
        share = found / transactions if transactions else wanted
        slack = SIGMAS * (wanted * (1 - wanted) / max(transactions, 1)) ** 0.5
        inside = abs(share - wanted) <= slack + 1e-12
        numbers = {"transactions": float(transactions), "match_rate": 1 - share}
        bound = f"{wanted:.3f} give or take {slack:.3f}"
        return [CheckResult(None, inside, share, bound, numbers)]

    doc = "The share of transactions without an equal order is the gap rate."
    return Check("gap_rate", doc, measure, per_partition=False, reads=(purchases.NAME,))


def table(partitioning: Daily) -> Table:
    """The table."""
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="The answer sheet of the reconciliation: every difference, with class and cause.",
        schema=JourneyGaps,
        partitioning=partitioning,
        source=Derived(derive),
        deps=[purchases.NAME],
        checks=[
            accepted_values("gap_class", discrepancies.CLASSES[1:]),
            accepted_values("cause", discrepancies.CAUSES),
            gap_rate(),
        ],
    )
