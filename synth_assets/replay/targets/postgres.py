"""Events applied to a table of PostgreSQL: rows are upserted and deleted by their key.

A batch is one transaction, in which each key has its last event only. Applying events again changes
nothing, so that a replay can begin anew at any time. The table is created where it is missing, with
the columns of the schema and its primary key, in a schema of its own: never the store's tables.
"""

from __future__ import annotations

import polars as pl
from psycopg import sql

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.core.schema import columns_of
from synth_assets.replay.events import DELETE
from synth_assets.replay.states import key_columns
from synth_assets.stores.postgres.address import Address
from synth_assets.stores.postgres.connections import Connections
from synth_assets.stores.postgres.errors import retry, translate_errors
from synth_assets.stores.postgres.types import postgres_type


class PostgresTarget:
    """Applies events to a table.

    Args:
        location: A ``postgresql://`` URL, or the folder of an embedded server.
        schema: The schema of the table.
        table: The table that the events are of.

    Raises:
        UserError: The table has no primary key, or the server cannot be used.
    """

    def __init__(self, location: str, schema: str, table: Table) -> None:
        self._keys = key_columns(table)
        if not self._keys:
            raise UserError(f"{table.path} has no primary key, by which --to postgres finds rows")
        if schema in (table.domain, "_synth"):
            raise UserError(f"--schema {schema}: is the store's own; name another, such as replay")
        address = Address.of(location)
        self._table, self._name = table, sql.Identifier(schema, table.name)
        self.shown = f"{address.shown}#{schema}.{table.name}"
        self._connections = Connections(address)
        self._open = self._connections.keep_open()
        self._open.__enter__()
        action = translate_errors(f"create {schema}.{table.name}")
        with action, self._connections.lease() as db, db.transaction():
            db.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))
            db.execute(self._create())

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

    def _create(self) -> sql.Composed:
        columns = [
            sql.SQL("{} {}").format(sql.Identifier(info.name), sql.SQL(postgres_type(info.dtype)))
            for info in columns_of(self._table.schema)
        ]
        key = sql.SQL("primary key ({})").format(_names(self._keys))
        return sql.SQL("create table if not exists {} ({})").format(
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
