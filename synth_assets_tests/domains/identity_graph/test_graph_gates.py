"""Every check of the identity graph passes on sound data and fails when its property is broken."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from synth_assets.core.model import Domain
from synth_assets.quality.structural import checks_of
from synth_assets_tests.domains.identity_graph.made import default, graph, stored, whole
from synth_assets_tests.quality.memory import Memory, judge

Break = Callable[[pl.DataFrame], pl.DataFrame]


def first(column: str, value: object, where: pl.Expr | None = None) -> Break:
    """Changes a value in the first row, or in the first one that ``where`` holds for."""

    def change(frame: pl.DataFrame) -> pl.DataFrame:
        hit = pl.lit(value=True) if where is None else where
        row = frame.select(hit.fill_null(value=False).alias("hit")).to_series()
        place = int(row.arg_max() or 0)
        new = value if isinstance(value, pl.Expr) else pl.lit(value)
        changed = pl.when(pl.int_range(pl.len()) == place).then(new.cast(frame.schema[column]))
        return frame.with_columns(changed.otherwise(column).alias(column))

    return change


def mostly(column: str, value: object, every: int = 2) -> Break:
    """Sets the same value in every second row, or in every n-th."""

    def change(frame: pl.DataFrame) -> pl.DataFrame:
        new = value if isinstance(value, pl.Expr) else pl.lit(value)
        hit = pl.int_range(pl.len()) % every == 0
        return frame.with_columns(
            pl.when(hit).then(new.cast(frame.schema[column])).otherwise(column).alias(column)
        )

    return change


def twice(frame: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([frame, frame.head(1)])


def fewer(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.head(-1)


EARLY, LATE = pl.lit("1999-01-01").str.to_datetime(), pl.lit("2090-01-01").str.to_datetime()
TEXT = {name: pl.col(name).cast(pl.String) for name in (
    "employment_status", "engagement_type", "response_type", "behavioral_classification",
    "attribution_model",
)}  # fmt: skip
ROLE = pl.col("household_role").cast(pl.String)
NO_SHARD = 999_999_999_998
TYPES = "response_type_distribution"
# table, check, broken table, how
CASES: list[tuple[str, str, str, Break]] = [
    ("households", "row_count", "households", fewer),
    ("households", "primary_key", "households", twice),
    ("households", "household_in_partition", "households",
     first("household_id", pl.col("household_id") + 1)),
    ("households", "zip_code_matches_city_and_state", "households", first("location_zip", "00000")),
    ("households", "zip_code_matches_city_and_state", "households",
     first("location_city", "Springfield-on-Sea")),
    ("households", "income_bracket_distribution", "households", mostly("income_bracket", "150K+")),
    ("households", "household_size_distribution", "households", mostly("household_size", 4)),
    ("households", "location_state_distribution", "households", mostly("location_state", "WY")),
    ("households", "zip_code_distribution", "households", mostly("location_zip", "02127")),
    ("households", "hour_of_day_distribution", "households",
     mostly("created_at", pl.col("created_at").dt.replace(hour=3))),
    ("individuals", "primary_key", "individuals", twice),
    ("individuals", "fk_household_id", "individuals", first("household_id", NO_SHARD)),
    ("individuals", "household_in_partition", "individuals",
     first("individual_id", pl.col("individual_id") + 10)),
    ("individuals", "age_consistent_with_education_and_employment", "individuals",
     first("age", 30, TEXT["employment_status"] == "Retired")),
    ("individuals", "age_consistent_with_education_and_employment", "individuals",
     first("education_level", "Doctorate",
     pl.col("age") < 26)),
    ("individuals", "ages_consistent_with_household_roles", "individuals",
     first("age", 80, ROLE == "child")),
    ("individuals", "ages_consistent_with_household_roles", "individuals",
     first("household_role", "householder", ROLE == "partner")),
    ("individuals", "income_consistent_with_employment", "individuals",
     first("income_individual", 390_000)),
    ("individuals", "rows_within_household_size", "households", mostly("household_size", 1)),
    ("individuals", "mean_rows_per_household", "individuals", lambda f: f.head(len(f) * 3 // 4)),
    ("individuals", "age_distribution", "individuals", mostly("age", 40)),
    ("individuals", "gender_distribution", "individuals", mostly("gender", "Non-Binary", 5)),
    ("individuals", "education_level_distribution", "individuals",
     mostly("education_level", "Master", 4)),
    ("individuals", "employment_status_distribution", "individuals",
     mostly("employment_status", "Student", 4)),
    ("identity_mappings", "primary_key", "identity_mappings", twice),
    ("identity_mappings", "unique_identifier", "identity_mappings",
     lambda f: f.with_columns(identifier_value=pl.lit("ab"))),
    ("identity_mappings", "fk_individual_id", "identity_mappings",
     first("individual_id", NO_SHARD)),
    ("identity_mappings", "household_in_partition", "identity_mappings",
     first("individual_id", pl.col("individual_id") + 10)),
    ("identity_mappings", "last_seen_after_first_seen", "identity_mappings",
     first("last_seen", EARLY)),
    ("identity_mappings", "last_seen_after_first_seen", "identity_mappings",
     first("active", ~pl.col("active"))),
    ("identity_mappings", "identifier_format_valid", "identity_mappings",
     first("identifier_value", "ab", pl.col("identifier_type").cast(pl.String) == "ctv_id")),
    ("identity_mappings", "device_ids_of_one_platform", "identity_mappings",
     mostly("identifier_value", pl.col("identifier_value").str.to_lowercase(), 3)),
    ("identity_mappings", "first_seen_after_recorded", "individuals",
     lambda f: f.with_columns(created_at=LATE)),
    ("identity_mappings", "identifier_coverage", "identity_mappings",
     lambda f: f.filter(pl.int_range(pl.len()) % 4 != 0)),
    ("content_engagements", "primary_key", "content_engagements", twice),
    ("content_engagements", "fk_individual_id", "content_engagements",
     first("individual_id", NO_SHARD)),
    ("content_engagements", "household_in_partition", "content_engagements",
     first("individual_id", pl.col("individual_id") + 10)),
    ("content_engagements", "timestamp_within_period", "content_engagements",
     first("timestamp", LATE)),
    ("content_engagements", "duration_matches_engagement_type", "content_engagements",
     first("duration_seconds", 50,
     TEXT["engagement_type"] == "click")),
    ("content_engagements", "duration_matches_engagement_type", "content_engagements",
     first("duration_seconds", 5,
     TEXT["engagement_type"] == "view")),
    ("content_engagements", "engagement_type_distribution", "content_engagements",
     mostly("engagement_type", "share", 20)),
    ("content_engagements", "category_distribution", "content_engagements",
     mostly("content_category", "Finance", 5)),
    ("content_engagements", "hour_of_day_distribution", "content_engagements",
     mostly("timestamp", pl.col("timestamp").dt.replace(hour=3), 5)),
    ("content_engagements", "weekday_distribution", "content_engagements",
     mostly("timestamp", pl.col("timestamp").dt.replace(day=1), 5)),
    ("content_engagements", "views_do_not_overlap", "content_engagements",
     mostly("duration_seconds", 3_600)),
    ("content_engagements", "actions_follow_views", "content_engagements",
     mostly("content_id", 1, 7)),
    ("viewership_patterns", "primary_key", "viewership_patterns", twice),
    ("viewership_patterns", "unique_individual_id", "viewership_patterns", twice),
    ("viewership_patterns", "fk_individual_id", "viewership_patterns",
     first("individual_id", NO_SHARD)),
    ("viewership_patterns", "household_in_partition", "viewership_patterns",
     first("individual_id", pl.col("individual_id") + 10)),
    ("viewership_patterns", "aggregates_match_engagements", "viewership_patterns",
     first("total_engagements", pl.col("total_engagements") + 1)),
    ("viewership_patterns", "aggregates_match_engagements", "content_engagements", fewer),
    ("viewership_patterns", "aggregates_match_engagements", "viewership_patterns", fewer),
    ("viewership_patterns", "engagements_per_individual_distribution", "viewership_patterns",
     mostly("total_engagements", 50)),
    ("audience_attributes", "primary_key", "audience_attributes", twice),
    ("audience_attributes", "unique_individual_id", "audience_attributes", twice),
    ("audience_attributes", "fk_individual_id", "audience_attributes",
     first("individual_id", NO_SHARD)),
    ("audience_attributes", "household_in_partition", "audience_attributes",
     first("individual_id", pl.col("individual_id") + 10)),
    ("audience_attributes", "aggregates_match_engagements", "audience_attributes",
     first("lifetime_value_estimate", 1)),
    ("audience_attributes", "affinity_scores_sum_to_one", "audience_attributes",
     lambda f: f.with_columns(pl.col("affinity_scores").list.head(3))),
    ("audience_attributes", "propensity_in_class_range", "audience_attributes",
     first("propensity_to_convert", 0.95)),
    ("audience_attributes", "churned_matches_recency", "audience_attributes",
     first("behavioral_classification", "Churned",
           TEXT["behavioral_classification"] == "Light User")),
    ("audience_attributes", "every_segment_has_individuals", "audience_attributes",
     mostly("segment_primary", "Learner", 1)),
    ("campaigns", "row_count", "campaigns", fewer),
    ("campaigns", "flight_within_period", "campaigns", first("end_date", pl.col("start_date"))),
    ("campaign_exposures", "primary_key", "campaign_exposures", twice),
    ("campaign_exposures", "fk_individual_id", "campaign_exposures",
     first("individual_id", NO_SHARD)),
    ("campaign_exposures", "household_in_partition", "campaign_exposures",
     first("individual_id", pl.col("individual_id") + 10)),
    ("campaign_exposures", "timestamp_within_flight", "campaign_exposures",
     first("exposure_timestamp", EARLY)),
    ("campaign_exposures", "channel_matches_campaign", "campaign_exposures", first("cost", 0)),
    ("campaign_exposures", "channel_matches_campaign", "campaigns",
     lambda f: f.with_columns(channels=pl.lit(["radio"]))),
    ("campaign_exposures", "email_exposures_have_email_hash", "identity_mappings",
     lambda f: f.filter(pl.col("identifier_type").cast(pl.String) != "email_hash")),
    ("campaign_exposures", "frequency_counts_exposures", "campaign_exposures",
     first("frequency", pl.col("frequency") + 1)),
    ("campaign_exposures", "exposures_on_target", "audience_attributes",
     mostly("segment_primary", "Learner", 1)),
    ("campaign_exposures", "spend_within_pacing", "campaigns",
     first("budget", pl.col("budget") * 2)),
    ("response_events", "primary_key", "response_events", twice),
    ("response_events", "fk_individual_id", "response_events", first("individual_id", NO_SHARD)),
    ("response_events", "fk_exposure_id", "response_events", first("exposure_id", 1)),
    ("response_events", "household_in_partition", "response_events",
     first("individual_id", pl.col("individual_id") + 10)),
    ("response_events", "timestamp_within_flight", "response_events",
     first("response_timestamp", LATE)),
    ("response_events", "response_after_exposure", "response_events",
     first("response_timestamp", pl.col("exposure_timestamp") - pl.duration(seconds=1))),
    ("response_events", "only_conversions_have_value", "response_events",
     first("value", 5, TEXT["response_type"] == "click")),
    ("response_events", TYPES, "response_events",
     mostly("response_type", "conversion", 2)),
    ("outcome_metrics", "primary_key", "outcome_metrics", twice),
    ("outcome_metrics", "unique_outcome_id", "outcome_metrics", twice),
    ("outcome_metrics", "fk_individual_id", "outcome_metrics", first("individual_id", NO_SHARD)),
    ("outcome_metrics", "fk_exposure_id", "outcome_metrics", first("exposure_id", 1)),
    ("outcome_metrics", "fk_response_id", "outcome_metrics", first("response_id", 1)),
    ("outcome_metrics", "household_in_partition", "outcome_metrics",
     first("individual_id", pl.col("individual_id") + 10)),
    ("outcome_metrics", "weights_sum_to_one", "outcome_metrics",
     first("attribution_weight", pl.lit("0.3").cast(pl.Decimal(7, 6)))),
    ("outcome_metrics", "response_attributed_by_every_model", "outcome_metrics", fewer),
    ("outcome_metrics", "response_attributed_by_every_model", "outcome_metrics",
     lambda f: f.filter(pl.col("response_id") != pl.col("response_id").first())),
    ("outcome_metrics", "exposure_before_response", "outcome_metrics", first("campaign_id", 999)),
]  # fmt: skip


@pytest.mark.parametrize(("table", "check", "of", "spoil"), CASES)
def test_a_check_fails_on_broken_data(
    table: str, check: str, of: str, spoil: Break, domain: Domain, sound: Memory
) -> None:
    named = {r.name: r for r in checks_of(domain.table(table))}
    slices = {key: spoil(frame) for key, frame in sound.slices[of].items()}
    broken = Memory(sound.slices | {of: slices})
    assert not all(v.passed for v in judge(named[check], domain, table, broken))


def test_every_check_is_broken_once() -> None:
    every = {(t.name, check.name) for t in default().tables for check in checks_of(t)}
    tried = {(table, check) for table, check, _, _ in CASES}
    # Checks that all domains share are tested in ``quality``.
    usual = {"schema", "row_count_as_written", "one_scenario", "primary_key", "fk_campaign_id"}
    assert tried <= every
    assert {name for _, name in every - tried} <= usual


def test_response_types_have_their_shares_although_late_responses_are_left_out() -> None:
    # As many responses as millions of households have.
    campaigns = {"num_campaigns": 25, "response_rate_range": {"min": 0.5, "max": 0.5}}
    busy = graph(6_000, shards=1, campaign_config=campaigns)
    made = stored(busy, ["campaigns", "response_events"])
    types = {c.name: c for c in checks_of(busy.table("response_events"))}[TYPES]
    (result,) = judge(types, busy, "response_events", made)
    assert result.passed, result
    responses = whole(made)["response_events"]
    assert len(responses) > 60_000
    late = result.numbers["declared.click"] + 0.01
    assert (responses["response_type"] == "click").mean() > late  # type: ignore[operator]


@pytest.mark.parametrize("table", [t.name for t in default().tables])
def test_sound_data_pass(table: str, domain: Domain, sound: Memory) -> None:
    for check in checks_of(domain.table(table)):
        if check.name != "one_scenario":
            results = judge(check, domain, table, sound)
            assert all(v.passed for v in results), (check.name, results)
