"""Checks of orders: after the sign-up, and a status that fits the order's age."""

from __future__ import annotations

import numpy as np
import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, TableView
from synth_assets.domains.jaffle.lifecycle import STATUSES, status_shares, steps
from synth_assets.domains.jaffle.scenario import JaffleScenario
from synth_assets.quality.building import row_check
from synth_assets.quality.proportions import Proportion, shares_result

# The status of orders that an anomaly has lost.
LOST = "lost"
# Seconds of age that the check of statuses takes together, and what this may falsify a share by.
AGE_STEP, AGE_ERROR = 300, 0.01


def after_signup(signups: str) -> Check:
    """No order precedes its customer's sign-up.

    Args:
        signups: Name of the sign-up table.
    """

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        accounts = stored.other(signups).all().select("user_id", "signup_date")
        joined = stored.current().join(accounts, on="user_id")
        return joined.filter(pl.col("order_date") < pl.col("signup_date"))

    doc = f"No order precedes the customer's sign-up in `{signups}`."
    return row_check("order_date_after_signup", doc, failing_rows, reads=[signups])


def status_in_time() -> Check:
    """The status fits the order's age when the row was written."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        scenario: JaffleScenario = stored.scenario  # type: ignore[assignment]
        (_, ship), (_, deliver), *_ = steps(scenario)
        written = _written(stored)
        waited = (written - pl.col("order_date")).dt.total_seconds()
        updated = pl.col("status_updated_at")
        placed, shipped = pl.col("status") == "placed", pl.col("status") == "shipped"
        sound = (
            updated.is_between(pl.col("order_date"), written)
            & (placed == (updated == pl.col("order_date")))
            & (~placed | (waited <= ship))
            & (~shipped | (waited <= ship + deliver))
        )
        return stored.current().filter((pl.col("status") != LOST) & ~sound)

    doc = (
        "Every status was reached between the order and the end of the day of its arrival, and no "
        "order waits longer than dispatch and delivery take."
    )
    return row_check("status_reached_in_time", doc, failing_rows)


def _written(stored: TableView) -> pl.Expr:
    """The end of the day on which a row was written: in the first partition that of its date."""
    scenario: JaffleScenario = stored.scenario  # type: ignore[assignment]
    day = pl.col(stored.table.partitioning.partition_column).str.to_date()
    on = pl.col("order_date").dt.date()
    arrived = pl.when(day == scenario.start_date).then(on).otherwise(day)
    return arrived.cast(pl.Datetime("us")) + pl.duration(days=1)


def status_by_age() -> Check:
    """Statuses have the shares that follow from the ages of the orders."""

    def measure(stored: TableView) -> list[CheckResult]:
        scenario: JaffleScenario = stored.scenario  # type: ignore[assignment]
        age = (_written(stored) - pl.col("order_date")).dt.total_seconds() // AGE_STEP
        found = stored.all().group_by(age=age).agg(pl.col("status").value_counts(), pl.len())
        counts, expected, rows = dict.fromkeys(STATUSES, 0), np.zeros(len(STATUSES)), 0
        for bucket, statuses, orders in found.collect().sort("age").iter_rows():
            middle = int(bucket * AGE_STEP + AGE_STEP / 2)
            expected += orders * status_shares(scenario, middle)
            rows += orders
            for value in statuses:
                counts[value["status"]] = counts.get(value["status"], 0) + value["count"]
        shares = {
            status: Proportion(counts[status], rows, float(share / max(rows, 1)))
            for status, share in zip(STATUSES, expected, strict=True)
        }
        return [shares_result(shares, least=AGE_ERROR)]

    doc = "Shares of `status` are those that follow from the ages of the orders when written."
    return Check("status_distribution", doc, measure, blocking=False, per_partition=False)
