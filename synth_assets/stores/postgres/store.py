"""The store: each partition is replaced in one transaction.

The rows of a partition are deleted and copied again; readers see the old rows until the commit.
Writers of the same partition wait for each other; writers of different partitions of a table do
not, except for the first write of a table.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial

import polars as pl
from polars.io.plugins import register_io_source
from psycopg import sql
from psycopg.copy import QueuedLibpqWriter
from psycopg.types.json import Jsonb

from synth_assets.core.model import Table
from synth_assets.core.partition_stats import PartitionStats
from synth_assets.core.partitioning import column_value
from synth_assets.core.schema import polars_schema
from synth_assets.stores.postgres import ddl, foreign_keys, scanning
from synth_assets.stores.postgres.address import Address
from synth_assets.stores.postgres.binary_rows import encoded, typed
from synth_assets.stores.postgres.catalog import (
    columns,
    partition_records,
    qualified_name,
    stored_schema,
)
from synth_assets.stores.postgres.connections import Connection, Connections
from synth_assets.stores.postgres.errors import UNTOUCHED, retry, translate_errors
from synth_assets.stores.store import DamagedPartitionError, refuse_missing

BATCH_ROWS = 50_000
RECORD_PARTITION = """
insert into _synth.slices values (%s, %s, %s, %s, %s, %s, %s, %s)
on conflict ("domain", "table", "key") do update set "rows" = excluded."rows",
    "bytes" = excluded."bytes", fingerprint = excluded.fingerprint,
    code_version = excluded.code_version, details = excluded.details
