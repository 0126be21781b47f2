"""The examples are what an import writes today, and become tables that join."""

from __future__ import annotations

from pathlib import Path

import pytest

from synth_assets.cli.import_ import HEAD
from synth_assets.domains.outside import domain_at
from synth_assets.importing.declaration import imported
from synth_assets.importing.disclosure import DEFAULT_K
from synth_assets.importing.report import report
from synth_assets.importing.sources import Options, read
from synth_assets.importing.yaml_text import yaml_text
from synth_assets.orchestration.build import build_definitions
from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.shipped import PROJECT
from synth_assets_tests.declarative.conftest import rows_of

EXAMPLES = PROJECT / "examples"
SOURCES = {"hospital": "schema.sql", "billing": "dbt_project"}


@pytest.mark.parametrize(("name", "source"), SOURCES.items())
def test_an_example_is_what_the_import_writes(name: str, source: str) -> None:
    folder = EXAMPLES / name
    found = read(str(folder / source), Options(), lambda url: pytest.fail("no address"))
    done = imported(found, name)
    assert (folder / "domain.yaml").read_text() == yaml_text(done.spec, HEAD)
    assert (folder / "import.md").read_text() == report(done, DEFAULT_K)


def test_the_hospital_joins(home: Path) -> None:
    """A reference of two columns, a cycle that was cut, times in order."""
    domain = domain_at(EXAMPLES / "hospital")
    encounters, wards, staff, departments = (
        rows_of(domain, name) for name in ("encounters", "wards", "staff", "departments")
    )
    key = ["department_id", "ward_no"]
    assert encounters.join(wards, on=key, how="anti").is_empty()
    assert wards.select(key).is_duplicated().sum() == 0
    heads = departments.drop_nulls("head_id")
    assert heads.join(staff, left_on="head_id", right_on="id", how="anti").is_empty()
    stays = encounters.drop_nulls("discharged_at")
    assert stays.filter(stays["discharged_at"] < stays["admitted_at"]).is_empty()


@pytest.mark.slow
@pytest.mark.parametrize("name", SOURCES)
def test_dagster_opens_an_example(name: str, settings: Settings) -> None:
    domain = domain_at(EXAMPLES / name)
    defs = build_definitions([domain], settings, with_dbt=False)
    keys = {key.to_user_string() for key in defs.resolve_all_asset_keys()}
    assert {table.path for table in domain.tables} < keys
    assert defs.resolve_job_def(f"{name}_all")
