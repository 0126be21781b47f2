"""Values of ``--set`` are plain data, which Dagster's configuration takes."""

from __future__ import annotations

import json

import pytest

from synth_assets.cli.scenario_options import scenario_values
from synth_assets.domains import load_domains
from synth_assets_tests.environment import only

with only():
    SAMPLES = {domain.name: domain for domain in load_domains() if domain.sample}


@pytest.mark.parametrize("name", SAMPLES)
def test_parts_of_a_scenario_are_what_was_given(name: str) -> None:
    domain = SAMPLES[name]
    words = [f"{field}={json.dumps(value)}" for field, value in domain.sample.items()]
    assert scenario_values([domain], None, words) == {name: dict(domain.sample)}
