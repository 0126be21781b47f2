"""Keeps the partitions of a table to one scenario, one code version and one set of columns."""

from __future__ import annotations

from collections.abc import Collection

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.core.schema import differences, polars_schema
from synth_assets.stores.store import Store


def ensure_compatible(
    store: Store, table: Table, keys: Collection[str], fingerprint: str, *, recreate: bool
) -> None:
    """Refuses, or drops, stored partitions that must not be mixed with those of a run.

    Args:
        store: The store that the run writes to.
        table: The table that the run writes.
        keys: The partitions that the run replaces. They may be of another scenario, but
            ``recreate`` drops them too, since their columns or keys may conflict with the new rows.
        fingerprint: The fingerprint of the run's scenario.
        recreate: Whether to drop foreign partitions, not refuse them.

    Raises:
        UserError: The table holds partitions of another scenario or code version, and
            ``recreate`` is False.
    """
    origin, schema = (fingerprint, table.code_version), polars_schema(table.schema)
    foreign = [
        stats.key
        for stats in store.describe(table, without=() if recreate else keys).values()
        if (stats.fingerprint, stats.code_version) != origin
        or (recreate and differences(schema, stats.schema))
    ]
    if foreign and recreate:
        store.drop(table, foreign)
    elif foreign:
        raise UserError(
            f"{table.path} holds {len(foreign)} slices of another scenario or code version "
            f"(for example {foreign[0]}), which this run would mix with its own at "
            f"{store.uri(table)}. Nothing was written. Use --recreate (in the UI the run tag "
            "synth/recreate=true) to drop them, or choose another place for the store."
        )
