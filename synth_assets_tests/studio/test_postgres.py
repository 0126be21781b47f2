"""Dashboards on models in PostgreSQL: the same figures as on those in DuckDB."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
import streamlit as st
from polars.testing import assert_frame_equal

from synth_assets.orchestration.settings import Settings
from synth_assets.studio import context, look
from synth_assets.studio.context import Studio, install
from synth_assets_tests.dbt.project import fill, invoke
from synth_assets_tests.environment import only
from synth_assets_tests.studio.conftest import page, texts

pytestmark = pytest.mark.slow
SMALL = {
    "SYNTH_JAFFLE_END_DATE": "2026-01-15",
    "SYNTH_IDENTITY_GRAPH_SHARDS": "2",
    "SYNTH_IDENTITY_GRAPH_HOUSEHOLD_CONFIG": '{"num_households": 1000}',
    "SYNTH_IDENTITY_GRAPH_CAMPAIGN_CONFIG": '{"planned_households": 1000}',
}
DASHBOARDS = ("jaffle", "identity_graph")
Shown = dict[str, tuple[dict[str, str], dict[str, pl.DataFrame]]]


def shown_with(home: Path, **variables: str) -> Shown:
    """The numbers and the exports of each dashboard on what a store and its warehouse have."""
    with only(SYNTH_HOME=home, **SMALL, **variables), pytest.MonkeyPatch.context() as patch:
        settings = Settings.from_environment()
        studio = Studio(
            home=settings.make_home(),
            open_stores=settings.open_stores,
            warehouse=settings.home / "copy.duckdb",
            gate_folder=settings.gate_folder,
        )
        install(studio)
        for name in DASHBOARDS:
            fill(studio.domain(name), settings)
            assert invoke(studio.domain(name), settings, "run", "-s", f"path:models/{name}").success
        if settings.warehouse.exists():
            # dbt keeps its connection, beside which none may be read-only.
            with duckdb.connect(str(settings.warehouse)) as db:
                db.execute("checkpoint")
            shutil.copy(settings.warehouse, studio.warehouse)
        return {name: _shown(name, patch) for name in DASHBOARDS}


def _shown(name: str, patch: pytest.MonkeyPatch) -> Any:
    exported: dict[str, pl.DataFrame] = {}
    patch.setattr(look, "export", lambda frame, name: exported.update({name: frame}))
    st.cache_data.clear()
    test = page(name)
    assert not test.exception
    assert not test.error, texts(test)
    return {metric.label: metric.value for metric in test.metric}, exported


@pytest.fixture(autouse=True)
def _installed() -> Iterator[None]:
    """The studio of other tests is not that of these."""
    yield
    context._installed.clear()


def test_postgres_and_duckdb_give_the_same_figures(tmp_path: Path, postgres_url: str) -> None:
    expected = shown_with(tmp_path / "duckdb")
    found = shown_with(
        tmp_path / "postgres", SYNTH_STORE="postgres", SYNTH_POSTGRES_URL=postgres_url
    )
    for name in DASHBOARDS:
        numbers, exports = expected[name]
        assert len(numbers) >= 4
        assert found[name][0] == numbers
        assert found[name][1].keys() == exports.keys()
        assert all(len(frame) for frame in exports.values())
        for export, frame in exports.items():
            assert_frame_equal(
                found[name][1][export], frame, check_dtypes=False, check_row_order=False
            )
