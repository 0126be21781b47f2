"""The store: each partition is replaced in one transaction.

Each table has its partition column as a further column, and ``_synth.slices`` records what
generated each partition. Reading creates nothing: where there is no file, nothing is stored.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import duckdb
import polars as pl
from polars.io.plugins import register_io_source

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.core.partition_stats import PartitionStats
from synth_assets.core.schema import polars_schema, quoted, sql_type
from synth_assets.stores.duckdb.connections import Connect, open_file
from synth_assets.stores.duckdb.tables import (
    CREATE_PROVENANCE,
    create_statements,
    exists,
    in_partitions,
    qualified_name,
    stored_keys,
    stored_schema,
)
from synth_assets.stores.store import DamagedPartitionError, refuse_missing, refuse_other_columns

BATCH_ROWS = 122_880
# What a full or failing disk raises: in a statement, at the commit, and after either.
OF_THE_DISK = (duckdb.IOException, duckdb.TransactionException, duckdb.FatalException)
# What damaged blocks raise when they are read, or written beside.
OF_DAMAGED_BLOCKS = (
    duckdb.IOException, duckdb.FatalException, duckdb.InternalException,
    duckdb.SerializationException,
)  # fmt: skip
CORRUPT = re.compile(r"[Cc]orrupt|Could not read enough bytes|deserialize")
DAMAGED = "; the file is damaged: move it away and materialize its tables again"


class DuckDBStore:
    """Partitions in a DuckDB file.

    Args:
        location: Path of the file.
        connect: Opens connections to it; by default ``open_file``.
    """

    kind = "duckdb"

    def __init__(self, location: str, connect: Connect | None = None) -> None:
        self.location = str(Path(location).expanduser().absolute())
        self._new_connection = connect or (lambda read_only: open_file(self.location, read_only))
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
        """A read-only connection; None where there is no file."""
        if self._open is None and not Path(self.location).exists():
            yield None
            return
        with self._connect(read_only=True) as db:
            try:
                yield db
            except (*OF_DAMAGED_BLOCKS, OSError) as error:
                raise UserError(f"cannot read {self.location}: {_reason(error)}") from None

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
                text = f"cannot open the DuckDB file {self.location}: {_reason(error)}"
                raise UserError(text) from None
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
        with self._connect() as db, _translate_errors(table):
            db.execute(CREATE_PROVENANCE)
            if exists(db, table.domain, table.name):
                refuse_other_columns(table, stored_schema(db, table))
            with _transaction(db):
                db.execute(create_statements(db, table))
                db.execute(
                    f"delete from {qualified_name(db, table)} "
                    f"where {partition_column} = ?::{column_type}",
                    [key],
                )
                for batch in frame.collect_batches(chunk_size=BATCH_ROWS, maintain_order=True):
                    rows, size = rows + batch.height, size + int(batch.estimated_size())
                    # DuckDB finds the variable ``batch`` by its name. A registered frame would stay
                    # in memory until the transaction ends.
                    db.execute(
                        f"insert into {qualified_name(db, table)} by name "
                        f"select *, ?::{column_type} as {partition_column} from batch",
                        [key],
                    )
                record = [
                    table.domain,
                    table.name,
                    key,
                    rows,
                    size,
                    fingerprint,
                    table.code_version,
                ]
                db.execute(
                    "insert or replace into _synth.slices values (?, ?, ?, ?, ?, ?, ?)", record
                )
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
            conditions = f" where {in_partitions(table)}" if keys is not None else ""
            if rows is not None:
                conditions += f" limit {int(rows)}"
            with self._reading() as db:
                if db is None or not exists(db, table.domain, table.name):
                    yield pl.DataFrame(schema={n: schema[n] for n in names})
                    return
                query = f"select {', '.join(map(quoted, names))} from {qualified_name(db, table)}"
                result = db.execute(query + conditions, [list(keys)] if keys is not None else [])
                for batch in result.to_arrow_reader(BATCH_ROWS):
                    frame = pl.DataFrame(pl.from_arrow(batch)).cast({n: schema[n] for n in names})
                    yield frame if predicate is None else frame.filter(predicate)

        return register_io_source(read, schema=schema)

    def describe(self, table: Table, without: Collection[str] = ()) -> dict[str, PartitionStats]:
        with self._reading() as db:
            if db is None or not (
                exists(db, table.domain, table.name) and exists(db, "_synth", "slices")
            ):
                return {}
            found = db.execute(
                'select "key", "rows", "bytes", fingerprint, code_version from _synth.slices '
                'where "domain" = ? and "table" = ? order by "key"',
                [table.domain, table.name],
            ).fetchall()
            schema = pl.Schema(stored_schema(db, table))
        uri = self.uri(table)
        partition_stats = (
            PartitionStats(key, rows, size, uri, fingerprint, version, schema)
            for key, rows, size, fingerprint, version in found
        )
        return {stats.key: stats for stats in partition_stats if stats.key not in set(without)}

    def damaged(self, table: Table, keys: Sequence[str]) -> dict[str, DamagedPartitionError]:
        return {}

    def drop(self, table: Table, keys: Sequence[str]) -> None:
        if self._open is None and not Path(self.location).exists():
            return
        with self._connect() as db, _translate_errors(table):
            db.execute(CREATE_PROVENANCE)
            if not exists(db, table.domain, table.name):
                return
            remaining = set(stored_keys(db, table)) - set(keys)
            with _transaction(db):
                if remaining:
                    db.execute(
                        f"delete from {qualified_name(db, table)} where {in_partitions(table)}",
                        [list(keys)],
                    )
                else:
                    # A table without partitions is dropped, so that its columns may change.
                    db.execute(f"drop table {qualified_name(db, table)}")
                db.execute(
                    'delete from _synth.slices where "domain" = ? and "table" = ? '
                    'and "key" in (select unnest(?))',
                    [table.domain, table.name, list(keys)],
                )

    def remove(self, table: Table) -> None:
        if keys := list(self.describe(table)):
            self.drop(table, keys)


@contextmanager
def _transaction(db: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """A transaction, which an error or an interruption of the block rolls back."""
    db.execute("begin")
    try:
        yield
        db.execute("commit")
    except BaseException:
        with suppress(duckdb.Error):
            db.execute("rollback")
        raise


@contextmanager
def _translate_errors(table: Table) -> Iterator[None]:
    """Turns errors of the disk into a one-line ``UserError``."""
    try:
        yield
    except (*OF_THE_DISK, *OF_DAMAGED_BLOCKS) as error:
        raise UserError(
            f"cannot write {table.path}: {_reason(error)}; what was stored before is untouched"
        ) from None


def _reason(error: Exception) -> str:
    """DuckDB's own reason in a line; the remedy, where it is that the file is damaged.

    DuckDB cannot replace rows in damaged blocks: slices alone cannot be made again.
    """
    text = str(error).splitlines()[0]
    return f"{text}{DAMAGED if CORRUPT.search(text) else ''}"