"""
FORGET_PARTITIONS = (
    'delete from _synth.slices where "domain" = %s and "table" = %s and "key" = any(%s)'
)


class PostgresStore:
    """Partitions in a PostgreSQL database.

    Args:
        location: A ``postgresql://`` URL, or a folder for an embedded server.
    """

    kind = "postgres"

    def __init__(self, location: str) -> None:
        self._address = Address.of(location)
        self._connections = Connections(self._address)

    def __repr__(self) -> str:
        return f"PostgresStore({self.location!r})"

    @property
    def location(self) -> str:
        return self._address.location

    def connection_info(self) -> dict[str, str]:
        """Host, port, user, password, dbname and sslmode for another client; never displayed."""
        return self._address.connection_info()

    def uri(self, table: Table) -> str:
        return f"{self._address.shown}#{table.domain}.{table.name}"

    def opened(self) -> AbstractContextManager[None]:
        return self._connections.keep_open()

    def replace(
        self, table: Table, key: str, frame: pl.LazyFrame, fingerprint: str
    ) -> PartitionStats:
        action = f"write slice {key} of {table.path} to {self._address.shown}"
        with self._connections.lease() as db, translate_errors(action, UNTOUCHED, table):
            stats = retry(partial(self._replace, db, table, key, frame, fingerprint))
            foreign_keys.try_validate(db, table)
        return stats

    def _replace(
        self, db: Connection, table: Table, key: str, frame: pl.LazyFrame, fingerprint: str
    ) -> PartitionStats:
        ddl.ensure_schemas(db, table)
        with db.transaction():
            new = ddl.ensure_table(db, table)
            ddl.lock(db, f"{table.path} {key}")
            if not new:
                foreign_keys.declare(db, table)
                _delete(db, table, [key])
            rows, size = _copy(db, table, key, frame, new=new)
            if new:
                ddl.add_keys(db, table)
            details = _details(db)
            record = [table.domain, table.name, key, rows, size, fingerprint, table.code_version]
            db.execute(RECORD_PARTITION, [*record, Jsonb(details)])
        schema, uri = polars_schema(table.schema), self.uri(table)
        return PartitionStats(
            key, rows, size, uri, fingerprint, table.code_version, schema, details
        )

    def scan(self, table: Table, keys: Sequence[str] | None = None) -> pl.LazyFrame:
        schema = pl.Schema(
            {**polars_schema(table.schema), table.partitioning.partition_column: pl.String()}
        )
        uri = self.uri(table)
        if keys is not None:
            refuse_missing(table, keys, self.describe(table), self.uri(table))

        def read(
            names: list[str] | None, predicate: pl.Expr | None, rows: int | None, _: int | None
        ) -> Iterator[pl.DataFrame]:
            picked = {name: schema[name] for name in names or schema}
            with translate_errors(f"read {uri}"):
                for frame in scanning.batches(self._connections, table, picked, keys, rows):
                    yield frame if predicate is None else frame.filter(predicate)

        return register_io_source(read, schema=schema)

    def describe(self, table: Table, without: Collection[str] = ()) -> dict[str, PartitionStats]:
        if not self._address.initialized:
            return {}  # starting a server takes seconds, and nothing is stored
        with self._connections.lease() as db, translate_errors(f"read {self.uri(table)}"):
            found = columns(db, table)
            records = partition_records(db, table) if found else []
        schema, uri, skipped = stored_schema(table, found), self.uri(table), set(without)
        return {
            r.key: PartitionStats(
                r.key, r.rows, r.bytes, uri, r.fingerprint, r.code_version, schema, r.details
            )
            for r in records
            if r.key not in skipped
        }

    def damaged(self, table: Table, keys: Sequence[str]) -> dict[str, DamagedPartitionError]:
        return {}

    def drop(self, table: Table, keys: Sequence[str]) -> None:
        with (
            self._connections.lease() as db,
            translate_errors(f"drop slices of {self.uri(table)}", UNTOUCHED, table),
        ):
            if keys and columns(db, table):
                retry(partial(self._drop, db, table, keys))

    def remove(self, table: Table) -> None:
        if keys := list(self.describe(table)):
            self.drop(table, keys)

    def _drop(self, db: Connection, table: Table, keys: Sequence[str]) -> None:
        with db.transaction():
            ddl.lock(db, table.path)
            db.execute(FORGET_PARTITIONS, [table.domain, table.name, list(keys)])
            foreign_keys.drop_referencing(db, table)
            if partition_records(db, table):
                _delete(db, table, keys)
            else:
                # A table without partitions is dropped, so that its columns may change.
                ddl.drop_table(db, table)


def _delete(db: Connection, table: Table, keys: Sequence[str]) -> None:
    db.execute(
        sql.SQL("delete from {} where {}").format(
            qualified_name(table), scanning.in_partitions(table, keys)
        )
    )


def _copy(
    db: Connection, table: Table, key: str, frame: pl.LazyFrame, *, new: bool
) -> tuple[int, int]:
    """Copies the rows of a partition into the table; returns their number and bytes."""
    schema, partitioning = polars_schema(table.schema), table.partitioning
    partition_column = partitioning.partition_column
    in_partition = pl.lit(column_value(partitioning, key)).alias(partition_column)
    # FREEZE on a table that this transaction created saves a later vacuum.
    command = sql.SQL("copy {} ({}) from stdin (format binary, freeze {})").format(
        qualified_name(table),
        sql.SQL(", ").join(map(sql.Identifier, [*schema, partition_column])),
        sql.Literal(new),
    )
    rows = size = 0

    def batches() -> Iterator[pl.DataFrame]:
        nonlocal rows
        for batch in typed(frame, schema).collect_batches(
            chunk_size=BATCH_ROWS, maintain_order=True
        ):
            rows += batch.height
            yield batch.with_columns(in_partition)

    # The writer sends from a thread while the next batch is generated and encoded here.
    with db.cursor() as cursor, cursor.copy(command, writer=QueuedLibpqWriter(cursor)) as copy:
        for part in encoded(batches()):
            size += len(part)
            copy.write(part)
    return rows, size


def _details(db: Connection) -> dict[str, str | int]:
    row = db.execute("select pg_current_xact_id()::text").fetchone()
    version = db.info.parameter_status("server_version") or ""
    return {"server": f"PostgreSQL {version}", "transaction": row[0] if row else ""}
