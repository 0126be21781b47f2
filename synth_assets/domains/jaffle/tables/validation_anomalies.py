"""The ledger: where every anomaly of the validation data is, the answer sheet for detectors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import dataframely as dy
import numpy as np
import polars as pl

from synth_assets.core.model import Check, CheckResult, Table, TableView
from synth_assets.core.partitioning import Daily, Partition
from synth_assets.core.sources import Generated
from synth_assets.domains.jaffle.anomalies import KINDS
from synth_assets.domains.jaffle.model import DOMAIN, Shop, open_shop
from synth_assets.domains.jaffle.scenario import JaffleScenario
from synth_assets.domains.jaffle.tables import customers, orders, payments, signups
from synth_assets.quality.structural import accepted, checks_of
from synth_assets.randomness.run_lengths import Counts

NAME = "validation_anomalies"
TABLES = ("customers", "signups", "orders", "payments")
COLUMNS = ("table", "partition", "record", "kind")
LEAST_RECALL = 0.99


class Anomalies(dy.Schema):
    """One planted anomaly."""

    table = dy.String(description="Table of the validation data that carries it.")
    partition = dy.String(description="Partition of that table, a date.")
    record = dy.Int64(
        nullable=True,
        description=(
            "Id of the row; null where the whole partition is anomalous; of a missing sign-up the "
            "id of the customer who lacks it."
        ),
    )
    kind = dy.String(description=f"One of {', '.join(KINDS)}.")


def rows_before(scenario: JaffleScenario, day: int) -> int:
    """The ledger counts in days: each day yields as many rows as it has anomalies."""
    return day


def generate_anomalies(scenario: JaffleScenario, partition: Partition) -> pl.LazyFrame:
    """Anomalies of a partition's days, asked of the same functions that make the tables."""
    shop = open_shop(scenario, "validation", partition.last)
    first, last = partition.start, partition.stop

    def rows(starts: Counts) -> Partition:
        return Partition(partition.key, int(starts[first]), int(starts[last]), first, last)

    people, ordered = rows(shop.customers.start), rows(shop.orders.start)
    accounts = rows(signups.signup_runs(shop).start)
    paid = rows(payments.SLOTS * shop.orders.start)
    edited = {
        "customers": customers.noise(shop).edits(customers.truth(shop, people), "id", "day"),
        "signups": signups.noise(shop).edits(signups.truth(shop, accounts), "id", "day"),
        "orders": orders.noise(shop).edits(orders.truth(shop, ordered), "id", "day"),
        "payments": payments.noise(shop).edits(payments.truth(shop, paid), "id", "day"),
    }
    entries = [_entries(shop, table, frame) for table, frame in edited.items()]
    entries += [_entries(shop, "signups", frame) for frame in _orphans_and_missing(shop, accounts)]
    changed = _changed_volumes(shop, first, last)
    entries += [_entries(shop, table, changed) for table in ("orders", "payments")]
    return pl.concat(entries).sort("row", maintain_order=True)


def _orphans_and_missing(shop: Shop, accounts: Partition) -> Iterator[pl.LazyFrame]:
    slots = signups.slots(shop, accounts)
    for kind, who, record in (
        ("orphan_signup", "orphan", "row"),
        ("missing_signup", "missing", "customer"),
    ):
        record_id = (pl.col(record) + shop.id_base).alias("record")
        yield slots.filter(pl.col(who)).select(record_id, pl.lit(kind).alias("kind"), "day")


def _changed_volumes(shop: Shop, first: int, last: int) -> pl.LazyFrame:
    changed = pl.LazyFrame(
        {
            "day": np.arange(first, last),
            "usual": shop.usual_orders[first:last],
            "stored": shop.orders.size[first:last],
        }
    ).filter(pl.col("usual") != pl.col("stored"))
    dropped = pl.col("stored") < pl.col("usual")
    kind = pl.when(dropped).then(pl.lit("volume_drop")).otherwise(pl.lit("volume_spike"))
    return changed.select(pl.lit(None, pl.Int64).alias("record"), kind.alias("kind"), "day")


