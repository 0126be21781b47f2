"""What an append must make of a domain: what has grown since the last whole run, and nothing else.

A table says with which extents of the scenario its rows grow (``Table.grows_with``), a scenario
what its extents are, a domain what is stored of them. A record of the last whole run is at home;
an append makes the tables that have grown since, and whatever in the store is not as the record
says. Without a record it makes everything.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain, Table
from synth_assets.core.scenario import Extent
from synth_assets.orchestration.settings import Settings
from synth_assets.stores.routing import Stores

SLICES = "slices"


def to_append(domain: Domain, stores: Stores, settings: Settings) -> list[Table]:
    """The tables that an append makes; ``UserError`` where it would change what there is."""
    _refuse_others(domain, stores)
    _refuse_less(domain, stores)
    recorded = _read(domain, settings)
    extents = _extents(domain)
    grown = {name for name, extent in extents.items() if recorded.get(name) != extent}
    return [
        table
        for table in domain.tables
        if grown & set(table.grows_with)
        or recorded.get(SLICES, {}).get(table.name) != _stored(table, stores)
    ]


def forget(domain: Domain, settings: Settings) -> None:
    """Removes the record: a run is about to change what is stored."""
    _record(domain, settings).unlink(missing_ok=True)


def record(domain: Domain, stores: Stores, settings: Settings) -> None:
    """Writes what a whole run has made, for the next append."""
    made = {table.name: _stored(table, stores) for table in domain.tables}
    settings.make_home()
    _record(domain, settings).write_text(json.dumps({**_extents(domain), SLICES: made}, indent=1))


def _refuse_others(domain: Domain, stores: Stores) -> None:
    """Nothing may be stored that another seed, other settings, code or shards have made."""
    fingerprint = domain.scenario.fingerprint()
    for table in domain.tables:
        stats = stores.describe(table)
        others = {one.fingerprint for one in stats.values()} - {fingerprint}
        if others:
            raise UserError(
                f"cannot append: {table.path} was made with another seed or other settings "
                f"(scenario {sorted(others)[0]}, not {fingerprint}). An append takes more of "
                f"{', '.join(_extents(domain))} alone; without it, what is stored is replaced."
            )
        if {one.code_version for one in stats.values()} - {table.code_version}:
            raise UserError(
                f"cannot append: {table.path} was made by another version of the code; without "
                "append, what is stored is replaced"
            )
        if stats and not set(stats) <= set(table.partitioning.keys()):
            raise UserError(
                f"cannot append: {table.path} is stored in {len(stats)} shards, not in "
                f"{len(table.partitioning.keys())}: set the same number of shards"
            )


def _refuse_less(domain: Domain, stores: Stores) -> None:
    """An append takes nothing away."""
    stored = domain.stored_extents(domain, stores) if domain.stored_extents else {}
    for name, asked in _extents(domain).items():
        there = stored.get(name)
        if there is None:
            continue
        if isinstance(there, str) and isinstance(asked, str) and there > asked:
            raise UserError(
                f"cannot append: rows are stored up to {there}, and {name} {asked} is before that"
            )
        if isinstance(there, int) and isinstance(asked, int) and there > asked:
            raise UserError(
                f"cannot append: {name} {there:,} is stored, and {asked:,} is asked for"
            )


def _extents(domain: Domain) -> dict[str, Extent]:
    return dict(domain.scenario.extents())


def _stored(table: Table, stores: Stores) -> dict[str, list[Any]]:
    return {
        key: [one.rows, one.fingerprint, one.code_version]
        for key, one in stores.describe(table).items()
    }


def _record(domain: Domain, settings: Settings) -> Path:
    return settings.home / f"{domain.name}.json"


def _read(domain: Domain, settings: Settings) -> dict[str, Any]:
    try:
        found = json.loads(_record(domain, settings).read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError):
        return {}
    return found if isinstance(found, dict) else {}
