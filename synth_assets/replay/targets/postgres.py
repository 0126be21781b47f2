"""Events applied to a table of PostgreSQL: rows are upserted and deleted by their key.

A batch is one transaction, in which each key has its last event only. Applying events again changes
nothing, so that a replay can begin anew at any time. The table is created where it is missing, with
the columns of the schema and its primary key, and a comment that names the table of the events.

A replay writes where replays alone have made tables, which those comments tell: so it can harm no
table of a store, of dbt or of anyone else, and tables of two streams are never mixed.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl
from psycopg import sql

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.core.schema import columns_of
from synth_assets.replay.events import DELETE
from synth_assets.replay.states import key_columns
from synth_assets.stores.postgres.address import Address
from synth_assets.stores.postgres.catalog import MAX_NAME_BYTES
from synth_assets.stores.postgres.connections import Connection, Connections
from synth_assets.stores.postgres.errors import retry, translate_errors
from synth_assets.stores.postgres.types import postgres_type

# What the comment of a table begins with that a replay has created; the stream's table follows.
MARK = "events of a replay of "
OTHER = "name another schema by --schema, such as replay"
# What can hold rows: tables, also partitioned and foreign ones, and views.
RELATIONS = """
select c.relname, obj_description(c.oid, 'pg_class')
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = %s and c.relkind in ('r', 'p', 'f', 'v', 'm') order by c.relname
"""


class PostgresTarget:
    """Applies events to a table.

    Args:
        location: A ``postgresql://`` URL, or the folder of an embedded server.
        schema: The schema of the table.
        table: The table that the events are of.
        reserved: Schemas that stores and dbt write, whether or not they exist.

    Raises:
        UserError: The table has no primary key, the schema has tables that are not a replay's or
            the table of another stream, or the server cannot be used.
    """

    def __init__(
        self, location: str, schema: str, table: Table, reserved: Collection[str] = ()
    ) -> None:
        self._keys = key_columns(table)
        if not self._keys:
            raise UserError(f"{table.path} has no primary key, by which --to postgres finds rows")
        if schema in (table.domain, "_synth", *reserved):
            raise UserError(f"--schema {schema}: is a store's or dbt's own; {OTHER}")
        if len(schema.encode()) > MAX_NAME_BYTES:
            raise UserError(f"--schema {schema}: PostgreSQL takes up to {MAX_NAME_BYTES} bytes")
        address = Address.of(location)
        self._table, self._schema = table, schema
        self._name = sql.Identifier(schema, table.name)
        self.shown = f"{address.shown}#{schema}.{table.name}"
        self._connections = Connections(address)
        self._open = self._connections.keep_open()
        self._open.__enter__()
        try:
            with translate_errors(f"create {schema}.{table.name}"):
                retry(self._make_table)
        except UserError:
            self.close()
            raise

    def send(self, batch: pl.DataFrame) -> None:
        last = batch.unique("key", keep="last", maintain_order=True)
        gone = pl.col("op") == DELETE
        deleted = last.filter(gone)["key"].to_list()
        upserted = last.filter(~gone)["after"].to_list()
        with translate_errors(f"write {self.shown}"):
            retry(lambda: self._apply(deleted, upserted))

    def close(self) -> None:
        """Ends the connection."""
        self._open.__exit__(None, None, None)

    def _apply(self, deleted: list[str], upserted: list[str]) -> None:
        with self._connections.lease() as db, db.transaction():
            for statement, rows in ((self._delete(), deleted), (self._upsert(), upserted)):
                if rows:
                    db.execute(statement, [f"[{','.join(rows)}]"])

    def _make_table(self) -> None:
        with self._connections.lease() as db, db.transaction():
            # Replays that begin at once make their schema and table one after the other.
            db.execute("select pg_advisory_xact_lock(hashtext(%s))", [MARK])
            if self._is_made(db):
                return
            schema = sql.Identifier(self._schema)
            db.execute(sql.SQL("create schema if not exists {}").format(schema))
            db.execute(self._create())
            mark = sql.Literal(MARK + self._table.path)
            db.execute(sql.SQL("comment on table {} is {}").format(self._name, mark))

    def _is_made(self, db: Connection) -> bool:
        """Whether an earlier replay of the same table has made it.

        Raises:
            UserError: The schema has a table that no replay has made, or that of another stream.
        """
        marks: dict[str, str | None] = dict(db.execute(RELATIONS, [self._schema]).fetchall())
        for name, mark in marks.items():
            if not (mark or "").startswith(MARK):
                raise UserError(
                    f"--schema {self._schema}: has {name}, which no replay has made; {OTHER}"
                )
        found = marks.get(self._table.name)
        if found not in (None, MARK + self._table.path):
            raise UserError(
                f"{self._schema}.{self._table.name} has the {found}, not of {self._table.path}: "
                f"name another schema by --schema"
            )
        return found is not None

    def _create(self) -> sql.Composed:
        columns = [
            sql.SQL("{} {}").format(sql.Identifier(info.name), sql.SQL(postgres_type(info.dtype)))
            for info in columns_of(self._table.schema)
        ]
        key = sql.SQL("primary key ({})").format(_names(self._keys))
        return sql.SQL("create table {} ({})").format(
            self._name, sql.SQL(", ").join([*columns, key])
        )

    def _delete(self) -> sql.Composed:
        names = self._keys
        return sql.SQL(
            "delete from {name} where ({keys}) in "
            "(select {keys} from json_populate_recordset(null::{name}, %s::json))"
        ).format(name=self._name, keys=_names(names))

    def _upsert(self) -> sql.Composed:
        names = [info.name for info in columns_of(self._table.schema)]
        others = [name for name in names if name not in self._keys]
        changes = sql.SQL(", ").join(
            sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in others
        )
        action = sql.SQL("update set {}").format(changes) if others else sql.SQL("nothing")
        return sql.SQL(
            "insert into {name} ({columns}) select {columns} from "
            "json_populate_recordset(null::{name}, %s::json) on conflict ({keys}) do {action}"
        ).format(name=self._name, columns=_names(names), keys=_names(self._keys), action=action)


def _names(names: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))
