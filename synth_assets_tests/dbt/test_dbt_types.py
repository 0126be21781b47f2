"""Types of what every model builds; they do not depend on what is stored."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import duckdb
import pytest
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from synth_assets.orchestration.shipped import DBT_PROJECT
from synth_assets_tests.dbt.runner import run_dbt


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with every model of every domain, built on nothing, and dbt's manifest."""
    folder = tmp_path_factory.mktemp("types")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("SYNTH_")]:
            patch.delenv(name)
        patch.setenv("SYNTH_HOME", str(folder))
        patch.setenv("SYNTH_ALLOW_MISSING_SOURCES", "true")
        done = run_dbt(folder, ["run"], {})
    assert done.success
    return folder


@pytest.fixture(scope="module")
def columns(folder: Path) -> dict[tuple[str, str, str], str]:
    """The type of each column, by schema, relation and column."""
    with duckdb.connect(str(folder / "warehouse.duckdb")) as db:
        found = db.sql(
            "select table_schema, table_name, column_name, data_type "
            "from information_schema.columns"
        ).fetchall()
    return {(schema, table, column): of for schema, table, column, of in found}


@pytest.mark.slow
def test_no_model_has_a_type_that_clients_read_as_floating_point(
    columns: dict[tuple[str, str, str], str],
) -> None:
    wide = [name for name, of in columns.items() if of == "HUGEINT" or of.startswith("DECIMAL(38")]
    assert wide == []
    found = {name[1:]: of for name, of in columns.items()}
    assert found["customers", "customer_lifetime_value"] == "DECIMAL(18,2)"
    assert found["campaign_performance", "spend"] == "DECIMAL(18,4)"
    assert found["dim_users", "paid_cents"] == "BIGINT"


@pytest.mark.slow
def test_every_column_is_declared_with_its_type(
    folder: Path, columns: dict[tuple[str, str, str], str]
) -> None:
    nodes = json.loads((folder / "target" / "manifest.json").read_text())["nodes"].values()
    declared = {
        (node["schema"], node["alias"], name): column["data_type"]
        for node in nodes
        if node["resource_type"] == "model"
        for name, column in node["columns"].items()
    }
    assert declared == {name: of.lower() for name, of in columns.items()}


@pytest.mark.slow
def test_a_domain_that_names_no_schema_has_that_of_its_assets(tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(DBT_PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    models = project / "models" / "bikeshare"
    models.mkdir()
    (models / "station_days.sql").write_text("select 1 as id\n")
    words = ["parse", "--project-dir", str(project), "--profiles-dir", str(project)]
    done = dbtRunner().invoke(["--quiet", *words, "--target-path", str(tmp_path / "target")])
    assert done.success
    assert isinstance(done.result, Manifest)
    model = done.result.nodes["model.synth_assets_dbt.station_days"]
    assert model.schema == "bikeshare_marts"
