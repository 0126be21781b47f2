"""Whether partitions may join a table: all come from one scenario, code and set of columns."""

from __future__ import annotations

from collections.abc import Collection

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.core.schema import differences, polars_schema
from synth_assets.stores.store import Store


def make_room(
    store: Store, table: Table, keys: Collection[str], fingerprint: str, *, recreate: bool
) -> None:
    """Refuses to mix scenarios in one table; with ``recreate`` drops the strangers instead.

    ``keys`` are about to be replaced, so what they are of is no matter; ``recreate`` drops them
    first all the same, since their columns or their keys may be in the way of the new ones.
    """
    made_by, schema = (fingerprint, table.code_version), polars_schema(table.schema)
    strangers = [
        stats.key
        for stats in store.describe(table, without=() if recreate else keys).values()
        if (stats.fingerprint, stats.code_version) != made_by
        or (recreate and differences(schema, stats.schema))
    ]
    if strangers and recreate:
        store.drop(table, strangers)
    elif strangers:
        raise UserError(
            f"{table.path} holds {len(strangers)} slices of another scenario or code version "
            f"(for example {strangers[0]}), which this run would mix with its own at "
            f"{store.uri(table)}. Nothing was written. Use --recreate (in the UI the run tag "
            "synth/recreate=true) to drop them, or choose another place for the store."
        )
