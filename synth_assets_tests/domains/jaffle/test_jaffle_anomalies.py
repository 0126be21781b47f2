"""Training data is clean, and the ground truth lists exactly the anomalies of validation data."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, get_args

import polars as pl
import pytest

from synth_assets.core.model import Domain
from synth_assets.domains.jaffle.anomalies import KINDS, Kind
from synth_assets.quality.structural import checks_of
from synth_assets_tests.domains.jaffle.facts import START
from synth_assets_tests.domains.jaffle.made import Frames, all_made, jaffle, stored
from synth_assets_tests.domains.jaffle.planted import (
    ALL,
    LEDGER,
    PREFIXES,
    VOLUMES,
    by_date,
    changed_volumes,
    in_data,
    kinds,
    of_validation,
    planted,
)
from synth_assets_tests.quality.memory import judge


@pytest.fixture(scope="module")
def usual() -> Frames:
    return of_validation(volume_drop=0, volume_spike=0)


def test_training_data_has_no_anomalies(frames: Frames) -> None:
    assert in_data(frames, "training") == set()


def test_anomaly_settings_do_not_change_training_data(frames: Frames) -> None:
    names = [f"{prefix}_training" for prefix in PREFIXES]
    other = all_made(jaffle(anomaly_days=1, volume_drop=1, blank_name=1), 60, names)
    assert all(other[name].equals(frames[name]) for name in names)


def test_the_ground_truth_matches_the_data(frames: Frames, usual: Frames) -> None:
    expected = in_data(frames) | changed_volumes(frames, usual)
    assert planted(frames) == expected
    assert kinds(expected) == set(get_args(Kind)) == set(KINDS)


def test_rows_outside_the_ground_truth_are_unchanged(frames: Frames) -> None:
    truth = of_validation(anomaly_days=0)["raw_customers_validation"]
    seen = frames["raw_customers_validation"]
    blank = {record for *_, record, kind in planted(frames) if kind == "blank_name"}
    assert truth["id"].equals(seen["id"])
    assert truth.drop("first_name").equals(seen.drop("first_name"))
    differ = seen.filter(seen["first_name"] != truth["first_name"])
    assert set(differ["id"]) == blank
    assert set(differ["first_name"]) == {"  "}


# Every other kind by default: all are planted by the same code.
EVERY_OTHER = [
    pytest.param(kind, marks=pytest.mark.slow if nth % 2 else ()) for nth, kind in enumerate(KINDS)
]


@pytest.mark.parametrize("kind", EVERY_OTHER)
def test_each_kind_can_be_switched_off(kind: str, frames: Frames, usual: Frames) -> None:
    without = of_validation(**{kind: 0})
    entries = planted(without)
    assert kinds(entries) == ALL - {kind}
    if kind in VOLUMES:
        assert kinds(changed_volumes(without, usual)) == set(VOLUMES) - {kind}
    else:
        assert entries == in_data(without) | changed_volumes(without, usual)
        # Anomalies of other tables are the same.
        touched = {table for table, *_, k in planted(frames) if k == kind}
        if kind == "late_order":  # numbers of orders, and so their payments, follow the arrivals
            touched.add("raw_payments_validation")
        others = {e for e in planted(frames) if e[0] not in touched}
        assert others == {e for e in entries if e[0] not in touched}


def test_without_anomaly_days_there_are_no_anomalies() -> None:
    frames = of_validation(anomaly_days=0)
    assert planted(frames) == in_data(frames) == set()
    assert frames[LEDGER].columns == ["table", "partition", "record", "kind", "day"]
    run = frames["raw_orders_validation"].filter(pl.col("day") < START + timedelta(days=8))
    assert abs(len(run) - 1_500) <= 2
    assert len(frames["raw_signups_validation"]) == len(frames["raw_customers_validation"])


@pytest.fixture(scope="module")
def affected() -> Frames:
    return of_validation(anomaly_days=1)


def test_anomalies_on_every_day(affected: Frames, usual: Frames) -> None:
    spiking = of_validation(anomaly_days=1, volume_drop=0)
    assert planted(affected) == in_data(affected) | changed_volumes(affected, usual)
    assert planted(spiking) == in_data(spiking) | changed_volumes(spiking, usual)
    assert kinds(planted(affected)) == set(KINDS)
    assert kinds(planted(spiking)) == set(KINDS) - {"volume_drop"}
    for kind in ("blank_name", "lost_status", "late_order", "zero_payment", "new_category"):
        hit = {day for _, day, _, k in planted(affected) if k == kind}
        table = {"blank_name": "customers"}.get(kind, "orders")
        on = set(affected[f"raw_{table}_validation"]["day"])
        assert hit == on - ({START} if kind == "late_order" else set()), f"{kind} spares a day"


def test_affected_rows_are_the_requested_share_of_the_day(affected: Frames) -> None:
    orders = affected["raw_orders_validation"].with_columns(on=pl.col("order_date").dt.date())
    lost = orders.filter(pl.col("day") > START).group_by("day")
    lost = lost.agg(pl.len(), hits=(pl.col("status") == "lost").sum())
    # Of the last days some orders are still to arrive.
    dated = orders.filter(pl.col("on").is_between(START, START + timedelta(days=56)))
    delayed = dated.group_by("on").agg(pl.len(), hits=(pl.col("day") != pl.col("on")).sum())
    for found, rate in ((lost, 0.5), (delayed, 0.3)):
        expected = (found["len"] * rate).clip(lower_bound=1)
        assert (found["hits"] - expected).abs().max() <= 0.5  # type: ignore[operator]
    waited = (dated["day"] - dated["on"]).dt.total_days()
    assert set(waited) == {0, 1, 2, 3}


def test_late_orders_keep_their_date(affected: Frames) -> None:
    punctual = of_validation(anomaly_days=1, late_order=0)
    columns = ["user_id", "order_date"]
    until = pl.col("order_date").dt.date() <= START + timedelta(days=56)
    seen, usual = (
        f["raw_orders_validation"].select(columns).filter(until).sort(columns)
        for f in (affected, punctual)
    )
    assert by_date(affected).keys() == by_date(punctual).keys()
    assert len(seen) == len(usual)
    assert seen["order_date"].dt.date().sort().equals(usual["order_date"].dt.date().sort())
    signups = affected["raw_signups_validation"].select("user_id", "signup_date")
    orders = affected["raw_orders_validation"].join(signups, on="user_id")
    assert (orders["order_date"] > orders["signup_date"]).all()


def test_zero_payments_and_new_methods_hit_the_first_payment_of_an_order(affected: Frames) -> None:
    payments = affected["raw_payments_validation"].with_columns(
        first=pl.col("id") == pl.col("id").min().over("order_id")
    )
    # In the first partition only the orders of its date are hit.
    later = payments.filter(pl.col("day") > START)
    orders = affected["raw_orders_validation"].group_by("day").len("orders")
    for hit in (pl.col("amount") == 0, pl.col("payment_method") == "crypto"):
        assert payments.filter(hit)["first"].all()
        per_day = later.group_by("day").agg(hits=hit.sum()).join(orders, on="day")
        expected = (per_day["orders"] * 0.2).clip(lower_bound=1)
        assert (per_day["hits"] - expected).abs().max() <= 0.5  # type: ignore[operator]


@pytest.mark.parametrize(
    "fields",
    [
        {"volume_drop": 1},
        {"blank_name": 1, "duplicate_email": 1, "lost_status": 1, "missing_signup": 1},
        {"orphan_signup": 1, "missing_signup": 0.9, "volume_drop": 0, "volume_spike": 10},
    ],
)
def test_extreme_rates_match_the_ground_truth(fields: dict[str, Any], usual: Frames) -> None:
    frames = of_validation(anomaly_days=1, **fields)
    assert planted(frames) == in_data(frames) | changed_volumes(frames, usual)


@pytest.mark.slow
def test_the_validation_checks_find_the_planted_anomalies() -> None:
    for fields in ({}, {"anomaly_days": 0}, {"anomaly_days": 1}):
        domain: Domain = jaffle(**fields)
        check = next(r for r in checks_of(domain.table(LEDGER)) if r.name == "anomalies_found")
        (result,) = judge(check, domain, LEDGER, stored(domain))
        assert result.passed, (fields, result)
        recalls = [n for n in result.numbers if n.startswith("recall.")]
        assert len(recalls) == {0: 0}.get(fields.get("anomaly_days", 2), len(KINDS))
        assert result.numbers["false_alarms"] == 0
