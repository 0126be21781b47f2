"""Dagster's event log in PostgreSQL, whose steps wait for a slot of a pool as ``pool_slots`` says.

``instance_config`` names it where PostgreSQL keeps the records of runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from dagster_postgres import PostgresEventLogStorage
from dagster_postgres.utils import pg_url_from_config

from synth_assets.orchestration.pool_slots import WaitsForSlots


class WaitingPostgresEventLogStorage(WaitsForSlots, PostgresEventLogStorage):
    """The event log in PostgreSQL."""

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Mapping[str, Any]) -> Self:
        """The storage that an instance's configuration describes.

        Args:
            inst_data: The description.
            config_value: Its fields.
        """
        return cls(pg_url_from_config(config_value), inst_data=inst_data)
