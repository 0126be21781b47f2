"""The store: a table a table, its partitions as partitions, and a ledger of who made them.

A partition is written to a file first and loaded in one piece; see ``loads``. Tables that lie in
several projects, one a party, have a ledger in each.
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
from synth_assets.stores.bigquery.faults import UNTOUCHED, explained
from synth_assets.stores.bigquery.file import staged
from synth_assets.stores.bigquery.ledger import STORED, Ledger, Line
from synth_assets.stores.bigquery.loads import (
    Target,
    by_partition,
    by_transaction,
    new_job,
    remove,
)
from synth_assets.stores.bigquery.names import Place, place_of, split_location
from synth_assets.stores.bigquery.reading import restoring, selection
from synth_assets.stores.bigquery.service import EMULATOR, Service, client_of
from synth_assets.stores.bigquery.tables import resource
from synth_assets.stores.store import refuse_missing, refuse_other_columns

Clients = Callable[[str], AbstractContextManager[bigquery.Client]]


class _Opened(NamedTuple):
    stack: ExitStack
    services: dict[str, Service]


class BigQueryStore:
    """Tables in datasets ``<prefix><domain>``; ``location`` is ``project`` or ``project.prefix``.

    ``projects`` names the project of each party (the tag ``party`` of a table) that has one of
    its own; ``client`` brings clients of the caller's own for a project.
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
        # Whether a load may replace a partition: only an emulator cannot.
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
        return f"bigquery://{'/'.join(self._place(table))}"

    def replace(
        self, table: Table, key: str, frame: pl.LazyFrame, fingerprint: str
    ) -> PartitionStats:
        begun = Line(
            key, new_job(), STORED, fingerprint=fingerprint, code_version=table.code_version
        )
        with self._target(table) as target:
            doing, project = f"cannot write {table.path}", target.place.project
            with explained(doing, project, UNTOUCHED):
                there = self._ready(target)
            with staged(table, key, frame) as file, explained(doing, project, UNTOUCHED):
                load = by_partition if self.decorators else by_transaction
                line = replace(begun, rows=file.rows, bytes=file.bytes, bytes_loaded=file.bytes)
                stored = load(target, line, there, file)
        return self._receipt(table, stored, there.location, polars_schema(table.schema))

    def scan(self, table: Table, keys: Sequence[str] | None = None) -> pl.LazyFrame:
        schema = {**polars_schema(table.schema), table.partitioning.partition_column: pl.String()}
        if keys is not None:
            refuse_missing(table, keys, self.describe(table), self.uri(table))

        def read(
            columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, _: int | None
        ) -> Iterator[pl.DataFrame]:
            wanted = {name: schema[name] for name in columns or schema}
            with self._target(table) as target, self._reading(target):
                if target.service.find(target.place) is None:
                    yield pl.DataFrame(schema=wanted)
                    return
                query, parameters = selection(table, target.place, list(wanted), keys, rows)
                restored = restoring(table, wanted)
                for batch in target.service.batches(query, *parameters):
                    frame = pl.DataFrame(pl.from_arrow(batch)).select(restored)
                    yield frame if predicate is None else frame.filter(predicate)

        return register_io_source(read, schema=schema)

    def describe(self, table: Table, without: Collection[str] = ()) -> dict[str, PartitionStats]:
        with self._target(table) as target, self._reading(target):
            there = target.service.find(target.place)
            lines = target.ledger.slices(there) if there else {}
        if there is None:
            return {}
        schema, skipped = pl.Schema(stored_schema(table, there.schema)), set(without)
        return {
            key: self._receipt(table, line, there.location, schema)
            for key, line in lines.items()
            if key not in skipped
        }

    def drop(self, table: Table, keys: Sequence[str]) -> None:
        with self._target(table) as target:
            project = target.place.project
            with explained(f"cannot drop slices of {table.path}", project, UNTOUCHED):
                there = target.service.find(target.place)
                stored = target.ledger.slices(there) if there else {}
                gone = [key for key in stored if key in set(keys)]
                if len(gone) == len(stored):
                    # Without partitions nothing holds on to the columns that the table had.
                    target.service.delete(target.place)
                elif gone:
                    remove(target, gone)

    def _place(self, table: Table) -> Place:
        project = self._projects.get(table.tags.get("party", ""), self._project)
        return place_of(table, project, self._prefix)

    @contextmanager
    def _target(self, table: Table) -> Iterator[Target]:
        place = self._place(table)
        with self._service(place.project) as service:
            ledger = Ledger(service, Place(place.project, f"{self._prefix}_synth", "slices"), table)
            yield Target(service, ledger, place, table)

    @contextmanager
    def _service(self, project: str) -> Iterator[Service]:
        with ExitStack() as brief:
            opened = self._opened or _Opened(brief, {})
            if project not in opened.services:
                with explained(f"cannot open BigQuery in project {project}", project):
                    client = opened.stack.enter_context(self._client(project))
                opened.services[project] = Service(client)
            yield opened.services[project]

    def _reading(self, target: Target) -> AbstractContextManager[None]:
        return explained(f"cannot read {target.table.path}", target.place.project)

    def _ready(self, target: Target) -> bigquery.Table:
        """The table, made where it is not there; ``ChangedColumnsError`` for other columns."""
        service, table, place = target.service, target.table, target.place
        there = service.find(place)
        if there is not None:
            found = stored_schema(table, there.schema)
            if not differences(polars_schema(table.schema), pl.Schema(found)):
                return there
            if target.ledger.slices(there):
                refuse_other_columns(table, found)
            # A table without partitions is what a writer left that was killed.
            service.delete(place)
        service.create(resource(table, place, service.find))
        made = service.find(place)
        if made is None:
            raise UserError(f"cannot write {table.path}: another process drops it; try again")
        return made

    def _receipt(
        self, table: Table, line: Line, location: str | None, schema: pl.Schema
    ) -> PartitionStats:
        return PartitionStats(
            key=line.key,
            rows=line.rows,
            bytes=line.bytes,
            uri=self.uri(table),
            fingerprint=line.fingerprint,
            code_version=line.code_version,
            schema=schema,
            details={
                "job_id": line.job,
                "bytes_loaded": line.bytes_loaded,
                "location": location or "unknown",
            },
        )
