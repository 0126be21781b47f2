"""Foreign keys between tables of one domain, as far as they can be kept.

A partition of a parent may be replaced while children stand: keys are checked at commit. Dropping
a parent's partitions drops the foreign keys that point to it; a child's next replace declares them
again, first for new rows alone, then for all as soon as all rows keep them. Tables whose checks
only warn have none, since their rows break checks on purpose.
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
    name_of,
    pointing_here,
)
from synth_assets.stores.postgres.connections import Connection

ADD = (
    "alter table {} add foreign key ({}) references {} ({}) deferrable initially deferred not valid"
)


def declare(db: Connection, table: Table) -> None:
    """Adds what is missing and possible; the rows that are there are not looked at."""
    for column, parent, parent_column, state in _wanted(db, table):
        if state.name is None and state.possible:
            db.execute(
                sql.SQL(ADD).format(
                    name_of(table),
                    sql.Identifier(column),
                    sql.Identifier(table.domain, parent),
                    sql.Identifier(parent_column),
                )
            )


def validate(db: Connection, table: Table) -> None:
    """Looks at all rows for the keys of which not all were; the first broken one is raised."""
    for *_, state in _wanted(db, table):
        if state.name is not None and not state.valid:
            db.execute(
                sql.SQL("alter table {} validate constraint {}").format(
                    name_of(table), sql.Identifier(state.name)
                )
            )


def validate_if_kept(db: Connection, table: Table) -> None:
    """The same where other partitions may break a key, which then holds for new rows alone."""
    with suppress(errors.Error):
        validate(db, table)


def forget(db: Connection, table: Table) -> None:
    """Drops the foreign keys that point to the table."""
    for domain, child, name in pointing_here(db, table):
        db.execute(
            sql.SQL("alter table {} drop constraint {}").format(
                sql.Identifier(domain, child), sql.Identifier(name)
            )
        )


def _wanted(db: Connection, table: Table) -> Iterator[tuple[str, str, str, ForeignKey]]:
    for column in columns_of(table.schema) if table.blocking else []:
        if column.foreign_key is None:
            continue
        role, parent_column = column.foreign_key
        parent = table.parents[role]
        state = foreign_key(db, table, column.name, parent, parent_column)
        if state is not None and parent != table.name:
            yield column.name, parent, parent_column, state
