"""The same models with the same rows in every warehouse, from every store that they read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock
from time import sleep
from typing import Any
from uuid import uuid4

import pytest
from dbt.adapters.base import BaseAdapter
from dbt.adapters.cache import RelationsCache

from synth_assets.core import sources
from synth_assets.domains.jaffle.domain import JaffleScenario, domain
from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.shipped import DBT_PROJECT
from synth_assets.orchestration.warehouse import target_of
from synth_assets_tests.dbt.project import invoke
from synth_assets_tests.dbt.rows import Rows, comparable, read
from synth_assets_tests.environment import restored
from synth_assets_tests.secrets import SECRET, holding
from synth_assets_tests.servers import REAL_PROJECT

DAYS = ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"]
MODELS = sorted(path.stem for path in (DBT_PROJECT / "models" / "jaffle").rglob("*.sql"))
# A table that never landed reads as empty.
SOURCES = domain().name
LEFT_OUT = "stg_app_sessions"


@dataclass(frozen=True)
class Warehouse:
    """A shop that lies in a store, and the warehouse in which dbt builds it."""

    settings: Settings

    def fill(self) -> None:
        """Stores the days of every table but one."""
        stores, scenario = self.settings.open_stores(), JaffleScenario.of({})
        for table in domain().tables:
            if table.name == LEFT_OUT:
                continue
            store = stores.of(table)
            with store.opened():
                for partition, frame in sources.frames(table, scenario, DAYS):
                    store.replace(table, partition.key, frame, scenario.fingerprint())

    def build(self, **variables: str) -> None:
        """Builds and tests all models; fails unless everything passes."""
        done = invoke(
            domain(), self.settings, "build", "--select", "path:models/jaffle", **variables
        )
        bad = {r.node.name: r.message for r in done.result.results if r.status in BAD}
        assert done.success, bad
        assert len(done.result.results) > 100

    def rows(self) -> Rows:
        """The rows of every model, comparable between warehouses."""
        target = target_of(domain(), self.settings, self.settings.routes)
        prefix = (
            self.settings.locations["bigquery"].partition(".")[2] if target == "bigquery" else ""
        )
        models = {model: f"{prefix}jaffle_marts.{model}" for model in MODELS}
        return {m: comparable(rows) for m, rows in read(target, self.settings, models).items()}


BAD = ("fail", "error", "skipped")


@pytest.fixture(autouse=True)
def _restored_environment() -> Iterator[None]:
    """What dbt is told stays with the test that tells it."""
    with restored():
        yield


def _built(home: Path, **environment: str) -> Rows:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYNTH_HOME", str(home))
        for name, value in environment.items():
            patch.setenv(name, value)
        warehouse = Warehouse(Settings.from_environment())
        warehouse.fill()
        warehouse.build()
        # Days that are built again give way to themselves.
        warehouse.build(min_date=DAYS[1], max_date=DAYS[2])
        return warehouse.rows()


@pytest.fixture(scope="module")
def from_the_lake(tmp_path_factory: pytest.TempPathFactory) -> Rows:
    """What DuckDB builds from the lake."""
    with restored():
        return _built(tmp_path_factory.mktemp("lake"))


@pytest.mark.slow
def test_the_reference_has_rows(from_the_lake: Rows) -> None:
    assert len(from_the_lake["orders"]) > 100
    assert all(from_the_lake.values())


@pytest.mark.slow
def test_duckdb_builds_the_same_from_any_files(from_the_lake: Rows, tmp_path: Path) -> None:
    routes = "delta,jaffle/raw_orders_training=duckdb,jaffle/stg_google_ads=parquet"
    assert _built(tmp_path, SYNTH_STORE=routes) == from_the_lake


@pytest.fixture
def _slow_to_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """dbt's second thread asks for a source while the first writes down which tables there are."""
    first, begun = Lock(), Event()
    add, list_relations = RelationsCache.add, BaseAdapter.list_relations

    def slowly(self: RelationsCache, relation: Any) -> None:
        add(self, relation)
        if relation.schema == SOURCES:
            begun.set()
            sleep(0.1)

    def in_turn(self: BaseAdapter, database: str, schema: str) -> Any:
        if schema == SOURCES and not first.acquire(blocking=False):
            begun.wait(10)
        return list_relations(self, database, schema)

    monkeypatch.setattr(RelationsCache, "add", slowly)
    monkeypatch.setattr(BaseAdapter, "list_relations", in_turn)


@pytest.mark.slow
@pytest.mark.usefixtures("_slow_to_list")
def test_postgres_builds_the_same_and_keeps_its_password(
    from_the_lake: Rows, tmp_path: Path, postgres_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    url = postgres_url.replace("postgres:@", f"postgres:{SECRET}@")
    assert SECRET in url
    before = set(DBT_PROJECT.rglob("*"))
    assert _built(tmp_path, SYNTH_STORE="postgres", SYNTH_POSTGRES_URL=url) == from_the_lake
    assert SECRET not in "".join(capfd.readouterr())
    # dbt's logs and compiled files among them.
    files = [*tmp_path.rglob("*"), *(set(DBT_PROJECT.rglob("*")) - before)]
    assert any(path.name == "manifest.json" for path in files)
    assert holding(SECRET, files) == []


@pytest.mark.slow
def test_bigquery_builds_the_same(
    from_the_lake: Rows, tmp_path: Path, bigquery_project: str
) -> None:
    prefix = f"t{uuid4().hex[:8]}_"
    try:
        built = _built(
            tmp_path,
            SYNTH_STORE="bigquery",
            SYNTH_BIGQUERY_PROJECT=bigquery_project,
            SYNTH_BIGQUERY_PREFIX=prefix,
        )
    finally:
        if REAL_PROJECT:
            _drop(bigquery_project, prefix)
    assert built == from_the_lake


def _drop(project: str, prefix: str) -> None:
    from synth_assets.orchestration.bigquery_client import client_of

    with client_of(project) as client:
        for dataset in client.list_datasets():
            if dataset.dataset_id.startswith(prefix):
                client.delete_dataset(dataset.reference, delete_contents=True)
