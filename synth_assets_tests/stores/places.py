"""The location of each store in tests: a kind and a new, empty location.

That is all that ``open_store`` needs, in another process, too.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pytest

from synth_assets.stores import Store, open_store
from synth_assets_tests.stores.unity_workspace import Workspace


class Place(NamedTuple):
    """Arguments of ``open_store``."""

    kind: str
    location: str

    def open(self) -> Store:
        """Opens the store, as a new process does."""
        return open_store(self.kind, self.location)


def _local(kind: str) -> Callable[[pytest.FixtureRequest], Place]:
    def place(request: pytest.FixtureRequest) -> Place:
        folder: Path = request.getfixturevalue("tmp_path")
        return Place(kind, str(folder / "here"))

    return place


def _on_s3(kind: str) -> Callable[[pytest.FixtureRequest], Place]:
    def place(request: pytest.FixtureRequest) -> Place:
        return Place(kind, f"{request.getfixturevalue('s3_bucket')}/{uuid4().hex[:12]}")

    return place


def _on_postgres(request: pytest.FixtureRequest) -> Place:
    return Place("postgres", request.getfixturevalue("postgres_url"))


def _on_bigquery(request: pytest.FixtureRequest) -> Place:
    # Imported here, since processes that write to another store would wait for Google's clients.
    from synth_assets_tests.stores.bigquery_projects import remove_datasets

    project = request.getfixturevalue("bigquery_project")
    place = Place("bigquery", f"{project}.t{uuid4().hex[:12]}_")
    request.addfinalizer(lambda: remove_datasets(place.location))
    return place


def _on_unity(request: pytest.FixtureRequest) -> Place:
    workspace: Workspace = request.getfixturevalue("unity_workspace")
    catalog = f"t{uuid4().hex[:12]}"
    workspace.add_catalog(catalog)
    return Place("unity", f"{catalog}.synth_@{request.getfixturevalue('tmp_path') / 'here'}")


PLACES = {
    "parquet": _local("parquet"),
    "parquet on s3": _on_s3("parquet"),
    "duckdb": _local("duckdb"),
    "delta": _local("delta"),
    "delta on s3": _on_s3("delta"),
    "unity": _on_unity,
    "postgres": _on_postgres,
    "bigquery": _on_bigquery,
}
