"""Settings of a deployment, read once when definitions load.

They are the environment's, and below it what the home remembers (``core.variables``).

What changes data is a scenario, not a setting. Every path lies under ``SYNTH_HOME`` unless it
is named by itself. Secrets are in the environment alone: nothing here shows them, or writes them.
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
from synth_assets.core.variables import origin, variable
from synth_assets.domains import load_domains
from synth_assets.orchestration.shipped import DBT_PROJECT
from synth_assets.stores import KINDS, Store
from synth_assets.stores.kinds import kind_named
from synth_assets.stores.routing import DEFAULT_KIND, Routes, Stores


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
        home = home_folder()
        stores = variable("SYNTH_STORE") or DEFAULT_KIND
        try:
            routes = Routes.parse(stores)
        except UserError as error:
            raise UserError(f"{origin('SYNTH_STORE')}: {error}") from None
        per_run = variable("SYNTH_PARTITIONS_PER_RUN") or "0"
        if not per_run.isdigit():
            raise UserError(
                f"{origin('SYNTH_PARTITIONS_PER_RUN')} = {per_run!r}: must be a whole number"
            )
        return cls(
            home=home,
            routes=routes,
            locations=_locations(home),
            parties=_parties(variable("SYNTH_BIGQUERY_PARTIES") or ""),
            warehouse=_path("SYNTH_WAREHOUSE", home),
            dagster_home=_path("DAGSTER_HOME", home),
            partitions_per_run=int(per_run),
            dbt_target=variable("SYNTH_DBT_TARGET"),
            dbt_profiles=_path("SYNTH_DBT_PROFILES_DIR", home),
        )

    def open_stores(self, *, patient: bool = True) -> Stores:
        """The stores of all tables; ``UserError`` for a route of a table that there is not.

        Unless they are patient, they wait for nobody who has locked them.
        """
        self.routes.refuse_unknown(t for domain in load_domains() for t in domain.tables)
        return Stores(self.routes, partial(self.open_store, patient=patient))

    def open_store(self, kind: str, location: str | None = None, *, patient: bool = True) -> Store:
        """A store of a kind, on Dagster's own connections where there are some."""
        known, where = kind_named(kind), location or self.locations.get(kind)
        if where is None:
            raise UserError(f"a store of kind {kind} needs {known.variable}")
        if known.path == "local":
            where = _on_this_machine(f"the store of kind {kind}", where)
        elif known.path == "any":
            where = resolved(where)
        options: dict[str, Any] = {}
        if kind == "duckdb":
            from synth_assets.orchestration.duckdb_client import connections_to
            from synth_assets.stores.duckdb import PATIENCE

            options["connect"] = connections_to(where, PATIENCE if patient else 0)
        elif kind == "bigquery":
            from synth_assets.orchestration.bigquery_client import client_of

            options |= {"projects": self.parties, "client": client_of}
        return known.open(where, **options)

    def make_home(self) -> Path:
        """The home, made if need be; ``UserError`` where it cannot be."""
        try:
            self.home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"cannot use {self.home} as SYNTH_HOME: {error.strerror}") from None
        return self.home

    @property
    def gate_folder(self) -> Path:
        """Where gate reports are published."""
        return self.home / "gate"


# Where in the home lies what a variable names, unless it does; stores say it of theirs.
AT_HOME = {"SYNTH_WAREHOUSE": "warehouse.duckdb", "DAGSTER_HOME": "dagster"}
# Variables that name a path, and that say where things are, besides those of the stores.
PATHS = (*AT_HOME, "SYNTH_UNITY_ROOT", "SYNTH_DBT_PROFILES_DIR")
PLACES = ("SYNTH_STORE", *PATHS, "SYNTH_DBT_TARGET")
URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


def resolved(place: str) -> str:
    """A path from the root, wherever the process goes afterwards; a URL as it is."""
    try:
        return place if URL.match(place) else str(Path(place).expanduser().absolute())
    except RuntimeError:
        raise UserError(f"{place}: no such user") from None


def location_variables() -> list[str]:
    """The variable of each kind of store's location."""
    return [kind.variable for kind in KINDS.values()]


def path_variables() -> list[str]:
    """Variables that name a path, or the URL of another place."""
    return [*(kind.variable for kind in KINDS.values() if kind.path), *PATHS]


def place_variables() -> list[str]:
    """Variables that say where things are."""
    of_stores = [name for kind in KINDS.values() for name in (kind.variable, *kind.further)]
    return list(dict.fromkeys([*PLACES, *of_stores]))


def default_place(name: str, home: Path) -> str | None:
    """What a variable of ``place_variables`` stands for while it is not set."""
    fixed = {"SYNTH_STORE": DEFAULT_KIND, "SYNTH_DBT_PROFILES_DIR": str(DBT_PROJECT)}
    of_stores = {kind.variable: kind.at_home for kind in KINDS.values() if kind.at_home}
    at_home = {**AT_HOME, **of_stores}
    return str(home / at_home[name]) if name in at_home else fixed.get(name)


def _path(name: str, home: Path) -> Path:
    """The path that a variable names, or its default."""
    return Path(_on_this_machine(origin(name), variable(name) or default_place(name, home) or ""))


def _on_this_machine(name: str, place: str) -> str:
    if URL.match(place):
        raise UserError(f"{name} = {place}: must be a path on this machine")
    return resolved(place)


def _locations(home: Path) -> dict[str, str]:
    """The location of each kind of store that has one."""
    locations: dict[str, str] = {}
    for name, kind in KINDS.items():
        where = variable(kind.variable) or default_place(kind.variable, home)
        if where is not None:
            locations[name] = kind.locate(resolved(where) if kind.path else where, variable)
    return locations


def _parties(text: str) -> dict[str, str]:
    parties = dict(part.strip().split("=", 1) for part in text.split(",") if "=" in part)
    if len(parties) != len([part for part in text.split(",") if part.strip()]):
        name = origin("SYNTH_BIGQUERY_PARTIES")
        raise UserError(f"{name} = {text!r}: must be party=project,party=project")
    return parties
