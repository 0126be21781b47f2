"""Indexes of Dagster's event log that a SQLite file does without: they are a sixth of its size.

Queries stay as they are. Nothing selects by a step alone, or by the materialization of a check's
result, and most events are of no asset. A database that has the indexes already keeps them.
"""

from __future__ import annotations

import sqlalchemy as db
from dagster._core.storage.event_log.schema import (
    AssetCheckExecutionsTable,
    SqlEventLogStorageTable,
)

UNUSED = {"idx_step_key", "idx_asset_check_executions"}
# Of these, only the rows of assets are of use.
OF_ASSETS = {"idx_events_by_asset", "idx_events_by_asset_partition"}


def reduce_indexes() -> None:
    """Has SQLAlchemy create fewer indexes in SQLite, and smaller ones, in this process."""
    events = SqlEventLogStorageTable
    for index in (*events.indexes, *AssetCheckExecutionsTable.indexes):
        if index.name in UNUSED:
            index.ddl_if(dialect="postgresql")
        elif index.name in OF_ASSETS:
            where: db.ColumnElement[bool] = events.c.asset_key.is_not(None)
            index.dialect_options["sqlite"]["where"] = where
