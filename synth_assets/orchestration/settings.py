"""Settings of a deployment: where data, models and Dagster's instance are stored.

They are read once when definitions load, from the environment and below it the home's settings
(``core.variables``). Every path is under ``SYNTH_HOME`` unless its own variable is set. What
decides data is in each domain's scenario. Secrets come from the environment alone and are never
shown or written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from synth_assets.core.errors import UserError
from synth_assets.core.variables import home as home_folder
from synth_assets.core.variables import origin, refuse_patterns, variable
from synth_assets.domains import load_domains
from synth_assets.orchestration.deployment import Execution, deployment_variables
from synth_assets.orchestration.shipped import DBT_PROJECT
from synth_assets.stores import KINDS, Store
from synth_assets.stores.kinds import kind_named
from synth_assets.stores.object_stores import refuse_wrong_url
from synth_assets.stores.routing import DEFAULT_KIND, Routes, Stores


@dataclass(frozen=True)
class Settings:
    """Where everything is stored, and how runs are executed.

    Attributes:
        home: The folder of everything that has no location of its own.
        routes: Which table is in which kind of store.
        locations: The location of each kind of store that has one.
        parties: The BigQuery project of each party that has one of its own.
        warehouse: DuckDB's file, in which dbt builds models of tables that are files.
        dagster_home: The folder of Dagster's instance.
        execution: Where runs and their steps are executed.
        shared_disk: Whether all workers have this machine's disk, as with NFS.
        partitions_per_run: 0 for backfills that are one run (a laptop), else the most partitions
            of a run (a cluster).
        concurrent_runs: How many runs of the queue are executed at once.
        keep_runs_days: How long ago a run must have ended to be purged.
        dask_scheduler: The address of Dask's scheduler; None for workers on this machine.
        dbt_target: The output of dbt's profiles to build with, instead of the tables' own.
        dbt_profiles: The folder of dbt's profiles.
    """

    home: Path
    routes: Routes
    locations: Mapping[str, str] = field(repr=False)  # a database's URL may hold a password
    parties: Mapping[str, str]
    warehouse: Path
    dagster_home: Path
    execution: Execution
    shared_disk: bool
    partitions_per_run: int
    concurrent_runs: int
    keep_runs_days: int
    dask_scheduler: str | None
    dbt_target: str | None
    dbt_profiles: Path

    @classmethod
    def from_environment(cls) -> Settings:
        """The settings of the environment and of the home.

        Raises:
            UserError: A value is wrong; the error names its variable and what is allowed.
        """
        home = home_folder()
        variables = deployment_variables()
        try:
            routes = Routes.parse(variables.store)
        except UserError as error:
            raise UserError(f"{origin('SYNTH_STORE')}: {error}") from None
        return cls(
            home=home,
            routes=routes,
            locations=_locations(home),
            parties=_parties(variables.bigquery_parties),
            warehouse=_path("SYNTH_WAREHOUSE", home),
            dagster_home=_path("DAGSTER_HOME", home),
            execution=variables.execution,
            shared_disk=variables.shared_disk,
            partitions_per_run=variables.partitions_per_run,
            concurrent_runs=variables.concurrent_runs,
            keep_runs_days=variables.keep_runs_days,
            dask_scheduler=variables.dask_scheduler,
            dbt_target=variables.dbt_target,
            dbt_profiles=_path("SYNTH_DBT_PROFILES_DIR", home),
        )

    def open_stores(self, *, patient: bool = True) -> Stores:
        """The stores of all tables.

        Args:
            patient: Whether to wait while another process has locked a store.

        Raises:
            UserError: A route names a table that does not exist.
        """
        if self.routes.overrides:
            self.routes.refuse_unknown(t for domain in load_domains() for t in domain.tables)
        return Stores(self.routes, partial(self.open_store, patient=patient))

    def open_store(self, kind: str, location: str | None = None, *, patient: bool = True) -> Store:
        """A store of a kind, on the connections of Dagster's own resources if it has any.

        Args:
            kind: The kind's name.
            location: Its location, by default that of the settings.
            patient: Whether to wait while another process has locked the store.

        Raises:
            UserError: The kind is unknown, or has no location.
        """
        known, where = kind_named(kind), location or self.locations.get(kind)
        if where is None:
            raise UserError(f"a store of kind {kind} needs {known.variable}")
        if known.path == "local":
            where = _on_this_machine(known.variable, where)
        elif known.path == "any":
            where = resolved(where)
        options: dict[str, Any] = {}
        if kind == "duckdb":
            from synth_assets.orchestration.duckdb_client import connections_to
            from synth_assets.stores.duckdb.connections import LOCK_TIMEOUT

            options["connect"] = connections_to(where, LOCK_TIMEOUT if patient else 0)
        elif kind == "bigquery":
            from synth_assets.orchestration.bigquery_client import client_of

            options |= {"projects": self.parties, "client": client_of}
        return known.open(where, **options)

    def make_home(self) -> Path:
        """The home, which is created if it does not exist.

        Raises:
            UserError: The folder cannot be created.
        """
        try:
            self.home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"cannot use {self.home} as SYNTH_HOME: {error.strerror}") from None
        return self.home

    @property
    def gate_folder(self) -> Path:
        """Where gate reports are published."""
        return self.home / REPORTS


# The folder of gate reports in the home: one for each domain.
REPORTS = "gate"
# Default locations in the home by variable; those of stores are in their ``StoreKind``.
AT_HOME = {"SYNTH_WAREHOUSE": "warehouse.duckdb", "DAGSTER_HOME": "dagster"}
# Variables that name a path, and all that name a location, besides those of stores.
PATHS = (*AT_HOME, "SYNTH_UNITY_ROOT", "SYNTH_DBT_PROFILES_DIR")
PLACES = ("SYNTH_STORE", *PATHS, "SYNTH_DBT_TARGET")
URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


def resolved(place: str, name: str = "") -> str:
    """The absolute path of a place, so that it outlasts a change of folder; a URL as it is.

    Args:
        place: A path, or a URL.
        name: The variable or option that names it, for errors.

    Raises:
        UserError: The path begins with the home of a user that does not exist, or is a URL whose
            slashes were forgotten.
    """
    if URL.match(place):
        return place
    refuse_wrong_url(place, name)
    try:
        return str(Path(place).expanduser().absolute())
    except RuntimeError:
        raise UserError(f"{name} = {place}: no such user".removeprefix(" = ")) from None


def location_variables() -> list[str]:
    """The variable of each kind of store's location."""
    return [kind.variable for kind in KINDS.values()]


