"""What Dagster is given: keys, schema tab, jobs, schedules, checks."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import pytest

from synth_assets.core.errors import UserError
from synth_assets.core.stored_tables import stored_tables
from synth_assets.domains import load_domains
from synth_assets.orchestration.build import build_definitions
from synth_assets.orchestration.resources import scenario_of, scenario_resource
from synth_assets.orchestration.schedules import schedules_of
from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.shipped import PROJECT
from synth_assets_tests.dbt.parsed_project import give_parsed_project
from synth_assets_tests.orchestration.conftest import tiny

SNAPSHOT = Path(__file__).with_name("definitions.json")


@pytest.fixture
def defs(settings: Settings) -> dg.Definitions:
    give_parsed_project(settings.home)
    return build_definitions(load_domains(), settings)


def described(defs: dg.Definitions) -> dict[str, object]:
    """Asset keys, checks, jobs, schedules and sensors by name, as plain data."""
    graph, repository = defs.resolve_asset_graph(), defs.get_repository_def()
    checks: dict[str, list[str]] = {}
    for key in sorted(graph.asset_check_keys):
        checks.setdefault(key.asset_key.to_user_string(), []).append(key.name)
    return {
        "assets": {
            key.to_user_string(): {
                "group": graph.get(key).group_name,
                "partitioned": graph.get(key).is_partitioned,
                "parents": sorted(p.to_user_string() for p in graph.get(key).parent_keys),
            }
            for key in sorted(graph.materializable_asset_keys)
        },
        "checks": checks,
        "jobs": sorted(j for j in repository.job_names if not j.startswith("__")),
        "schedules": {s.name: str(s.cron_schedule) for s in repository.schedule_defs},
        "sensors": sorted(s.name for s in repository.sensor_defs),
    }


def test_definitions_are_those_of_the_snapshot(
    defs: dg.Definitions, request: pytest.FixtureRequest
) -> None:
    found = described(defs)
    if not SNAPSHOT.exists():
        SNAPSHOT.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    expected = json.loads(SNAPSHOT.read_text())
    assert found == expected, f"delete {SNAPSHOT.name} and run again to accept the change"


def test_a_code_location_can_load_everything(settings: Settings) -> None:
    # Names that conflict are found only here: each job is otherwise built when it is asked for.
    defs = build_definitions(load_domains(), settings, with_dbt=False)
    defs.get_repository_def().load_all_definitions()


def test_one_job_can_materialize_everything(settings: Settings) -> None:
    # A check that reads a table downstream of its own would make the graph circular.
    defs = build_definitions(load_domains(), settings, with_dbt=False)
    job = defs.resolve_implicit_global_asset_job_def()
    assert len(job.nodes_in_topological_order) > 60


def test_every_asset_has_the_metadata_that_the_ui_shows(settings: Settings) -> None:
    defs = build_definitions(load_domains(), settings, with_dbt=False)
    for domain in load_domains():
        for table in domain.tables:
            spec = defs.resolve_asset_graph().get(dg.AssetKey([domain.name, table.name]))
            schema = spec.metadata["dagster/column_schema"]
            assert [c.name for c in schema.columns] == list(table.schema.columns())
            assert all(c.description for c in schema.columns), table.path
            code = spec.metadata["dagster/code_references"].code_references[0]
            assert "synth_assets/domains" in code.file_path
            assert code.line_number > 1
            assert spec.owners
            assert spec.kinds == {"polars", table.store or "parquet"}
            assert spec.tags["domain"] == domain.name
            assert spec.group_name == domain.name
            assert spec.code_version == table.code_version
            stored = stored_tables(table)[0]
            assert spec.metadata["dagster/table_name"] == f"{stored.domain}.{stored.name}"


@pytest.mark.usefixtures("home")
def test_every_schedule_asks_for_a_run_today_or_names_the_setting_that_ended_it() -> None:
    ended = []
    for domain in load_domains():
        for schedule in schedules_of(domain):
            with dg.build_schedule_context(scheduled_execution_time=datetime.now(UTC)) as context:
                due = schedule(context)
            if isinstance(due, dg.SkipReason):
                assert f"SYNTH_{domain.name}_END_DATE".upper() in str(due.skip_message)
                ended.append(schedule.name)
    # The days of the public sample, which the journey has by default, are over.
    assert ended == ["journey_daily"]


def test_a_schedule_says_which_days_and_how_many_tables_it_makes() -> None:
    daily, weekly = schedules_of(tiny())
    assert daily.description == (
        "The day before the run, and days that were missed before, for 2 tables, then dbt models "
        "and the gate report."
    )
    assert weekly.description.startswith("The last 7 days before the run, and")


@pytest.mark.parametrize(
    ("name", "at", "keys"),
    [
        ("tiny_daily", datetime(2026, 1, 5, 3, 20, tzinfo=UTC), ("2026-01-04",)),
        ("tiny_weekly", datetime(2026, 1, 9, 3, 20, tzinfo=UTC), ("2026-01-02", "2026-01-08")),
        ("tiny_daily", datetime(2026, 3, 5, 3, 20, tzinfo=UTC), ()),
    ],
)
def test_a_schedule_asks_for_the_days_that_are_over(
    name: str, at: datetime, keys: tuple[str, ...]
) -> None:
    schedules = schedules_of(tiny())
    schedule = next(schedule for schedule in schedules if schedule.name == name)
    with dg.build_schedule_context(scheduled_execution_time=at) as context:
        due = schedule(context)
    if not keys:
        assert isinstance(due, dg.SkipReason)
    elif len(keys) == 1:
        assert due.partition_key == keys[0]
    else:
        tags = due.tags
        assert (
            tags["dagster/asset_partition_range_start"],
            tags["dagster/asset_partition_range_end"],
        ) == keys


def test_the_launchpad_has_the_scenario_with_its_descriptions(settings: Settings) -> None:
    defs = build_definitions(load_domains(), settings, with_dbt=False)
    resource = defs.resources["jaffle_scenario"]
    fields = type(resource).model_fields
    assert "training_orders" in fields
    assert "start_date" not in fields
    assert all(field.description for field in fields.values())


def test_a_date_of_the_launchpad_is_text_that_the_scenario_reads(settings: Settings) -> None:
    domain = next(d for d in load_domains() if d.name == "clean_room")
    resource = scenario_resource(domain)
    assert resource.values()["as_of"] == "2025-09-25"
    assert scenario_of(domain, resource) == domain.scenario
    other = type(resource)(**resource.values() | {"as_of": "2026-01-01"})
    assert scenario_of(domain, other).as_of == date(2026, 1, 1)
    with pytest.raises(UserError, match="as_of = 'soon'"):
        scenario_of(domain, type(resource)(**resource.values() | {"as_of": "soon"}))


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["dagster", "definitions", "validate", "-w", "workspace.yaml"], id="dagster"),
        pytest.param(["dg", "check", "defs"], id="dg-check"),
        pytest.param(["dg", "list", "defs", "--json"], id="dg-list"),
    ],
)
@pytest.mark.slow
def test_dagsters_own_commands_accept_the_project(command: list[str], home: Path) -> None:
    program = Path(sys.executable).with_name(command[0])
    done = subprocess.run(
        [str(program), *command[1:]], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_dagsters_dbt_resource_has_the_methods_that_are_left_out() -> None:
    from dagster_dbt import DbtCliResource

    assert {"_cli_version", "_initialize_dbt_core_adapter"} <= vars(DbtCliResource).keys()
