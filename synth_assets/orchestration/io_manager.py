"""The IO manager: writes a run's partitions to the table's store, and reads rows for inputs."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import dagster as dg
import polars as pl

from synth_assets.core.model import Table
from synth_assets.core.partitioning import WHOLE_KEY, Partition
from synth_assets.core.scenario import Scenario
from synth_assets.core.schema import polars_schema
from synth_assets.orchestration.claims import claimed, rows_of
from synth_assets.orchestration.inputs import convert
from synth_assets.orchestration.interruption import stop_if_interrupted
from synth_assets.orchestration.metadata import PREVIEW_ROWS, partition_metadata
from synth_assets.orchestration.partition_plot import bars
from synth_assets.orchestration.remembered import remember
from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.shared_stores import refuse_own_disk
from synth_assets.stores.routing import Stores
from synth_assets.stores.write_guard import ensure_compatible

# Run tag that allows a run to drop partitions of another scenario or code version.
RECREATE = "synth/recreate"
# Metadata of an input that allows partitions to be missing, as with Dagster's UPathIOManager.
ALLOW_MISSING = "allow_missing_partitions"


@dataclass(frozen=True)
class PartitionedOutput:
    """What an asset returns: its table, the partitions with their rows, and their scenario."""

    table: Table
    partitions: Iterator[tuple[Partition, pl.LazyFrame]]
    scenario: Scenario


class PartitionIOManager(dg.IOManager):
    """Writes every partition of a run separately and atomically.

    Dagster's own IO managers refuse several partitions at once or replace them without a
    transaction. The metadata of each Dagster partition has rows, bytes, rate and a preview.
    """

    def __init__(self, stores: Stores, tables: Mapping[str, Table], settings: Settings) -> None:
        self.settings = settings
        self.stores = stores
        self.tables = tables

    def handle_output(self, context: dg.OutputContext, obj: PartitionedOutput) -> None:
        refuse_own_disk(self.settings, [self.stores.routes.kind_of(obj.table)])
        keys = context.asset_partition_keys if context.has_asset_partitions else [WHOLE_KEY]
        store, recreate = self.stores.of(obj.table), _tag(context, RECREATE) == "true"
        fingerprint = obj.scenario.fingerprint()
        rows_claimed = rows_of(obj.table, obj.scenario)
        with store.opened(), claimed(self.settings.home, obj.table, rows_claimed):
            ensure_compatible(store, obj.table, set(keys), fingerprint, recreate=recreate)
            started, rows = time.perf_counter(), {}
            for partition, frame in obj.partitions:
                stop_if_interrupted()
                stats = store.replace(obj.table, partition.key, frame, fingerprint)
                if obj.table.on_stored:
                    obj.table.on_stored(self.settings.home, stats)
                rows[partition.key] = stats.rows
                preview = store.scan(obj.table, [partition.key]).head(PREVIEW_ROWS).collect()
                seconds, started = time.perf_counter() - started, time.perf_counter()
                context.step_context.add_asset_metadata(
                    partition_metadata(
                        stats, seconds, preview.drop(obj.table.partitioning.partition_column)
                    )
                    | _plots(obj.table, preview)
                    | dict(
                        obj.table.extra_metadata(partition.key) if obj.table.extra_metadata else {}
                    ),
                    asset_key=context.asset_key,
                    partition_key=partition.key if context.has_asset_partitions else None,
                )
        if plot := bars(rows, "rows by partition"):
            context.step_context.add_asset_metadata(
                {"rows_by_partition": dg.MetadataValue.md(plot)},
                asset_key=context.asset_key,
                partition_key=max(rows),
            )
        if not self.settings.execution.shares_nothing:
            remember(obj.table.domain, obj.scenario, self.settings)

    def load_input(self, context: dg.InputContext) -> Any:
        """The rows of the input's partitions, in the type of the input's annotation."""
        table = self.tables["/".join(context.asset_key.path)]
        rows = self._rows(context, table)
        subject = f"input {context.name!r} ({table.path})"
        return convert(rows, context.dagster_type.typing_type, subject)

    def _rows(self, context: dg.InputContext, table: Table) -> pl.LazyFrame:
        """The rows of the requested partitions; of the stored ones if others may be missing."""
        keys = list(context.asset_partition_keys) if context.has_asset_partitions else None
        if keys is None or not context.definition_metadata.get(ALLOW_MISSING):
            return self.stores.scan(table, keys)
        stored = self.stores.describe(table)
        missing = [key for key in keys if key not in stored]
        if missing:
            context.log.warning(
                f"{len(missing)} of {len(keys)} partitions of {table.path} ({missing[0]}, …) are "
                f"not stored and left out, as {ALLOW_MISSING} of the input allows"
            )
        if len(missing) == len(keys):
            schema = polars_schema(table.schema)
            return pl.LazyFrame(schema={**schema, table.partitioning.partition_column: pl.String()})
        return self.stores.scan(table, [key for key in keys if key in stored])


def _plots(table: Table, rows: pl.DataFrame) -> dict[str, dg.MetadataValue]:
    plots = table.plots(rows) if table.plots and len(rows) else {}
    return {name: dg.MetadataValue.md(markdown) for name, markdown in plots.items()}


def _tag(context: dg.OutputContext, name: str) -> str | None:
    return context.step_context.run_tags.get(name)
