"""What the tests of the jaffle shop's rows share."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from synth_assets_tests.domains.jaffle.made import Frames

START = date(2026, 1, 1)
OPENED = START - timedelta(days=52)
LATEST = START + timedelta(days=8)
HOURS = [1, 1, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 8, 7, 6, 5, 4, 3, 2, 2, 1, 1, 1]
SOURCES = {"website": ("google", "facebook"), "app": ("facebook", "instagram")}
ORDERS = "raw_orders_training"
JOURNEY = ("raw_customers_training", "raw_signups_training", ORDERS)
SESSIONS = ("stg_website_sessions", "stg_app_sessions")


def of_a_run(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of the first eight partitions."""
    return frame.filter(pl.col("day") < LATEST)


def visits(frames: Frames) -> pl.DataFrame:
    """Sessions of both platforms."""
    return pl.concat(frames[name] for name in SESSIONS)


def journeys(frames: Frames) -> pl.DataFrame:
    """One row for each session of a customer, in order, with sign-up and first order if any."""
    first = frames[ORDERS].group_by(customer_id="user_id").agg(pl.col("order_date").min())
    made = frames["raw_signups_training"].select(
        pl.col("user_id").alias("customer_id"), "signup_date"
    )
    return (
        visits(frames)
        .drop_nulls("customer_id")
        .join(made, on="customer_id", how="left")
        .join(first, on="customer_id", how="left")
        .sort("customer_id", "started_at")
    )
