"""The store: one BigQuery table per table, and a provenance table.

A partition is written to a file first, which is then loaded; see ``loads``. If tables are in
several projects, one per party, each project has its own provenance table.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from typing import NamedTuple

import polars as pl
from google.cloud import bigquery
from polars.io.plugins import register_io_source

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.core.partition_stats import PartitionStats
from synth_assets.core.schema import differences, polars_schema
from synth_assets.stores.bigquery.columns import stored_schema
from synth_assets.stores.bigquery.errors import UNTOUCHED, translate_errors
from synth_assets.stores.bigquery.loads import (
    Target,
    load_in_transaction,
    load_partition,
    new_job,
    remove_partitions,
)
from synth_assets.stores.bigquery.names import TableName, split_location, table_name
from synth_assets.stores.bigquery.provenance import STORED, ProvenanceRecord, ProvenanceTable
from synth_assets.stores.bigquery.scanning import restoring, selection
from synth_assets.stores.bigquery.service import EMULATOR, Service, client_of
from synth_assets.stores.bigquery.staging import staged
from synth_assets.stores.bigquery.tables import resource
from synth_assets.stores.store import DamagedPartitionError, refuse_missing, refuse_other_columns

Clients = Callable[[str], AbstractContextManager[bigquery.Client]]


class _Opened(NamedTuple):
    stack: ExitStack
    services: dict[str, Service]


class BigQueryStore:
    """Partitions in BigQuery tables, in datasets ``<prefix><domain>``.

    Args:
        location: ``project`` or ``project.prefix``.
        projects: Projects by party (the tag ``party`` of a table), for parties with their own.
        client: Opens clients of a project; by default ``client_of``.
    """

    kind = "bigquery"

    def __init__(
        self,
        location: str,
        projects: Mapping[str, str] | None = None,
        client: Clients | None = None,
    ) -> None:
        self.location = location
        self._project, self._prefix = split_location(location)
        self._projects = dict(projects or {})
        self._client = client or client_of
        self._opened: _Opened | None = None
        # Whether a load can replace a partition, which an emulator cannot do.
        self.decorators = not os.environ.get(EMULATOR)

    @contextmanager
    def opened(self) -> Iterator[None]:
        with ExitStack() as stack:
            before, self._opened = self._opened, self._opened or _Opened(stack, {})
            try:
                yield
            finally:
                self._opened = before

    def uri(self, table: Table) -> str:
        return f"bigquery://{'/'.join(self._name(table))}"

    def replace(
        self, table: Table, key: str, frame: pl.LazyFrame, fingerprint: str
    ) -> PartitionStats:
        begun = ProvenanceRecord(
            key, new_job(), STORED, fingerprint=fingerprint, code_version=table.code_version
        )
        with self._target(table) as target:
            action, project = f"cannot write {table.path}", target.name.project
            with translate_errors(action, project, UNTOUCHED):
                existing = self._ensure_table(target)
            with staged(table, key, frame) as file, translate_errors(action, project, UNTOUCHED):
                load = load_partition if self.decorators else load_in_transaction
                record = replace(begun, rows=file.rows, bytes=file.bytes, bytes_loaded=file.bytes)
                stored = load(target, record, existing, file)
        return self._stats(table, stored, existing.location, polars_schema(table.schema))

    def scan(self, table: Table, keys: Sequence[str] | None = None) -> pl.LazyFrame:
        schema = {**polars_schema(table.schema), table.partitioning.partition_column: pl.String()}
        if keys is not None:
            refuse_missing(table, keys, self.describe(table), self.uri(table))

        def read(
            columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, _: int | None
        ) -> Iterator[pl.DataFrame]:
            requested = {name: schema[name] for name in columns or schema}
            with self._target(table) as target, self._reading(target):
                if target.service.find(target.name) is None:
                    yield pl.DataFrame(schema=requested)
                    return
                query, parameters = selection(table, target.name, list(requested), keys, rows)
                restored = restoring(table, requested)
                for batch in target.service.batches(query, *parameters):
                    frame = pl.DataFrame(pl.from_arrow(batch)).select(restored)
                    yield frame if predicate is None else frame.filter(predicate)

        return register_io_source(read, schema=schema)

    def describe(self, table: Table, without: Collection[str] = ()) -> dict[str, PartitionStats]:
        with self._target(table) as target, self._reading(target):
            existing = target.service.find(target.name)
            records = target.provenance.stored_partitions(existing) if existing else {}
        if existing is None:
            return {}
        schema, skipped = pl.Schema(stored_schema(table, existing.schema)), set(without)
        return {
            key: self._stats(table, record, existing.location, schema)
            for key, record in records.items()
            if key not in skipped
        }

    def damaged(self, table: Table, keys: Sequence[str]) -> dict[str, DamagedPartitionError]:
        return {}

    def drop(self, table: Table, keys: Sequence[str]) -> None:
        with self._target(table) as target:
            project = target.name.project
            with translate_errors(f"cannot drop slices of {table.path}", project, UNTOUCHED):
                existing = target.service.find(target.name)
                stored = target.provenance.stored_partitions(existing) if existing else {}
                dropped = [key for key in stored if key in set(keys)]
                if len(dropped) == len(stored):
                    # A table without partitions is dropped, so that its columns may change.
                    target.service.delete(target.name)
                elif dropped:
                    remove_partitions(target, dropped)

    def remove(self, table: Table) -> None:
        if keys := list(self.describe(table)):
            self.drop(table, keys)

    def _name(self, table: Table) -> TableName:
        project = self._projects.get(table.tags.get("party", ""), self._project)
        return table_name(table, project, self._prefix)

    @contextmanager
    def _target(self, table: Table) -> Iterator[Target]:
        name = self._name(table)
        with self._service(name.project) as service:
            provenance_name = TableName(name.project, f"{self._prefix}_synth", "slices")
            provenance = ProvenanceTable(service, provenance_name, table)
            yield Target(service, provenance, name, table)

    @contextmanager
    def _service(self, project: str) -> Iterator[Service]:
        with ExitStack() as brief:
            opened = self._opened or _Opened(brief, {})
            if project not in opened.services:
                with translate_errors(f"cannot open BigQuery in project {project}", project):
                    client = opened.stack.enter_context(self._client(project))
                opened.services[project] = Service(client)
            yield opened.services[project]

    def _reading(self, target: Target) -> AbstractContextManager[None]:
        return translate_errors(f"cannot read {target.table.path}", target.name.project)

    def _ensure_table(self, target: Target) -> bigquery.Table:
        """The table, created if needed; ``ChangedColumnsError`` if stored with other columns."""
        service, table, name = target.service, target.table, target.name
        existing = service.find(name)
        if existing is not None:
            found = stored_schema(table, existing.schema)
            if not differences(polars_schema(table.schema), pl.Schema(found)):
                return existing
            if target.provenance.stored_partitions(existing):
                refuse_other_columns(table, found)
            # A killed writer left a table without partitions.
            service.delete(name)
        service.create(resource(table, name, service.find))
        created = service.find(name)
        if created is None:
            raise UserError(f"cannot write {table.path}: another process drops it; try again")
        return created

    def _stats(
        self, table: Table, record: ProvenanceRecord, location: str | None, schema: pl.Schema
    ) -> PartitionStats:
        return PartitionStats(
            key=record.key,
            rows=record.rows,
            bytes=record.bytes,
            uri=self.uri(table),
            fingerprint=record.fingerprint,
            code_version=record.code_version,
            schema=schema,
            details={
                "job_id": record.job,
                "bytes_loaded": record.bytes_loaded,
                "location": location or "unknown",
            },
        )
