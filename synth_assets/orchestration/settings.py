"""Settings of a deployment, read from the environment once when definitions load.

What changes data is a scenario, not a setting. Every path lies under ``SYNTH_HOME`` unless it
is named by itself.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from synth_assets.generation.errors import UserError
from synth_assets.stores import KINDS, Store, open_store

PROJECT = Path(__file__).resolve().parents[2]
DBT_PROJECT = PROJECT / "dbt_project"


@dataclass(frozen=True)
class Settings:
    """Where things are kept, and how backfills are cut.

    ``partitions_per_run`` of 0 makes a backfill one run (a laptop); above that, so many
    partitions go into a run (a cluster).
    """

    home: Path
    store_kind: str
    lake: str
    store_file: str
    warehouse: Path
    dagster_home: Path
    partitions_per_run: int
    dbt_target: str | None
    dbt_profiles: Path

    @classmethod
    def from_environment(cls) -> Settings:
        """Settings as the environment has them; ``UserError`` names a bad value."""
        home = Path(os.environ.get("SYNTH_HOME") or PROJECT / ".synth").expanduser().absolute()
        kind = os.environ.get("SYNTH_STORE") or "parquet"
        if kind not in KINDS:
            raise UserError(f"SYNTH_STORE = {kind!r}: must be one of {', '.join(KINDS)}")
        per_run = os.environ.get("SYNTH_PARTITIONS_PER_RUN") or "0"
        if not per_run.isdigit():
            raise UserError(f"SYNTH_PARTITIONS_PER_RUN = {per_run!r}: must be a whole number")
        return cls(
            home=home,
            store_kind=kind,
            lake=os.environ.get("SYNTH_LAKE") or str(home / "lake"),
            store_file=os.environ.get("SYNTH_DUCKDB") or str(home / "store.duckdb"),
            warehouse=Path(os.environ.get("SYNTH_WAREHOUSE") or home / "warehouse.duckdb"),
            dagster_home=Path(os.environ.get("DAGSTER_HOME") or home / "dagster"),
            partitions_per_run=int(per_run),
            dbt_target=os.environ.get("SYNTH_DBT_TARGET") or None,
            dbt_profiles=Path(os.environ.get("SYNTH_DBT_PROFILES_DIR") or DBT_PROJECT).absolute(),
        )

    def open_store(self) -> Store:
        """The store that these settings name, on Dagster's own connections where there are some."""
        if self.store_kind == "duckdb":
            from dagster_duckdb import DuckDBResource

            return open_store(
                "duckdb",
                self.store_file,
                connect=DuckDBResource(database=self.store_file).get_connection,
            )
        return open_store(self.store_kind, self.lake)

    @property
    def gate_folder(self) -> Path:
        """Where gate reports are published."""
        return self.home / "gate"

    def dbt_environment(self) -> dict[str, str]:
        """What dbt's profile and sources read from the environment."""
        return {"SYNTH_LAKE": self.lake, "SYNTH_WAREHOUSE": str(self.warehouse)}
