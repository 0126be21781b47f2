"""Types of what every model builds; they do not depend on what is stored."""

from __future__ import annotations

import os

import duckdb
import pytest

from synth_assets_tests.dbt.runner import run_dbt


@pytest.fixture(scope="module")
def columns(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    """(model.column, type) of every model of every domain, built on nothing."""
    folder = tmp_path_factory.mktemp("types")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("SYNTH_")]:
            patch.delenv(name)
        patch.setenv("SYNTH_HOME", str(folder))
        patch.setenv("SYNTH_ALLOW_MISSING_SOURCES", "true")
        done = run_dbt(folder, ["run"], {})
    assert done.success
    with duckdb.connect(str(folder / "warehouse.duckdb")) as db:
        return db.sql(
            "select table_name || '.' || column_name, data_type from information_schema.columns"
        ).fetchall()


@pytest.mark.slow
def test_no_model_has_a_type_that_clients_read_as_floating_point(
    columns: list[tuple[str, str]],
) -> None:
    wide = [(name, of) for name, of in columns if of == "HUGEINT" or of.startswith("DECIMAL(38")]
    assert wide == []
    found = dict(columns)
    assert found["customers.customer_lifetime_value"] == "DECIMAL(18,2)"
    assert found["campaign_performance.spend"] == "DECIMAL(18,4)"
    assert found["dim_users.paid_cents"] == "BIGINT"