def path_variables() -> list[str]:
    """Variables that have a path or a URL."""
    return [*(kind.variable for kind in KINDS.values() if kind.path), *PATHS]


def place_variables() -> list[str]:
    """Variables that name a location."""
    of_stores = [name for kind in KINDS.values() for name in (kind.variable, *kind.other_variables)]
    return list(dict.fromkeys([*PLACES, *of_stores]))


def default_place(name: str, home: Path) -> str | None:
    """The value that a variable has by default; None if it has none.

    Args:
        name: One of ``place_variables``.
        home: The home's folder.
    """
    fixed = {"SYNTH_STORE": DEFAULT_KIND, "SYNTH_DBT_PROFILES_DIR": str(DBT_PROJECT)}
    of_stores = {
        kind.variable: kind.default_location for kind in KINDS.values() if kind.default_location
    }
    at_home = {**AT_HOME, **of_stores}
    return str(home / at_home[name]) if name in at_home else fixed.get(name)


def _path(name: str, home: Path) -> Path:
    """The path that a variable names, or its default."""
    return Path(_on_this_machine(origin(name), variable(name) or default_place(name, home) or ""))


def _on_this_machine(name: str, place: str) -> str:
    if URL.match(place):
        raise UserError(f"{name} = {place}: must be a path on this machine")
    return resolved(place, name)


def _locations(home: Path) -> dict[str, str]:
    """The location of each kind of store that has one."""
    locations: dict[str, str] = {}
    for name, kind in KINDS.items():
        where = variable(kind.variable) or default_place(kind.variable, home)
        if where is not None:
            if kind.path and not URL.match(where):
                refuse_patterns(origin(kind.variable), where)
            locations[name] = kind.locate(
                resolved(where, origin(kind.variable)) if kind.path else where, variable
            )
    return locations


def _parties(text: str) -> dict[str, str]:
    parties = dict(part.strip().split("=", 1) for part in text.split(",") if "=" in part)
    if len(parties) != len([part for part in text.split(",") if part.strip()]):
        name = origin("SYNTH_BIGQUERY_PARTIES")
        raise UserError(f"{name} = {text!r}: must be party=project,party=project")
    return parties