def _entries(shop: Shop, table: str, frame: pl.LazyFrame) -> pl.LazyFrame:
    on = pl.lit(shop.date_of(0)) + pl.duration(days=pl.col("day"))
    return frame.select(
        pl.lit(f"raw_{table}_validation").alias("table"),
        on.cast(pl.Date).cast(pl.String).alias("partition"),
        "record",
        "kind",
        row="day",
    )


def anomalies_found() -> Check:
    """The validation tables' own checks find what the ledger lists, and nothing on clean days.

    ``measured`` is the lowest recall of any kind or, where that suffices, the number of false
    alarms: partitions in which a check complains though the ledger has none of its kinds there.
    Days are scored that both the table and the ledger hold.
    """

    def measure(stored: TableView) -> list[CheckResult]:
        ledger = stored.whole.collect()
        numbers: dict[str, float] = {}
        alarms: list[dict[str, object]] = []
        for table in TABLES:
            for check in checks_of(stored.domain.table(f"raw_{table}_validation")):
                if check.detects and check.failing_rows is not None:
                    _score(stored, f"raw_{table}_validation", check, ledger, numbers, alarms)
        recalls = [v for name, v in numbers.items() if name.startswith("recall.")]
        worst = min(recalls, default=1.0)
        numbers |= {"false_alarms": float(len(alarms)), "planted": float(len(ledger))}
        if worst < LEAST_RECALL or not alarms:
            bound = f">= {LEAST_RECALL}, the recall of each kind"
            return [CheckResult(None, worst >= LEAST_RECALL, worst, bound, numbers, alarms[:5])]
        bound = "= 0 false alarms"
        return [CheckResult(None, False, numbers["false_alarms"], bound, numbers, alarms[:5])]

    doc = (
        f"The rules on validation data find at least {LEAST_RECALL:.0%} of each planted kind and "
        "raise no alarm in a partition without it."
    )
    reads = tuple(f"raw_{t}_validation" for t in TABLES)
    return Check("anomalies_found", doc, measure, per_partition=False, reads=reads)


def _score(
    stored: TableView,
    table: str,
    check: Check,
    ledger: pl.DataFrame,
    numbers: dict[str, float],
    alarms: list[dict[str, object]],
) -> None:
    target = stored.other(table)
    target = replace(target, keys=[key for key in target.keys if key in stored.partition_stats])
    partition_column = target.table.partitioning.partition_column
    assert check.failing_rows is not None
    found = check.failing_rows(target).collect().rename({partition_column: "partition"})
    here = ledger.filter((pl.col("table") == table) & pl.col("partition").is_in(list(target.keys)))
    for kind in check.detects:
        planted = here.filter(pl.col("kind") == kind)
        if "id" in found.columns:
            hits = planted.join(
                found, left_on=["partition", "record"], right_on=["partition", "id"], how="semi"
            )
        else:
            hits = planted.join(found, on="partition", how="semi")
        if len(planted):
            name = f"recall.{kind}"
            numbers[name] = min(numbers.get(name, 1.0), len(hits) / len(planted))
    struck = here.filter(pl.col("kind").is_in(list(check.detects)))
    clean = found.join(struck, on="partition", how="anti").get_column("partition").unique()
    alarms += [{"table": table, "rule": check.name, "partition": day} for day in clean.sort()]


def table(partitioning: Daily) -> Table:
    """The ledger as a table."""
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="One row for each anomaly planted in the validation data of the day.",
        schema=Anomalies,
        partitioning=partitioning,
        source=Generated(rows_before, generate_anomalies),
        checks=[accepted("kind", list(KINDS)), anomalies_found()],
        deps=[f"raw_{table}_validation" for table in TABLES],
        tags={"dataset": "validation"},
    )
