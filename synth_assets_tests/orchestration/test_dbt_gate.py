"""dbt runs on data that passed its gates, and on no other."""

from __future__ import annotations

from dataclasses import replace

import dagster as dg

from synth_assets.domains import load_domains
from synth_assets.generation.domain import Domain
from synth_assets.generation.rulebook import holds
from synth_assets.orchestration.build import build_definitions
from synth_assets.orchestration.dbt import marts_group
from synth_assets.orchestration.runs import RunOutcome, launch
from synth_assets.orchestration.settings import Settings

KEYS = ["2026-01-01", "2026-01-02"]


def everything(domain: Domain, settings: Settings, instance: dg.DagsterInstance) -> RunOutcome:
    defs = build_definitions([domain], settings)
    graph = defs.resolve_asset_graph()
    assets, checks = graph.materializable_asset_keys, graph.asset_check_keys
    return launch(defs, list(assets), list(checks), instance, keys=KEYS)


def test_a_failed_blocking_check_stops_dbt_and_a_sound_run_builds_it(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    import polars as pl

    jaffle = next(domain for domain in load_domains() if domain.name == "jaffle")
    planted = holds("planted", "No order has an id.", pl.col("id").is_null())
    spoilt = [
        replace(t, rules=[*t.rules, planted]) if t.name == "raw_orders_training" else t
        for t in jaffle.tables
    ]
    failed = everything(replace(jaffle, tables=spoilt), settings, instance)
    assert not failed.gate_passed
    made = {key.to_user_string() for key in failed.rows}
    assert "jaffle/raw_orders_training" in made
    assert not any(name.startswith(marts_group("jaffle")) for name in made)
    assert "jaffle/gate_report" not in made

    sound = everything(jaffle, settings, instance)
    assert sound.gate_passed, sound.failures
    made = {key.to_user_string() for key in sound.rows}
    assert {"jaffle_marts/orders", "jaffle_marts/cpa_and_roas", "jaffle/gate_report"} <= made
    assert (settings.gate_folder / "jaffle" / "report.html").exists()
    names = {check.check_name for check in sound.checks}
    assert any(name.startswith("source_unique") for name in names), "tests of sources are checks"
