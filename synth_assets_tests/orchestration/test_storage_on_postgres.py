"""Dagster's own storage on PostgreSQL, with a URL that begins with ``postgresql://``."""

from __future__ import annotations

import dagster as dg
import yaml

from synth_assets.core.model import Domain
from synth_assets.orchestration.build import build_definitions
from synth_assets.orchestration.runs import launch
from synth_assets.orchestration.settings import Settings
from synth_assets_tests.orchestration.conftest import DAILY


def test_a_run_is_recorded_under_a_plain_url(
    domain: Domain, settings: Settings, postgres_url: str
) -> None:
    assert postgres_url.startswith("postgresql://")
    settings.dagster_home.mkdir(parents=True)
    config = {"storage": {"postgres": {"postgres_url": postgres_url}}}
    (settings.dagster_home / "dagster.yaml").write_text(yaml.safe_dump(config))
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        defs = build_definitions([domain], settings, with_dbt=False)
        graph = defs.resolve_asset_graph()
        tables = [key for key in graph.materializable_asset_keys if key.path[1] != "gate_report"]
        keys = list(DAILY.keys())[:2]
        outcome = launch(defs, tables, list(graph.asset_check_keys), instance, keys=keys)
        assert outcome.gate_passed, outcome.failures
        assert instance.get_materialized_partitions(dg.AssetKey(["tiny", "parents"])) == set(keys)
