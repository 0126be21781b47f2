"""The anomalies of the jaffle shop's validation data: as they are listed, and as they are found."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl

from synth_assets.domains.jaffle.anomalies import KINDS
from synth_assets_tests.domains.jaffle.facts import START
from synth_assets_tests.domains.jaffle.made import Frames, all_made, jaffle

STATUSES = ["placed", "shipped", "completed", "return_pending", "returned"]
METHODS = ["credit_card", "bank_transfer", "coupon", "gift_card"]
LEDGER = "validation_anomalies"
PREFIXES = ("raw_customers", "raw_signups", "raw_orders", "raw_payments")
VISITS = ("stg_website_sessions", "stg_app_sessions")
VALIDATION = [f"{prefix}_validation" for prefix in (*PREFIXES, *VISITS)]
NAMES = [*VALIDATION, LEDGER]
VOLUMES = ("volume_drop", "volume_spike")
ALL: set[str] = set(KINDS)

Entries = set[tuple[str, date, int | None, str]]


def late(orders: pl.DataFrame) -> pl.DataFrame:
    """Orders that arrived on a day after their date; the first partition has the past."""
    return orders.filter(pl.col("order_date").dt.date() != pl.col("day"), pl.col("day") != START)


def in_data(frames: Frames, dataset: str = "validation") -> Entries:
    """Every anomaly of rows, found without the ground truth and the code that plants them."""
    people, accounts, orders, payments = (frames[f"{p}_{dataset}"] for p in PREFIXES)
    shared = accounts.filter(
        pl.col("user_email").is_not_null() & pl.col("user_email").is_duplicated()
    )
    strange = {
        "blank_name": people.filter(pl.col("first_name").str.strip_chars() == ""),
        "lost_status": orders.filter(~pl.col("status").is_in(STATUSES)),
        "late_order": late(orders),
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
    found = {
        (f"raw_{place.get(kind, 'signups')}_{dataset}", day, record, kind)
        for kind, rows in strange.items()
        for day, record in rows.select("day", "id").iter_rows()
    }
    for name in VISITS:
        table = f"{name}_validation" if dataset == "validation" else name
        visits = frames[table].with_columns(id=pl.col("session_id").str.slice(1).cast(pl.Int64))
        length = pl.col("ended_at") - pl.col("started_at")
        for kind, hit in (
            ("unknown_ad", pl.col("ad_id").str.len_chars() > 4),
            ("endless_session", length > timedelta(minutes=45)),
        ):
            rows = visits.filter(hit).select("day", "id")
            found |= {(table, day, record, kind) for day, record in rows.iter_rows()}
    return found


def by_date(frames: Frames) -> dict[date, int]:
    orders = frames["raw_orders_validation"].group_by(pl.col("order_date").dt.date()).len()
    return dict(orders.iter_rows())


def changed_volumes(frames: Frames, usual: Frames) -> Entries:
    """Days with a volume other than without volume anomalies."""
    found: Entries = set()
    sizes = [by_date(each) for each in (frames, usual)]
    # Of the last days some orders are still to arrive.
    last = max(sizes[1]) - timedelta(days=3)
    for day, expected in sizes[1].items():
        stored_ = sizes[0].get(day, 0)
        if stored_ != expected and day <= last:
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
