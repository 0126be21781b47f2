"""Settings of a deployment, read from the environment once when definitions load.

What changes data is a scenario, not a setting. Every path lies under ``SYNTH_HOME`` unless it
is named by itself. Secrets are in the environment alone: nothing here shows them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from synth_assets.domains import load_domains
from synth_assets.generation.errors import UserError
from synth_assets.stores import Store, open_store
from synth_assets.stores.routing import DEFAULT_KIND, Routes, Stores

PROJECT = Path(__file__).resolve().parents[2]
DBT_PROJECT = PROJECT / "dbt_project"


@dataclass(frozen=True)
class Settings:
    """Where things are kept, and how backfills are cut.

    ``locations`` has the location of each kind of store that the environment names one for;
    ``parties`` the BigQuery project of each party that has one of its own.
    ``partitions_per_run`` of 0 makes a backfill one run (a laptop); above that, so many
    partitions go into a run (a cluster).
    """

    home: Path
    routes: Routes
    locations: Mapping[str, str] = field(repr=False)  # a database's URL may hold a password
    parties: Mapping[str, str]
    warehouse: Path
    dagster_home: Path
    partitions_per_run: int
    dbt_target: str | None
    dbt_profiles: Path

    @classmethod
    def from_environment(cls) -> Settings:
        """Settings as the environment has them; ``UserError`` names a bad value."""
        home = Path(os.environ.get("SYNTH_HOME") or PROJECT / ".synth").expanduser().absolute()
        try:
            routes = Routes.parse(os.environ.get("SYNTH_STORE") or DEFAULT_KIND)
        except UserError as error:
            raise UserError(f"SYNTH_STORE: {error}") from None
        per_run = os.environ.get("SYNTH_PARTITIONS_PER_RUN") or "0"
        if not per_run.isdigit():
            raise UserError(f"SYNTH_PARTITIONS_PER_RUN = {per_run!r}: must be a whole number")
        return cls(
            home=home,
            routes=routes,
            locations=_locations(home),
            parties=_parties(os.environ.get("SYNTH_BIGQUERY_PARTIES") or ""),
            warehouse=_path("SYNTH_WAREHOUSE", home / "warehouse.duckdb"),
            dagster_home=_path("DAGSTER_HOME", home / "dagster"),
            partitions_per_run=int(per_run),
            dbt_target=os.environ.get("SYNTH_DBT_TARGET") or None,
            dbt_profiles=_path("SYNTH_DBT_PROFILES_DIR", DBT_PROJECT),
        )

    def open_stores(self) -> Stores:
        """The stores of all tables; ``UserError`` for a route of a table that there is not."""
        self.routes.refuse_unknown(t for domain in load_domains() for t in domain.tables)
        return Stores(self.routes, self.open_store)

    def open_store(self, kind: str, location: str | None = None) -> Store:
        """A store of a kind, on Dagster's own connections where there are some."""
        where = location or self.locations.get(kind)
        if where is None:
            raise UserError(f"a store of kind {kind} needs {LOCATIONS[kind]}")
        if kind == "duckdb":
            where = str(Path(where).expanduser().absolute())
        options: dict[str, Any] = {}
        if kind == "duckdb":
            from dagster_duckdb import DuckDBResource

            options["connect"] = DuckDBResource(database=where).get_connection
        elif kind == "bigquery":
            from synth_assets.orchestration.bigquery_client import client_of

            options |= {"projects": self.parties, "client": client_of}
        return open_store(kind, where, **options)

    @property
    def gate_folder(self) -> Path:
        """Where gate reports are published."""
        return self.home / "gate"


# The variable that says where each kind of store lies.
LOCATIONS = {
    "parquet": "SYNTH_LAKE",
    "duckdb": "SYNTH_DUCKDB",
    "postgres": "SYNTH_POSTGRES_URL",
    "bigquery": "SYNTH_BIGQUERY_PROJECT",
    "delta": "SYNTH_DELTA",
    "unity": "SYNTH_UNITY_CATALOG",
}


def _path(variable: str, default: Path) -> Path:
    """The path that a variable names, wherever the process goes afterwards."""
    return Path(os.environ.get(variable) or default).expanduser().absolute()


def _locations(home: Path) -> dict[str, str]:
    at_home = {
        "parquet": "lake",
        "duckdb": "store.duckdb",
        "postgres": "postgres",
        "delta": "delta",
    }
    locations = {kind: str(home / name) for kind, name in at_home.items()}
    locations |= {kind: os.environ[v] for kind, v in LOCATIONS.items() if os.environ.get(v)}
    if "bigquery" in locations and (prefix := os.environ.get("SYNTH_BIGQUERY_PREFIX")):
        locations["bigquery"] += f".{prefix}"
    if "unity" in locations:
        if prefix := os.environ.get("SYNTH_UNITY_PREFIX"):
            locations["unity"] += f".{prefix}"
        locations["unity"] += f"@{os.environ.get('SYNTH_UNITY_ROOT', '')}"
    return locations


def _parties(text: str) -> dict[str, str]:
    parties = dict(part.strip().split("=", 1) for part in text.split(",") if "=" in part)
    if len(parties) != len([part for part in text.split(",") if part.strip()]):
        raise UserError(f"SYNTH_BIGQUERY_PARTIES = {text!r}: must be party=project,party=project")
    return parties
