"""Partitions as rows of one DuckDB file: a schema a domain, a table a table.

Each table has its partitioning's axis as a further column, and ``_synth.partitions`` says of every
partition what made it. A partition is replaced in one transaction. The file is the store's own: dbt
writes a warehouse of its own beside it.

DuckDB lets one process write a file at a time, or several read it. Whoever finds it locked waits
a while and says so; any other fault is told at once. Reading changes nothing: where there is no
file, nothing is stored.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from polars.io.plugins import register_io_source

from synth_assets.core.errors import UserError
from synth_assets.core.model import PartitionStats, Table
from synth_assets.core.schema import columns_of, polars_schema, quoted, sql_type
from synth_assets.stores.store import refuse_missing, refuse_other_columns

log = logging.getLogger(__name__)
# Seconds for a lock to be given up, and between attempts.
PATIENCE, WAIT = 30.0, 0.25
LOCKED = re.compile(r"Could not set lock|Conflicting lock|used by another process")
BATCH_ROWS = 122_880
SLICES = """
create schema if not exists _synth;
create table if not exists _synth.slices (
    "domain" varchar, "table" varchar, "key" varchar, "rows" bigint, "bytes" bigint,
    fingerprint varchar, code_version varchar, primary key ("domain", "table", "key")
)
"""

# Opens the file; whether for reading alone.
Connect = Callable[[bool], AbstractContextManager[duckdb.DuckDBPyConnection]]


class DuckDBStore:
    """Tables in the DuckDB file at ``location``; ``connect`` may bring connections of its own."""

    kind = "duckdb"

    def __init__(self, location: str, connect: Connect | None = None) -> None:
        self.location = str(Path(location).expanduser().absolute())
        self._new_connection = connect or (lambda read_only: patiently(self.location, read_only))
        self._open: duckdb.DuckDBPyConnection | None = None

    @contextmanager
    def opened(self) -> Iterator[None]:
        with self._connect() as db:
            self._open, before = db, self._open
            try:
                yield
            finally:
                self._open = before

    @contextmanager
    def _reading(self) -> Iterator[duckdb.DuckDBPyConnection | None]:
        """A connection that cannot write; nothing where there is no file."""
        if self._open is None and not Path(self.location).exists():
            yield None
            return
        with self._connect(read_only=True) as db:
            yield db

    @contextmanager
    def _connect(self, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        if self._open is not None:
            yield self._open
            return
        with ExitStack() as stack:
            try:
                if not read_only:
                    Path(self.location).parent.mkdir(parents=True, exist_ok=True)
                db = stack.enter_context(self._new_connection(read_only))
            except (OSError, duckdb.IOException, duckdb.ConnectionException) as error:
                text = str(error).splitlines()[0]
                raise UserError(f"cannot open the DuckDB file {self.location}: {text}") from None
            yield db

    def uri(self, table: Table) -> str:
        return f"duckdb://{self.location}#{table.domain}.{table.name}"

    def replace(
        self, table: Table, key: str, frame: pl.LazyFrame, fingerprint: str
    ) -> PartitionStats:
        partition_column, column_type = (
            quoted(table.partitioning.partition_column),
            sql_type(table.partitioning.column_type),
        )
        rows = size = 0
        with self._connect() as db:
            db.execute(SLICES)
            if _exists(db, table):
                refuse_other_columns(table, _stored_schema(db, table))
            db.execute("begin")
            try:
                db.execute(_ddl(table))
                db.execute(
                    f"delete from {_name(table)} where {partition_column} = ?::{column_type}",
                    [key],
                )
                for batch in frame.collect_batches(chunk_size=BATCH_ROWS, maintain_order=True):
                    rows, size = rows + batch.height, size + int(batch.estimated_size())
                    # DuckDB finds the variable by its name. A frame that is registered instead
                    # stays in memory until the transaction ends.
                    db.execute(
                        f"insert into {_name(table)} by name "
                        f"select *, ?::{column_type} as {partition_column} from batch",
                        [key],
                    )
                made = [table.domain, table.name, key, rows, size, fingerprint, table.code_version]
                db.execute(
                    "insert or replace into _synth.slices values (?, ?, ?, ?, ?, ?, ?)", made
                )
                db.execute("commit")
            except BaseException as error:
                with suppress(duckdb.Error):
                    db.execute("rollback")
                if isinstance(error, duckdb.IOException):
                    text = str(error).splitlines()[0]
                    raise UserError(
                        f"cannot write {table.path}: {text}; what was stored before is untouched"
                    ) from None
                raise
        return self.describe(table)[key]

    def scan(self, table: Table, keys: Sequence[str] | None = None) -> pl.LazyFrame:
        partition_column = table.partitioning.partition_column
        schema = {**polars_schema(table.schema), partition_column: pl.String()}
        if keys is not None:
            refuse_missing(table, keys, self.describe(table), self.uri(table))

        def read(
            columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, _: int | None
        ) -> Iterator[pl.DataFrame]:
            names = columns or list(schema)
            query = f"select {', '.join(map(quoted, names))} from {_name(table)}"
            if keys is not None:
                query += f" where {_is_any_key(table)}"
            if rows is not None:
                query += f" limit {int(rows)}"
            with self._reading() as db:
                if db is None or not _exists(db, table):
                    yield pl.DataFrame(schema={n: schema[n] for n in names})
                    return
                result = db.execute(query, [list(keys)] if keys is not None else [])
                for batch in result.to_arrow_reader(BATCH_ROWS):
                    frame = pl.DataFrame(pl.from_arrow(batch)).cast({n: schema[n] for n in names})
                    yield frame if predicate is None else frame.filter(predicate)

        return register_io_source(read, schema=schema)

    def describe(self, table: Table, without: Collection[str] = ()) -> dict[str, PartitionStats]:
        with self._reading() as db:
            if db is None or not (_exists(db, table) and _keeps_slices(db)):
                return {}
            found = db.execute(
                'select "key", "rows", "bytes", fingerprint, code_version from _synth.slices '
                'where "domain" = ? and "table" = ? order by "key"',
                [table.domain, table.name],
            ).fetchall()
            schema = pl.Schema(_stored_schema(db, table))
        uri = self.uri(table)
        partition_stats = (
            PartitionStats(k, n, size, uri, made, v, schema) for k, n, size, made, v in found
        )
        return {stats.key: stats for stats in partition_stats if stats.key not in set(without)}

    def drop(self, table: Table, keys: Sequence[str]) -> None:
        if self._open is None and not Path(self.location).exists():
            return
        with self._connect() as db:
            db.execute(SLICES)
            if not _exists(db, table):
                return
            left = set(self._stored_keys(db, table)) - set(keys)
            db.execute("begin")
            if left:
                db.execute(f"delete from {_name(table)} where {_is_any_key(table)}", [list(keys)])
            else:
                # Without partitions nothing holds on to the columns that the table had.
                db.execute(f"drop table {_name(table)}")
            db.execute(
                'delete from _synth.slices where "domain" = ? and "table" = ? '
                'and "key" in (select unnest(?))',
                [table.domain, table.name, list(keys)],
            )
            db.execute("commit")

    def _stored_keys(self, db: duckdb.DuckDBPyConnection, table: Table) -> list[str]:
        query = 'select "key" from _synth.slices where "domain" = ? and "table" = ?'
        return [row[0] for row in db.execute(query, [table.domain, table.name]).fetchall()]


def patiently(
    path: str,
    read_only: bool = False,
    config: dict[str, Any] | None = None,
    patience: float = PATIENCE,
) -> duckdb.DuckDBPyConnection:
    """Opens a DuckDB file.

    Args:
        path: The file; it is made by who writes to it.
        read_only: Whether the connection cannot write, so that several processes may have one.
        config: DuckDB's own settings.
        patience: Seconds to wait for another process to give its lock up.
    """
    until, waiting = time.monotonic() + patience, False
    while True:
        try:
            return duckdb.connect(path, read_only=read_only, config=config or {})
        except duckdb.ConnectionException:
            # This process has the file open the other way; it is never its own rival.
            if read_only:
                return duckdb.connect(path, config=config or {})
            if time.monotonic() >= until:
                raise
        except duckdb.IOException as error:
            if not LOCKED.search(str(error)) or time.monotonic() >= until:
                raise
            if not waiting:
                log.warning("%s is held by another process: waiting up to %g s", path, patience)
                waiting = True
        time.sleep(WAIT)


def _name(table: Table) -> str:
    return f"{quoted(table.domain)}.{quoted(table.name)}"


def _ddl(table: Table) -> str:
    columns = [f"{quoted(c.name)} {sql_type(c.dtype)}" for c in columns_of(table.schema)]
    columns.append(
        f"{quoted(table.partitioning.partition_column)} {sql_type(table.partitioning.column_type)}"
    )
    return (
        f"create schema if not exists {quoted(table.domain)}; "
        f"create table if not exists {_name(table)} ({', '.join(columns)})"
    )


def _exists(db: duckdb.DuckDBPyConnection, table: Table) -> bool:
    return _has(db, table.domain, table.name)


def _keeps_slices(db: duckdb.DuckDBPyConnection) -> bool:
    return _has(db, "_synth", "slices")


def _has(db: duckdb.DuckDBPyConnection, schema: str, name: str) -> bool:
    query = "select 1 from information_schema.tables where table_schema = ? and table_name = ?"
    return db.execute(query, [schema, name]).fetchone() is not None


def _is_any_key(table: Table) -> str:
    keys = f"select unnest(?::varchar[])::{sql_type(table.partitioning.column_type)}"
    return f"{quoted(table.partitioning.partition_column)} in ({keys})"


def _stored_schema(db: duckdb.DuckDBPyConnection, table: Table) -> dict[str, pl.DataType]:
    """Columns as stored; one that is of the database's type for a column is of that column's."""
    found = _schema(db, f"from {_name(table)}")
    del found[table.partitioning.partition_column]
    wanted = polars_schema(table.schema)
    made = [f"cast(null as {sql_type(t)}) as {quoted(n)}" for n, t in wanted.items()]
    expected = _schema(db, f"select {', '.join(made)}")
    return {n: wanted[n] if t == expected.get(n) else t for n, t in found.items()}


def _schema(db: duckdb.DuckDBPyConnection, query: str) -> dict[str, pl.DataType]:
    empty = db.execute(f"{query} limit 0").to_arrow_table()
    return dict(pl.DataFrame(pl.from_arrow(empty)).schema)
