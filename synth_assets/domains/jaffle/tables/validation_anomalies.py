"""Ground truth of the validation data: every planted anomaly, to score detectors against."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import dataframely as dy
import numpy as np
import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Partition
from synth_assets.core.sources import Generated, row_numbers
from synth_assets.domains.jaffle.ad_calendar import SOURCES
from synth_assets.domains.jaffle.anomalies import KINDS
from synth_assets.domains.jaffle.model import Model, open_model
from synth_assets.domains.jaffle.scenario import DOMAIN, JaffleScenario
from synth_assets.domains.jaffle.tables import customers, orders, payments, sessions, signups
from synth_assets.quality.structural import accepted_values, checks_of
from synth_assets.randomness.run_lengths import Counts

NAME = "validation_anomalies"
ORDERS, PAYMENTS = "raw_orders_validation", "raw_payments_validation"
TABLES = (
    "raw_customers_validation",
    "raw_signups_validation",
    ORDERS,
    PAYMENTS,
    *(sessions.table_name(platform, "validation") for platform in SOURCES),
)
COLUMNS = ("table", "partition", "record", "kind")
LEAST_RECALL = 0.99


class Anomalies(dy.Schema):
    """One planted anomaly."""

    table = dy.String(description="Table of the validation data that has it.")
    partition = dy.String(description="Partition of that table, a date.")
    record = dy.Int64(
        nullable=True,
        description=(
            "Id of the row; null where the whole partition is anomalous; for a missing sign-up the "
            "id of its customer."
        ),
    )
    kind = dy.String(description=f"One of {', '.join(KINDS)}.")


def rows_before(scenario: JaffleScenario, day: int) -> int:
    """Row numbers before a day: they are days, each of which yields any number of rows.

    Args:
        scenario: Seed and volumes.
        day: Days since the start date.
    """
    return day


def generate_anomalies(scenario: JaffleScenario, partition: Partition) -> pl.LazyFrame:
    """Anomalies of a partition's days, from the functions that generate the tables.

    Args:
        scenario: Seed and volumes.
        partition: Days to generate.
    """
    model = open_model(scenario, "validation", partition.last)
    first, last = (scenario.history_days + day for day in (partition.start, partition.stop))

    def rows(starts: Counts) -> Partition:
        return Partition(partition.key, int(starts[first]), int(starts[last]), first, last)

    people, ordered = rows(model.customers.start), rows(model.orders.start)
    accounts = rows(signups.signup_runs(model).start)
    paid = rows(payments.SLOTS * model.orders.start)
    edited = {
        "raw_customers_validation": customers.noise(model).edits(
            customers.truth(model, people), "id", "day"
        ),
        "raw_signups_validation": signups.noise(model).edits(
            signups.truth(model, accounts), "id", "day"
        ),
        ORDERS: orders.noise(model).edits(orders.truth(model, ordered), "id", "day"),
        PAYMENTS: payments.noise(model).edits(payments.truth(model, paid), "id", "day"),
    }
    for platform in SOURCES:
        visits = rows(sessions.platform_runs(model, platform).start)
        edited[sessions.table_name(platform, "validation")] = sessions.noise(model, platform).edits(
            sessions.truth(model, platform, visits), "id", "day"
        )
    entries = [_entries(model, table, frame) for table, frame in edited.items()]
    entries += [
        _entries(model, "raw_signups_validation", frame)
        for frame in _orphans_and_missing(model, accounts)
    ]
    entries.append(_entries(model, ORDERS, _late(model, ordered)))
    changed = _changed_volumes(model, first, last)
    entries += [_entries(model, table, changed) for table in (ORDERS, PAYMENTS)]
    return pl.concat(entries).sort("row", maintain_order=True)


def _late(model: Model, ordered: Partition) -> pl.LazyFrame:
    run, runs = pl.col("run"), model.arrivals
    return (
        row_numbers(ordered)
        .with_columns(run=runs.locate(pl.col("row")))
        .with_columns(day=runs.lookup("arrival", run))
        .filter(pl.col("day") != runs.lookup("day", run))
        .select(
            (pl.col("row") + model.id_base).alias("record"),
            pl.lit("late_order").alias("kind"),
            "day",
        )
    )


def _orphans_and_missing(model: Model, accounts: Partition) -> Iterator[pl.LazyFrame]:
    slots = signups.slots(model, accounts)
    for kind, who, record in (
        ("orphan_signup", "orphan", "row"),
        ("missing_signup", "missing", "customer"),
    ):
        record_id = (pl.col(record) + model.id_base).alias("record")
        yield slots.filter(pl.col(who)).select(record_id, pl.lit(kind).alias("kind"), "day")


def _changed_volumes(model: Model, first: int, last: int) -> pl.LazyFrame:
    changed = pl.LazyFrame(
        {
            "day": np.arange(first, last),
            "usual": model.usual_orders[first:last],
            "stored": model.placed.size[first:last],
        }
    ).filter(pl.col("usual") != pl.col("stored"))
    dropped = pl.col("stored") < pl.col("usual")
    kind = pl.when(dropped).then(pl.lit("volume_drop")).otherwise(pl.lit("volume_spike"))
    return changed.select(pl.lit(None, pl.Int64).alias("record"), kind.alias("kind"), "day")


def _entries(model: Model, table: str, frame: pl.LazyFrame) -> pl.LazyFrame:
    on = pl.lit(model.date_of(0)) + pl.duration(days=pl.col("day"))
    return frame.select(
        pl.lit(table).alias("table"),
        on.cast(pl.Date).cast(pl.String).alias("partition"),
        "record",
        "kind",
        row=pl.col("day") - model.scenario.history_days,
    )


def anomalies_found() -> Check:
    """The validation tables' own checks find the planted anomalies, and none on clean days.

    ``measured`` is the lowest recall of any kind. If that suffices, it is the number of false
    alarms: partitions in which a check fails without a planted anomaly that it detects. Only days
    that both the table and the ground truth have stored are scored.
    """

    def measure(stored: TableView) -> list[CheckResult]:
        ground_truth = stored.all().collect()
        numbers: dict[str, float] = {}
        alarms: list[dict[str, object]] = []
        for table in TABLES:
            for check in checks_of(stored.domain.table(table)):
                if check.detects and check.failing_rows is not None:
                    _score(stored, table, check, ground_truth, numbers, alarms)
        recalls = [v for name, v in numbers.items() if name.startswith("recall.")]
        worst = min(recalls, default=1.0)
        numbers |= {"false_alarms": float(len(alarms)), "planted": float(len(ground_truth))}
        if worst < LEAST_RECALL or not alarms:
            bound = f">= {LEAST_RECALL}, the recall of each kind"
            return [CheckResult(None, worst >= LEAST_RECALL, worst, bound, numbers, alarms[:5])]
        bound = "= 0 false alarms"
        return [CheckResult(None, False, numbers["false_alarms"], bound, numbers, alarms[:5])]

    doc = (
        f"The checks of validation data find at least {LEAST_RECALL:.0%} of each planted kind and "
        "raise no alarm in a partition without it."
    )
    return Check("anomalies_found", doc, measure, per_partition=False, reads=TABLES)


def _score(
    stored: TableView,
    table: str,
    check: Check,
    ground_truth: pl.DataFrame,
    numbers: dict[str, float],
    alarms: list[dict[str, object]],
) -> None:
    target = stored.other(table)
    target = replace(target, keys=[key for key in target.keys if key in stored.partition_stats])
    partition_column = target.table.partitioning.partition_column
    assert check.failing_rows is not None
    found = check.failing_rows(target).collect().rename({partition_column: "partition"})
    here = ground_truth.filter(
        (pl.col("table") == table) & pl.col("partition").is_in(list(target.keys))
    )
    for kind in check.detects:
        planted = here.filter(pl.col("kind") == kind)
        if "session_id" in found.columns:
            found = found.with_columns(id=pl.col("session_id").str.slice(1).cast(pl.Int64))
        if "id" in found.columns:
            hits = planted.join(
                found, left_on=["partition", "record"], right_on=["partition", "id"], how="semi"
            )
        else:
            hits = planted.join(found, on="partition", how="semi")
        if len(planted):
            name = f"recall.{kind}"
            numbers[name] = min(numbers.get(name, 1.0), len(hits) / len(planted))
    affected = here.filter(pl.col("kind").is_in(list(check.detects)))
    clean = found.join(affected, on="partition", how="anti").get_column("partition").unique()
    alarms += [{"table": table, "rule": check.name, "partition": day} for day in clean.sort()]


def table(scenario: JaffleScenario) -> Table:
    """The table.

    Args:
        scenario: The scenario.
    """
    partitioning = scenario.partitioning
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="One row for each anomaly planted in the validation data of the day.",
        schema=Anomalies,
        partitioning=partitioning,
        source=Generated(rows_before, generate_anomalies),
        checks=[accepted_values("kind", list(KINDS)), anomalies_found()],
        deps=TABLES,
        tags={"dataset": "validation"},
        code_version="2",
    )
