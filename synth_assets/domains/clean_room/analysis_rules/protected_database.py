"""The protected database: one statement over protected data, in a database with nothing else.

It is created for a single statement and holds only the columns that this statement names. An
owner's view is computed in another database, so the table behind the view is never in the same
database as the querying party's expressions.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import polars as pl
import pyarrow as pa
from sqlglot import exp

from synth_assets.domains.clean_room.analysis_rules.limits import Watchdog
from synth_assets.domains.clean_room.analysis_rules.sandbox import Sandbox
from synth_assets.domains.clean_room.analysis_rules.select_block import SelectBlock, Source

# Returns the named columns of a relation that a query reads.
ReadColumns = Callable[[Source, list[str]], pa.Table]


def columns_used(block: SelectBlock, statement: exp.Select) -> dict[Source, list[str]]:
    """The columns that a statement names, by relation.

    Args:
        block: The SELECT block that the statement was written for.
        statement: The statement; its table aliases are the block's.
    """
    used: dict[Source, set[str]] = {source: set() for source in block.sources.values()}
    for column in block.columns(statement):
        used[block.sources[column.table]].add(column.name)
    return {source: sorted(columns) for source, columns in used.items()}


def run_on_protected_data(
    block: SelectBlock, statement: exp.Select, read_columns: ReadColumns, watchdog: Watchdog
) -> pl.DataFrame:
    """Run a statement that the engine wrote for a block, in a database of its own.

    Args:
        block: The SELECT block that the statement was written for.
        statement: The statement; it reads the block's relations by their internal names.
        read_columns: Returns columns of a relation.
        watchdog: The limits of the query.

    Returns:
        The statement's rows, which are not checked here.
    """
    with closing(Sandbox(watchdog)) as database:
        for source, columns in columns_used(block, statement).items():
            database.register_arrow(source.internal, read_columns(source, columns))
        return database.execute(statement)
