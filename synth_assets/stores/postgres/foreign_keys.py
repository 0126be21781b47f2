"""Foreign keys between tables of one domain, where their rows can satisfy them.

A partition of a parent can be replaced while children refer to it: foreign keys are checked at
commit. Dropping a parent's partitions drops the foreign keys that reference it. The next replace
of a child declares them again, first for new rows only, and for all rows once all satisfy them.
Tables with warning checks have none, since their rows violate constraints on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from psycopg import errors, sql

from synth_assets.core.model import Table
from synth_assets.core.schema import columns_of
from synth_assets.stores.postgres.catalog import (
    ForeignKey,
    foreign_key,
    qualified_name,
    referencing_keys,
)
from synth_assets.stores.postgres.connections import Connection

ADD = (
    "alter table {} add foreign key ({}) references {} ({}) deferrable initially deferred not valid"
)


def declare(db: Connection, table: Table) -> None:
    """Adds foreign keys that are missing and possible, without validating existing rows.

    Args:
        db: A connection in a transaction.
        table: The child.
    """
    for column, parent, parent_column, state in _expected(db, table):
        if state.name is None and state.possible:
            db.execute(
                sql.SQL(ADD).format(
                    qualified_name(table),
                    sql.Identifier(column),
                    sql.Identifier(table.domain, parent),
                    sql.Identifier(parent_column),
                )
            )


def validate(db: Connection, table: Table) -> None:
    """Validates the foreign keys that are not valid yet against all rows.

    Args:
        db: A connection.
        table: The child.

    Raises:
        psycopg.errors.ForeignKeyViolation: Rows violate a foreign key.
    """
    for *_, state in _expected(db, table):
        if state.name is not None and not state.valid:
            db.execute(
                sql.SQL("alter table {} validate constraint {}").format(
                    qualified_name(table), sql.Identifier(state.name)
                )
            )


def try_validate(db: Connection, table: Table) -> None:
    """Like ``validate``, but a violated foreign key stays valid for new rows only.

    Args:
        db: A connection.
        table: The child.
    """
    with suppress(errors.Error):
        validate(db, table)


def drop_referencing(db: Connection, table: Table) -> None:
    """Drops the foreign keys of other tables that reference a table.

    Args:
        db: A connection in a transaction.
        table: The referenced table.
    """
    for domain, child, name in referencing_keys(db, table):
        db.execute(
            sql.SQL("alter table {} drop constraint {}").format(
                sql.Identifier(domain, child), sql.Identifier(name)
            )
        )


def _expected(db: Connection, table: Table) -> Iterator[tuple[str, str, str, ForeignKey]]:
    for column in columns_of(table.schema) if table.blocking else []:
        if column.foreign_key is None:
            continue
        role, parent_column = column.foreign_key
        parent = table.parents[role]
        state = foreign_key(db, table, column.name, parent, parent_column)
        if state is not None and parent != table.name:
            yield column.name, parent, parent_column, state
