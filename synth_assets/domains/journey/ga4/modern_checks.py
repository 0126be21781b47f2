"""The checks of what an export in the schema of 2025 has beyond the public sample's."""

from __future__ import annotations

import polars as pl

from synth_assets.core.model import Check, TableView
from synth_assets.domains.journey.ga4.checks import KNOWN
from synth_assets.domains.journey.ga4.param import param
from synth_assets.quality.building import row_check
from synth_assets.quality.structural import holds


def active_users() -> Check:
    """A visitor is active or not for a whole day, and active with a first visit or engagement."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        day = stored.table.partitioning.partition_column
        is_active, visit = pl.col("is_active_user"), pl.col("event_name") == "first_visit"
        engaged = (param("engagement_time_msec") > 0).fill_null(value=False)
        days = (
            stored.current()
            .filter(KNOWN)
            .select("user_pseudo_id", day, "is_active_user", acts=visit | engaged)
            .group_by("user_pseudo_id", day)
            .agg(is_active.any(), values=is_active.n_unique(), acts=pl.col("acts").any())
        )
        return days.filter((pl.col("values") > 1) | (pl.col("acts") & ~is_active))

    doc = (
        "`is_active_user` is the same for all events of a visitor's day, and true with a "
        "`first_visit` or an `engagement_time_msec`."
    )
    return row_check("active_users", doc, failing_rows)


def whole_batches() -> Check:
    """The events of a batch are numbered from 1, without gaps."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        day = stored.table.partitioning.partition_column
        place = pl.col("batch_event_index")
        batches = (
            stored.current()
            .filter(KNOWN)
            .select(
                "user_pseudo_id", day, "batch_page_id", "batch_ordering_id", "batch_event_index",
                session=param("ga_session_id"),
            )
            .group_by("user_pseudo_id", "session", day, "batch_page_id", "batch_ordering_id")
            .agg(events=pl.len(), first=place.min(), last=place.max(), places=place.n_unique())
        )  # fmt: skip
        whole = pl.col("last") == pl.col("events")
        return batches.filter(
            (pl.col("first") != 1) | ~whole | (pl.col("places") != pl.col("events"))
        )

    doc = "`batch_event_index` numbers the events of a page's batch from 1, without gaps."
    return row_check("whole_batches", doc, failing_rows)


def loaded_before() -> Check:
    """A page is loaded before its events."""
    loaded = pl.col("batch_page_id") <= pl.col("event_timestamp") // 1_000
    doc = "`batch_page_id`, the time of the page in milliseconds, is not after the event."
    return holds("loaded_before", doc, loaded)


def reported_clicks() -> Check:
    """The click that an event reports is the one of its parameters."""
    there = pl.col("collected_traffic_source").struct.field("gclid")
    doc = (
        "`collected_traffic_source.gclid` is the `gclid` of the event's parameters, if it has one."
    )
    return holds("reported_clicks", doc, there == param("gclid", "string_value"))


MODERN_CHECKS = (active_users(), whole_batches(), loaded_before(), reported_clicks())
