"""Every check of the identity graph passes on sound data of other settings, too."""

from __future__ import annotations

import pytest

from synth_assets.domains.identity_graph.validation import PRESETS
from synth_assets.quality.structural import checks_of
from synth_assets_tests.domains.identity_graph.made import graph, stored
from synth_assets_tests.quality.memory import judge

SETTINGS = {
    "brief": PRESETS["brief"],
    "weekly": {
        "engagement_config": {
            "temporal_pattern": "weekly",
            "events_per_person": {"distribution": "normal", "mean": 20, "std_dev": 8},
        },
        "demographics_config": {
            "age_range": {"min": 0},
            "identity_mappings": {"identifiers_per_person": {"mean": 6}},
        },
    },
    "seasonal": {
        "engagement_config": {
            "temporal_pattern": "seasonal",
            "time_period_days": 365,
            "events_per_person": {"distribution": "exponential", "mean": 20},
            "content_categories": {"Education": 0.5, "Sports": 0.5},
        },
        "household_config": {"location_distribution": {"CA": 0.6, "NY": 0.4}},
        "audience_config": {"segments": ["Learner", "Casual User"]},
        "campaign_config": {"channels": ["email"], "campaign_duration_days": {"min": 7, "max": 7}},
    },
    "uniform": {
        "engagement_config": {"temporal_pattern": "uniform", "events_per_person": {"mean": 20}},
        "end_date": "2025-04-20",
    },
}


@pytest.mark.parametrize("name", list(SETTINGS))
def test_other_settings_give_sound_data(name: str) -> None:
    other = graph(1_000, **SETTINGS[name])
    memory = stored(other)
    for table in other.tables:
        for check in checks_of(table):
            if check.name != "one_scenario":
                results = judge(check, other, table.name, memory)
                assert all(v.passed for v in results), (table.name, check.name, results)
