"""dbt as its users start it: from any folder, without `synth`, on what is stored or is not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from dbt.cli.main import dbtRunner

from synth_assets.core import sources
from synth_assets.core.errors import UserError
from synth_assets.domains.jaffle.domain import JaffleScenario, domain
from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.shipped import DBT_PROJECT
from synth_assets.orchestration.warehouse import refuse_nothing

DAYS = ["2026-01-01", "2026-01-02"]
# Few models: a project is parsed anew for other variables.
KEPT = (
    "dbt_project.yml", "profiles.yml", "macros", "tests/generic", "models/jaffle/sources.yml",
    "models/jaffle/groups.yml", "models/jaffle/staging/stg_customers.sql",
)  # fmt: skip
TABLES = ("raw_customers_training", "raw_customers_validation")


class Checkout:
    """A project with one model, and the folder in which `synth` would store."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, folder / ".synth"
        self.project = folder / "dbt_project"
        for path in KEPT:
            target = self.project / path
            target.parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if (DBT_PROJECT / path).is_dir() else shutil.copy
            copy(DBT_PROJECT / path, target)

    def run(self, *words: str, **variables: Any) -> str:
        """Runs the model of customers; what dbt says is wrong, nothing where all is well."""
        given = ("--vars", json.dumps(variables)) if variables else ()
        done = dbtRunner().invoke(["--quiet", "run", "--select", "stg_customers", *words, *given])
        if done.exception is not None:
            return str(done.exception)
        return "".join(r.message for r in done.result.results if r.status == "error")

    def rows(self) -> int:
        """Rows of the model."""
        with duckdb.connect(str(self.home / "warehouse.duckdb")) as db:
            return db.sql("select count(*) from jaffle_marts.stg_customers").fetchall()[0][0]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """A checkout with two days of customers."""
    checkout = Checkout(tmp_path_factory.mktemp("checkout"))
    with pytest.MonkeyPatch.context() as patch:
        for name in ("SYNTH_HOME", "SYNTH_LAKE", "SYNTH_WAREHOUSE", "SYNTH_LANDED"):
            patch.delenv(name, raising=False)
        patch.delenv("SYNTH_ALLOW_MISSING_SOURCES", raising=False)
        with pytest.MonkeyPatch.context() as here:
            here.setenv("SYNTH_HOME", str(checkout.home))
            stores, scenario = Settings.from_environment().open_stores(), JaffleScenario.of({})
        for table in map(domain().table, TABLES):
            for partition, frame in sources.frames(table, scenario, DAYS):
                stores.of(table).replace(table, partition.key, frame, scenario.fingerprint())
        yield checkout


@pytest.mark.parametrize(
    ("folder", "words"),
    [
        (".", ("--project-dir", "dbt_project", "--profiles-dir", "dbt_project")),
        pytest.param("dbt_project", (), marks=pytest.mark.slow),
        pytest.param("dbt_project/models", ("--profiles-dir", ".."), marks=pytest.mark.slow),
    ],
)
def test_the_lake_is_found_from_any_folder(
    checkout: Checkout, folder: str, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(checkout.folder / folder)
    assert checkout.run(*words) == ""
    stored = checkout.home / "lake" / "jaffle" / "*" / "*" / "data.parquet"
    assert checkout.rows() == pl.scan_parquet(stored).collect().height > 0


@pytest.fixture
def _inside(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(checkout.project)


@pytest.mark.usefixtures("_inside")
def test_the_lake_of_another_home_is_read(
    checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTH_HOME", str(tmp_path))
    assert f"at {tmp_path}/lake/jaffle/raw_customers_training:" in checkout.run()


@pytest.mark.usefixtures("_inside")
def test_a_missing_source_is_an_error_unless_a_variable_allows_it(
    checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTH_LAKE", str(tmp_path / "mistyped"))
    said = checkout.run()
    assert "nothing is stored of source jaffle.raw_customers_training at" in said
    assert f"{tmp_path}/mistyped/jaffle/raw_customers_training" in said
    assert "`synth materialize jaffle/raw_customers_training`" in said
    assert checkout.run(allow_missing_sources=True) == ""
    assert checkout.rows() == 0


@pytest.mark.usefixtures("_inside")
@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-02-01", "2026-02-28", "for the days 2026-02-01 to 2026-02-28"),
        ("1/2/2026", "2026-01-02", "min_date '1/2/2026' is not a day of the form YYYY-MM-DD"),
        pytest.param(
            *("2026-01-01", "", "max_date '' is not a day of the form YYYY-MM-DD"),
            marks=pytest.mark.slow,
        ),
        pytest.param(
            *("2026-01-02", "2026-01-01", "min_date 2026-01-02 is after max_date 2026-01-01"),
            marks=pytest.mark.slow,
        ),
    ],
)
def test_days_that_cannot_be_built_are_an_error(
    checkout: Checkout, first: str, last: str, said: str
) -> None:
    assert said in checkout.run(min_date=first, max_date=last)


def test_the_product_has_dbt_build_nothing_from_nothing(settings: Settings) -> None:
    with pytest.raises(UserError, match=r"nothing of jaffle is stored at .*/lake"):
        refuse_nothing(domain(), settings.open_stores())


def test_places_are_absolute_since_dbt_works_in_a_folder_of_its_own(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("SYNTH_LAKE", "SYNTH_WAREHOUSE", "SYNTH_DUCKDB", "SYNTH_DELTA"):
        monkeypatch.setenv(name, "here")
    settings = Settings.from_environment()
    here = str(tmp_path / "here")
    assert [settings.locations[kind] for kind in ("parquet", "duckdb", "delta")] == [here] * 3
    assert settings.warehouse == Path(here)
