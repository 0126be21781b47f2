"""Appends: which tables of a domain an append must materialize.

A table declares with which extents of the scenario its rows grow (``Table.grows_with``), a
scenario declares its extents, and a domain reads how far its stored data go. A record of the last
complete run is stored in the home. An append materializes the tables that have grown since then,
and those that differ from the record. Without a record it materializes all tables.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from synth_assets.core.atomic_files import write_text
from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain, Table
from synth_assets.core.scenario import Extent
from synth_assets.orchestration.settings import Settings
from synth_assets.stores.routing import Stores

# The record's key for what is stored of each table.
STORED = "slices"


def tables_to_append(domain: Domain, stores: Stores, settings: Settings) -> list[Table]:
    """The tables that an append must materialize.

    Args:
        domain: The domain, with the scenario of the append.
        stores: Where its tables are stored.
        settings: The settings; their home has the record of the last complete run.

    Raises:
        UserError: The append would change or remove stored rows.
    """
    _refuse_other_data(domain, stores)
    _refuse_smaller_extents(domain, stores)
    recorded = _read(domain, settings)
    extents = _extents(domain)
    grown = {name for name, extent in extents.items() if recorded.get(name) != extent}
    return [
        table
        for table in domain.tables
        if grown & set(table.grows_with)
        or recorded.get(STORED, {}).get(table.name) != _stored(table, stores)
    ]


def remove_record(domain: Domain, settings: Settings) -> None:
    """Removes the record of the last complete run, before a run changes what is stored.

    Args:
        domain: The domain.
        settings: The settings; their home has the record.
    """
    _record(domain, settings).unlink(missing_ok=True)


def write_record(domain: Domain, stores: Stores, settings: Settings) -> None:
    """Records what is stored after a complete run, for the next append.

    Args:
        domain: The domain, with the scenario of the run.
        stores: Where its tables are stored.
        settings: The settings; the record is written to their home.
    """
    stored = {table.name: _stored(table, stores) for table in domain.tables}
    settings.make_home()
    record = json.dumps({**_extents(domain), STORED: stored}, indent=1)
    write_text(_record(domain, settings), record)


def _refuse_other_data(domain: Domain, stores: Stores) -> None:
    """Refuses stored partitions of another scenario, code version or number of shards."""
    fingerprint = domain.scenario.fingerprint()
    for table in domain.tables:
        stats = stores.describe(table)
        others = {partition.fingerprint for partition in stats.values()} - {fingerprint}
        if others:
            raise UserError(
                f"cannot append: {table.path} was made with another seed or other settings "
                f"(scenario {sorted(others)[0]}, not {fingerprint}). An append takes more of "
                f"{', '.join(_extents(domain))} alone; without it, what is stored is replaced."
            )
        if {partition.code_version for partition in stats.values()} - {table.code_version}:
            raise UserError(
                f"cannot append: {table.path} was made by another version of the code; without "
                "append, what is stored is replaced"
            )
        if stats and not set(stats) <= set(table.partitioning.keys()):
            raise UserError(
                f"cannot append: {table.path} is stored in {len(stats)} shards, not in "
                f"{len(table.partitioning.keys())}: set the same number of shards"
            )


def _refuse_smaller_extents(domain: Domain, stores: Stores) -> None:
    """Refuses extents below those of the stored rows, because an append removes nothing."""
    extents = domain.stored_extents(domain, stores) if domain.stored_extents else {}
    for name, requested in _extents(domain).items():
        stored = extents.get(name)
        if stored is None:
            continue
        if isinstance(stored, str) and isinstance(requested, str) and stored > requested:
            raise UserError(
                f"cannot append: rows are stored up to {stored}, "
                f"and {name} {requested} is before that"
            )
        if isinstance(stored, int) and isinstance(requested, int) and stored > requested:
            raise UserError(
                f"cannot append: {name} {stored:,} is stored, and {requested:,} is requested"
            )


def _extents(domain: Domain) -> dict[str, Extent]:
    return dict(domain.scenario.extents())


def _stored(table: Table, stores: Stores) -> dict[str, list[Any]]:
    return {
        key: [partition.rows, partition.fingerprint, partition.code_version]
        for key, partition in stores.describe(table).items()
    }


def _record(domain: Domain, settings: Settings) -> Path:
    return settings.home / f"{domain.name}.json"


def _read(domain: Domain, settings: Settings) -> dict[str, Any]:
    try:
        found = json.loads(_record(domain, settings).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
