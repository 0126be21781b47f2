"""Training data is clean, and the ground truth lists exactly the anomalies of validation data."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, get_args

import polars as pl
import pytest

from synth_assets.core.model import Domain
from synth_assets.domains.jaffle.anomalies import KINDS, Kind
from synth_assets.quality.structural import checks_of
from synth_assets_tests.domains.jaffle.made import Frames, all_made, jaffle, stored
from synth_assets_tests.quality.memory import judge

STATUSES = ["placed", "shipped", "completed", "return_pending", "returned"]
METHODS = ["credit_card", "bank_transfer", "coupon", "gift_card"]
LEDGER = "validation_anomalies"
PREFIXES = ("raw_customers", "raw_signups", "raw_orders", "raw_payments")
VALIDATION = [f"{prefix}_validation" for prefix in PREFIXES]
NAMES = [*VALIDATION, LEDGER]
VOLUMES = ("volume_drop", "volume_spike")
ALL: set[str] = set(KINDS)

Entries = set[tuple[str, date, int | None, str]]


def in_data(frames: Frames, dataset: str = "validation") -> Entries:
    """Every anomaly of rows, found without the ground truth and the code that plants them."""
    people, accounts, orders, payments = (frames[f"{p}_{dataset}"] for p in PREFIXES)
    shared = accounts.filter(
        pl.col("user_email").is_not_null() & pl.col("user_email").is_duplicated()
    )
    strange = {
        "blank_name": people.filter(pl.col("first_name").str.strip_chars() == ""),
        "lost_status": orders.filter(~pl.col("status").is_in(STATUSES)),
        "late_order": orders.filter(pl.col("order_date").dt.date() != pl.col("day")),
        "zero_payment": payments.filter(pl.col("amount") == 0),
        "new_category": payments.filter(~pl.col("payment_method").is_in(METHODS)),
        "duplicate_email": shared,
        "orphan_signup": accounts.join(people, left_on="user_id", right_on="id", how="anti"),
        "missing_signup": people.join(accounts, left_on="id", right_on="user_id", how="anti"),
    }
    place = {
        "blank_name": "customers",
        "lost_status": "orders",
        "late_order": "orders",
        "zero_payment": "payments",
        "new_category": "payments",
    }
    return {
        (f"raw_{place.get(kind, 'signups')}_{dataset}", day, record, kind)
        for kind, rows in strange.items()
        for day, record in rows.select("day", "id").iter_rows()
    }


def changed_volumes(frames: Frames, usual: Frames) -> Entries:
    """Days with a volume other than without volume anomalies."""
    found: Entries = set()
    sizes = [
        dict(f["raw_orders_validation"].group_by("day").len().iter_rows()) for f in (frames, usual)
    ]
    for day, expected in sizes[1].items():
        stored_ = sizes[0].get(day, 0)
        if stored_ != expected:
            kind = "volume_drop" if stored_ < expected else "volume_spike"
            found |= {(f"raw_{t}_validation", day, None, kind) for t in ("orders", "payments")}
    return found


def planted(frames: Frames) -> Entries:
    on = pl.col("partition").str.to_date()
    entries = list(frames[LEDGER].select("table", on, "record", "kind").iter_rows())
    assert len(entries) == len(set(entries)), "the ground truth lists an anomaly twice"
    assert frames[LEDGER].filter(on != pl.col("day")).is_empty()
    return set(entries)


def kinds(entries: Entries) -> set[str]:
    return {kind for *_, kind in entries}


def of_validation(stop: int = 60, **fields: Any) -> Frames:
    return all_made(jaffle(**fields), stop, NAMES)


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


def test_affected_days_have_about_the_requested_share_and_others_are_clean(frames: Frames) -> None:
    affected = {(day, kind) for _, day, _, kind in planted(frames)}
    # Ten kinds over 60 days at 0.15 each, some days too small for volumes: 90 at most on
    # average, standard deviation below 9 (6.5 of them: an error below 1e-9).
    assert 30 < len(affected) < 149
    clean = {date(2026, 1, 1) + timedelta(days=d) for d in range(60)} - {day for day, _ in affected}
    assert clean, "there are no clean days to hold the others against"
    per_kind = {kind: len({day for day, k in affected if k == kind}) for kind in KINDS}
    assert all(per_kind.values())
    days_of = [frozenset(day for day, k in affected if k == kind) for kind in KINDS]
    assert len(set(days_of)) == len(KINDS), "each kind strikes its own days"


def test_rows_outside_the_ground_truth_are_unchanged(frames: Frames) -> None:
    truth = of_validation(anomaly_days=0)["raw_customers_validation"]
    seen = frames["raw_customers_validation"]
    blank = {record for *_, record, kind in planted(frames) if kind == "blank_name"}
    assert truth["id"].equals(seen["id"])
    assert truth.drop("first_name").equals(seen.drop("first_name"))
    differ = seen.filter(seen["first_name"] != truth["first_name"])
    assert set(differ["id"]) == blank
    assert set(differ["first_name"]) == {"  "}


@pytest.mark.parametrize("kind", KINDS)
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
        others = {e for e in planted(frames) if e[0] not in touched}
        assert others == {e for e in entries if e[0] not in touched}


def test_without_anomaly_days_there_are_no_anomalies() -> None:
    frames = of_validation(anomaly_days=0)
    assert planted(frames) == in_data(frames) == set()
    assert frames[LEDGER].columns == ["table", "partition", "record", "kind", "day"]
    assert abs(len(frames["raw_orders_validation"]) - 1_500) <= 2
    assert len(frames["raw_signups_validation"]) == len(frames["raw_customers_validation"])


@pytest.fixture(scope="module")
def affected() -> Frames:
    return of_validation(anomaly_days=1)


def test_anomalies_on_every_day(affected: Frames, usual: Frames) -> None:
    # Where both volume kinds apply the drop takes precedence; without it there are spikes.
    spiking = of_validation(anomaly_days=1, volume_drop=0)
    assert planted(affected) == in_data(affected) | changed_volumes(affected, usual)
    assert planted(spiking) == in_data(spiking) | changed_volumes(spiking, usual)
    assert kinds(planted(affected)) == set(KINDS) - {"volume_spike"}
    assert kinds(planted(spiking)) == set(KINDS) - {"volume_drop"}
    for kind in ("blank_name", "lost_status", "late_order", "zero_payment", "new_category"):
        hit = {day for _, day, _, k in planted(affected) if k == kind}
        table = {"blank_name": "customers"}.get(kind, "orders")
        assert hit == set(affected[f"raw_{table}_validation"]["day"]), f"{kind} spares a day"


def test_affected_rows_are_the_requested_share_of_the_day(affected: Frames) -> None:
    orders = (
        affected["raw_orders_validation"]
        .group_by("day")
        .agg(
            rows=pl.len(),
            lost=(pl.col("status") == "lost").sum(),
            late=(pl.col("order_date").dt.date() != pl.col("day")).sum(),
        )
    )
    for hits, rate in (("lost", 0.5), ("late", 0.3)):
        expected = (orders["rows"] * rate).clip(lower_bound=1)
        assert (orders[hits] - expected).abs().max() <= 0.5  # type: ignore[operator]
    late = affected["raw_orders_validation"].select(
        (pl.col("day") - pl.col("order_date").dt.date()).dt.total_days()
    )
    assert set(late.to_series()) == {0, 1, 2, 3}


def test_zero_payments_and_new_methods_hit_the_first_payment_of_an_order(affected: Frames) -> None:
    payments = affected["raw_payments_validation"].with_columns(
        first=pl.col("id") == pl.col("id").min().over("order_id")
    )
    orders = affected["raw_orders_validation"].group_by("day").len("orders")
    for hit in (pl.col("amount") == 0, pl.col("payment_method") == "crypto"):
        assert payments.filter(hit)["first"].all()
        per_day = payments.group_by("day").agg(hits=hit.sum()).join(orders, on="day")
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
        assert len(recalls) == {0: 0, 1: 9}.get(fields.get("anomaly_days", 2), 10)
        assert result.numbers["false_alarms"] == 0
