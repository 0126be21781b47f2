"""Every range and every sum is violated once, and the error names the field and the limits."""

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from synth_assets.core.errors import UserError
from synth_assets.domains.identity_graph.generation_config import GenerationConfig
from synth_assets.domains.identity_graph.validation import (
    PRESETS,
    configuration,
    read_yaml,
    validate,
)
from synth_assets.orchestration.resources import scenario_of, scenario_resource
from synth_assets_tests.domains.identity_graph.made import graph


def nested(path: str, value: Any) -> dict[str, Any]:
    """``{"a": {"b": value}}`` from ``a.b``."""
    for name in reversed(path.split(".")):
        value = {name: value}
    return value  # type: ignore[no-any-return]


WRONG = [
    ("seed", -1),
    ("seed", 2_147_483_648),
    ("catalog_name", "no spaces"),
    ("schema_name", ""),
    ("start_date", "1900-01-01"),
    ("end_date", "2025-01-02"),
    ("end_date", "2099-12-31"),
    ("shards", 0),
    ("household_config.num_households", 999),
    ("household_config.num_households", 10_000_001),
    ("household_config.income_brackets", {"<30K": 0.5}),
    ("household_config.income_brackets", {"<30K": 0.5, "rich": 0.5}),
    ("household_config.income_brackets", {"<30K": 1.5, "150K+": -0.5}),
    ("household_config.size_distribution", {"mean": 0.9}),
    ("household_config.size_distribution", {"mean": 6.1}),
    ("household_config.size_distribution", {"std_dev": 0.4}),
    ("household_config.size_distribution", {"std_dev": 2.1}),
    ("household_config.size_distribution", {"shares": {"1": 0.5, "2": 0.4}}),
    ("household_config.size_distribution", {"shares": {"11": 1.0}}),
    ("household_config.location_distribution", {"CA": 0.5}),
    ("household_config.location_distribution", {"XX": 1.0}),
    ("demographics_config.age_range", {"min": -1}),
    ("demographics_config.age_range", {"max": 101}),
    ("demographics_config.age_range", {"min": 50, "max": 50}),
    ("demographics_config.age_range", {"min": 3, "max": 17}),
    ("demographics_config.gender_distribution", {"Male": 0.9}),
    ("demographics_config.education_distribution", {"High School": 1.02}),
    ("demographics_config.education_distribution", {"Primary": 1.0}),
    ("demographics_config.employment_distribution", {"Retired": 0.5}),
    ("demographics_config.identity_mappings", {"identifier_type_distribution": {"email": 0.5}}),
    (
        "demographics_config.identity_mappings",
        {"identifier_type_distribution": {"email_hash": 1.1}},
    ),
    ("demographics_config.identity_mappings", {"identifiers_per_person": {"mean": 1.9}}),
    ("demographics_config.identity_mappings", {"identifiers_per_person": {"mean": 15.1}}),
    ("demographics_config.identity_mappings", {"identifiers_per_person": {"mean": 3}}),
    ("engagement_config.time_period_days", 6),
    ("engagement_config.time_period_days", 731),
    ("engagement_config.events_per_person", {"mean": 0.5}),
    ("engagement_config.events_per_person", {"mean": 1_001}),
    ("engagement_config.events_per_person", {"std_dev": -1}),
    ("engagement_config.events_per_person", {"distribution": "poisson"}),
    ("engagement_config.event_types", {"view": 0.9}),
    ("engagement_config.duration_range", {"min": 0}),
    ("engagement_config.duration_range", {"min": 20, "max": 20}),
    ("engagement_config.temporal_pattern", "hourly"),
    ("engagement_config.content_categories", {"Sports": 0.5}),
    ("engagement_config.device_types", {"mobile": 0.5}),
    ("audience_config.segments", ["Nobody"]),
    ("audience_config.segments", ["Sports Fan"]),
    ("audience_config.affinity_threshold", 1.1),
    ("audience_config.behavioral_thresholds", {"moderate": 11}),
    ("audience_config.behavioral_thresholds", {"light": 0}),
    ("audience_config.recency_weight", 0.5),
    ("audience_config.frequency_weight", 1.1),
    ("campaign_config.num_campaigns", 0),
    ("campaign_config.num_campaigns", 1_001),
    ("campaign_config.channels", []),
    ("campaign_config.channels", ["radio"]),
    ("campaign_config.reach_percentage", 0),
    ("campaign_config.reach_percentage", 1.1),
    ("campaign_config.response_rate_range", {"min": 0.2}),
    ("campaign_config.response_rate_range", {"max": 0.6}),
    ("campaign_config.conversion_rate", 1.1),
    ("campaign_config.conversion_value_range", {"min": 0}),
    ("campaign_config.conversion_value_range", {"max": 10_001}),
    ("campaign_config.conversion_value_range", {"min": 501}),
    ("campaign_config.campaign_duration_days", {"min": 6}),
    ("campaign_config.campaign_duration_days", {"max": 91}),
    ("campaign_config.campaign_duration_days", {"min": 30, "max": 20}),
    ("household_config.zip_code_spread", 3),
    ("household_config.couple_shares", {"childless": 1.1}),
    ("demographics_config.age_groups", {"0-4": 0.5}),
    ("demographics_config.age_groups", {"0-3": 1.0}),
    ("demographics_config.same_sex_couples", 2),
    ("demographics_config.income_spread", -1),
    ("demographics_config.identity_mappings", {"ios_share": 1.1}),
    ("demographics_config.identity_mappings", {"lifetime_days": {"cookie_id": 5}}),
    ("engagement_config.events_per_person", {"tail_exponent": 1}),
    ("engagement_config.events_per_person", {"most_per_day": 0}),
    ("engagement_config.view_duration", {"shape": 0}),
    ("engagement_config.view_duration", {"scale_seconds": {"mobile": 60}}),
    ("engagement_config.break_share", 0.6),
    ("engagement_config.weekday_weights", [1.0] * 6),
    ("engagement_config.weekday_weights", [0.0] * 7),
    ("engagement_config.popularity_exponent", -1),
    ("audience_config.churned_after_days", 0),
    ("campaign_config.frequency", {"mean": 1}),
    ("campaign_config.frequency", {"shares": {"16": 1.0}}),
    ("campaign_config.planned_households", 999),
    ("campaign_config.pacing", {"min": 0}),
    ("campaign_config.pacing", {"min": 1.5}),
    ("campaign_config.budget", {"mean": 5}),
    ("campaign_config.channel_response", {"email": 1}),
    ("campaign_config.conversion_values", "normal"),
    ("campaign_config.click_minutes", 0),
    ("households", 5),
    ("household_config.households", 5),
    ("audience_config.behavioral_thresholds.none", 1),
]


