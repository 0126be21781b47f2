"""Checks of exposures: the campaign's channels and segments, addresses, frequency, spend."""

from __future__ import annotations

import math
from dataclasses import replace

import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, Mergeable, TableView
from synth_assets.domains.identity_graph import terms
from synth_assets.domains.identity_graph.campaign_budgets import ADDRESS
from synth_assets.domains.identity_graph.checks import (
    MIN_INDIVIDUALS,
    Counts,
    this_shard,
    with_campaign,
)
from synth_assets.domains.identity_graph.layout import (
    CAMPAIGNS,
    MOST_MEMBERS,
    config_of,
    rows_in_shard,
)
from synth_assets.quality.building import partition_check, when_complete
from synth_assets.quality.mergeable import mergeable_check
from synth_assets.quality.tolerance import STANDARD_ERRORS

# By how much budgets are rounded, at most.
ROUNDING = 0.03


def _on_channel(stored: TableView, key: str) -> pl.LazyFrame:
    """Exposures on a channel that is not the campaign's, or with a wrong placement or cost."""
    channel = pl.col("channel").cast(pl.String)
    cost = {c: cents / 100_000 for c, cents in terms.COST_PER_MILLE.items()}
    of_placement = {p: c for c, names in terms.PLACEMENTS.items() for p in names}
    joined = with_campaign(this_shard(stored, key), stored, "channels")
    sound = (
        pl.col("channels").list.contains(channel)
        & (pl.col("placement").cast(pl.String).replace_strict(of_placement) == channel)
        & ((pl.col("cost").cast(pl.Float64) - channel.replace_strict(cost)).abs() < 1e-9)
    )
    return joined.filter(~sound).drop("channels")


def _addressable(stored: TableView, key: str) -> pl.LazyFrame:
    """Mails to individuals whose e-mail address is not known."""
    if not config_of(stored).campaign_config.email_needs_address:
        return this_shard(stored, key).filter(pl.lit(value=False))
    known = rows_in_shard(stored, "identity_mappings", key).filter(
        pl.col("identifier_type").cast(pl.String) == ADDRESS
    )
    mails = this_shard(stored, key).filter(pl.col("channel").cast(pl.String) == "email")
    return mails.join(known.select("individual_id"), on="individual_id", how="anti")


def _sequence_numbers(stored: TableView, key: str) -> pl.LazyFrame:
    """Exposures with a ``frequency`` that is not their number in the order of time."""
    pair = ["individual_id", "campaign_id"]
    here = this_shard(stored, key).with_columns(
        expected=pl.col("exposure_timestamp").rank("ordinal").over(pair)
    )
    return here.filter(pl.col("expected") != pl.col("frequency")).drop("expected")


def _on_target() -> Check:
    """Targeting works: exposures are in the campaign's segments more often than by chance."""

    def measure(stored: TableView) -> list[CheckResult]:
        hits, seen, base = 0.0, 0.0, 0.0
        people: Counts = {}
        for key in stored.partition_stats:
            segment = rows_in_shard(stored, "audience_attributes", key).select(
                "individual_id", segment=pl.col("segment_primary").cast(pl.String)
            )
            joined = with_campaign(this_shard(stored, key), stored, "target_segment").join(
                segment, on="individual_id"
            )
            hit = pl.col("target_segment").list.contains(pl.col("segment"))
            row = joined.select(pl.len(), hit.sum()).collect().row(0)
            seen, hits = seen + row[0], hits + row[1]
            for name, n in segment.group_by("segment").agg(pl.len()).collect().iter_rows():
                people[name] = people.get(name, 0) + n
        whole = max(sum(people.values()), 1)
        share = {name: n / whole for name, n in people.items()}
        shown = stored.all().group_by("campaign_id").agg(pl.len())
        for targets, n in (
            with_campaign(shown, stored, "target_segment")
            .select("target_segment", "len")
            .collect()
            .iter_rows()
        ):
            base += n * sum(share.get(name, 0.0) for name in targets)
        numbers = {"on_target": hits / max(seen, 1), "by_chance": base / max(seen, 1)}
        better = seen < MIN_INDIVIDUALS or hits > base
        return [CheckResult(None, better, numbers["on_target"], "> by chance", numbers)]

    doc = "Exposures hit a campaign's segments, as computed of engagements, more than by chance."
    reads = ("audience_attributes", CAMPAIGNS)
    return when_complete(
        Check("exposures_on_target", doc, measure, per_partition=False, reads=reads), *reads
    )


def _pacing() -> Check:
    """Campaigns spend their budgets, within pacing; a household's exposures are in one shard."""

    def spent(rows: pl.LazyFrame) -> pl.LazyFrame:
        household = (pl.col("individual_id") - 1) // MOST_MEMBERS
        each = rows.group_by("campaign_id", household.alias("household"))
        cost = pl.col("cost").cast(pl.Float64)
        return (
            each.agg(pl.col("cost").sum())
            .group_by("campaign_id")
            .agg(cost.sum(), square=(cost**2).sum())
        )

    def added(summaries: pl.LazyFrame) -> pl.LazyFrame:
        return summaries.group_by("campaign_id").agg(pl.col("cost", "square").sum())

    def judge(stored: TableView, found: pl.DataFrame) -> list[CheckResult]:
        config = config_of(stored)
        of = config.campaign_config
        if of.budget is not None:
            return [CheckResult(None, True, 0.0, "judged where budgets follow from plans")]
        scale = of.planned_households / config.household_config.num_households
        budget = stored.other(CAMPAIGNS).all().select("campaign_id", pl.col("budget").cast(float))
        numbers, bad = {}, []
        joined = budget.join(found.lazy(), on="campaign_id", how="left").fill_null(0.0)
        for campaign, planned, cost, square in joined.collect(engine="streaming").iter_rows():
            part, error = cost * scale / planned, math.sqrt(square) * scale / planned
            numbers[f"spent.{int(campaign)}"] = part
            slack = STANDARD_ERRORS * error + ROUNDING
            if not of.pacing.min - slack <= part <= of.pacing.max + slack:
                bad.append({"campaign_id": int(campaign), "spent": round(part, 4)})
        return [CheckResult(None, not bad, float(len(bad)), "= 0 campaigns", numbers, bad)]

    doc = "Campaigns spend their budgets within pacing, scaled to the planned households."
    by_shard = Mergeable(spent, added, judge)
    check = mergeable_check("spend_within_pacing", doc, by_shard, blocking=False)
    return when_complete(replace(check, reads=(CAMPAIGNS,)), CAMPAIGNS)


def exposure_checks() -> list[Check]:
    """The checks that are about exposures alone."""
    return [
        partition_check(
            "channel_matches_campaign",
            "Channel, placement and cost are the campaign's.",
            _on_channel,
            [CAMPAIGNS],
        ),
        partition_check(
            "email_exposures_have_email_hash",
            "Mails go to individuals with an `email_hash` only.",
            _addressable,
            ["identity_mappings"],
        ),
        partition_check(
            "frequency_counts_exposures",
            "`frequency` counts exposures in the order of time.",
            _sequence_numbers,
        ),
        _on_target(),
        _pacing(),
    ]
