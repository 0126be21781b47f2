"""The one IO manager: hands the slices of a run to the store, and the store's frames to inputs."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import dagster as dg
import polars as pl

from synth_assets.generation.errors import UserError
from synth_assets.generation.rulebook import differences
from synth_assets.generation.schema import polars_schema
from synth_assets.generation.slicing import WHOLE_KEY, Slice
from synth_assets.generation.table import Table
from synth_assets.orchestration.metadata import PREVIEW_ROWS, slice_metadata
from synth_assets.stores import Store

# Run tag that lets a run drop slices that another scenario or other code has made.
RECREATE = "synth/recreate"


@dataclass(frozen=True)
class Delivery:
    """What an asset returns: its table, the slices with their rows, and who made them."""

    table: Table
    slices: Iterator[tuple[Slice, pl.LazyFrame]]
    fingerprint: str


class SliceIOManager(dg.IOManager):
    """Writes every partition of a run, each by itself and atomically.

    Dagster's stock managers refuse several partitions at once or replace without a
    transaction. The run's own Dagster partitions get rows, bytes, rate and a preview each.
    """

    def __init__(self, store: Store, tables: Mapping[str, Table]) -> None:
        self.store = store
        self.tables = tables

    def handle_output(self, context: dg.OutputContext, obj: Delivery) -> None:
        keys = context.asset_partition_keys if context.has_asset_partitions else [WHOLE_KEY]
        with self.store.opened():
            self._make_room(obj, set(keys), recreate=_tag(context, RECREATE) == "true")
            started = time.perf_counter()
            for piece, frame in obj.slices:
                receipt = self.store.replace(obj.table, piece.key, frame, obj.fingerprint)
                preview = self.store.scan(obj.table, [piece.key]).head(PREVIEW_ROWS).collect()
                seconds, started = time.perf_counter() - started, time.perf_counter()
                context.step_context.add_asset_metadata(
                    slice_metadata(receipt, seconds, preview.drop(obj.table.slicing.axis)),
                    asset_key=context.asset_key,
                    partition_key=piece.key if context.has_asset_partitions else None,
                )

    def load_input(self, context: dg.InputContext) -> pl.LazyFrame:
        table = self.tables["/".join(context.asset_key.path)]
        keys = list(context.asset_partition_keys) if context.has_asset_partitions else None
        return self.store.scan(table, keys)

    def _make_room(self, delivery: Delivery, keys: set[str], *, recreate: bool) -> None:
        """Refuses to mix scenarios in one table, or drops the strangers if told to."""
        table = delivery.table
        made_by = (delivery.fingerprint, table.code_version)
        schema = polars_schema(table.schema)
        # Slices with other columns give way also where this run writes them anew.
        stored = self.store.describe(table, without=() if recreate else keys).values()
        strangers = [
            receipt.key
            for receipt in stored
            if ((receipt.fingerprint, receipt.code_version) != made_by and receipt.key not in keys)
            or (recreate and differences(schema, receipt.schema))
        ]
        if strangers and recreate:
            self.store.drop(table, strangers)
        elif strangers:
            raise UserError(
                f"{table.path} holds {len(strangers)} slices of another scenario or code version "
                f"(for example {strangers[0]}), which this run would mix with its own at "
                f"{self.store.uri(table)}. Nothing was written. Materialize with --recreate (run "
                f"tag {RECREATE}=true) to drop them, or choose another place with SYNTH_LAKE."
            )


def _tag(context: dg.OutputContext, name: str) -> str | None:
    return context.step_context.run_tags.get(name)