@pytest.mark.parametrize(("path", "value"), WRONG)
def test_an_invalid_value_is_an_error_of_its_field(path: str, value: Any) -> None:
    result = validate(nested(path, value))
    assert not result.valid
    field = result.errors[0].field
    # An error of several fields of a part is reported for the part.
    assert path.startswith(field.split(".")[0]) or field == ""
    with pytest.raises(UserError, match=path.split(".")[0] if field else "end_date"):
        configuration(nested(path, value))


def test_an_unknown_field_is_reported_with_the_known_ones() -> None:
    with pytest.raises(UserError, match=r"household_config\.homes.*num_households"):
        configuration({"household_config": {"homes": 5}})


def test_education_that_the_age_range_excludes_is_an_error() -> None:
    young = {"age_range": {"min": 18, "max": 21}}
    with pytest.raises(UserError, match="education_distribution does not go with age_range"):
        configuration({"demographics_config": young})


@pytest.mark.parametrize("preset", list(PRESETS))
def test_presets_are_sound_and_can_be_changed(preset: str) -> None:
    config = configuration({"household_config": {"num_households": 2_000}}, preset=preset)
    assert config.household_config.num_households == 2_000
    assert not [w for w in validate(config.model_dump()).warnings if "sums to" in w]


def test_there_is_no_default_catalog() -> None:
    assert GenerationConfig().catalog_name is None


def test_warnings_name_unusual_values() -> None:
    given = nested("engagement_config.event_types", {"view": 0.995})
    given["engagement_config"]["events_per_person"] = {"distribution": "normal"}
    text = " ".join(validate(given).warnings)
    assert "event_types sums to 0.995" in text
    assert "nobody will be Heavy" in text


def test_extents_are_not_in_the_fingerprint() -> None:
    more = {
        "household_config": {"num_households": 2_000},
        "campaign_config": {"num_campaigns": 11},
        "end_date": "2025-06-01",
        "shards": 3,
        "incremental": True,
        "catalog_name": "mine",
    }
    base = GenerationConfig().fingerprint()
    assert configuration(more).fingerprint() == base
    others = [
        {"seed": 43},
        {"household_config": {"size_distribution": {"mean": 2.4}}},
        {"demographics_config": {"age_range": {"min": 10}}},
        {"campaign_config": {"reach_percentage": 0.5}},
    ]
    assert len({configuration(other).fingerprint() for other in others} | {base}) == 5


def test_a_file_may_set_some_fields(tmp_path: Path) -> None:
    file = tmp_path / "graph.yaml"
    file.write_text("seed: 7\nend_date: 2025-05-01\nhousehold_config: {num_households: 5000}\n")
    config = configuration(read_yaml(file), {"household_config": {"num_households": 6_000}})
    assert (config.seed, config.household_config.num_households) == (7, 6_000)
    assert config.periods == 2


@pytest.mark.parametrize("text", ["[1, 2]", "a: [", "just words"])
def test_a_file_without_a_configuration_is_an_error(text: str, tmp_path: Path) -> None:
    file = tmp_path / "graph.yaml"
    file.write_text(text)
    with pytest.raises(UserError, match="cannot read"):
        read_yaml(file)
    with pytest.raises(UserError, match="cannot read"):
        read_yaml(tmp_path / "missing.yaml")


def test_the_launchpad_edits_parts_and_keeps_the_rest_as_loaded() -> None:
    loaded = graph(household_config={"num_households": 3_000, "income_brackets": {"<30K": 1.0}})
    seen: list[Any] = []

    @dg.op(required_resource_keys={"scenario"})
    def look(context: dg.OpExecutionContext) -> None:
        seen.append(scenario_of(loaded, context.resources.scenario))

    @dg.job(resource_defs={"scenario": scenario_resource(loaded)})
    def job() -> None:
        look()

    changes = {"household_config": {"num_households": 4_000, "size_distribution": {"mean": 2}}}
    for given in ({}, changes):
        config = {"resources": {"scenario": {"config": given}}}
        assert job.execute_in_process(run_config=config).success
    assert seen[0] == loaded.scenario
    assert seen[1].household_config.num_households == 4_000
    assert seen[1].household_config.size_distribution.mean == 2
    assert seen[1].household_config.income_brackets == {"<30K": 1.0}
