"""The vault: one statement over protected data, in a database that holds nothing else.

It is made for a single statement and holds only the columns that this statement names. An owner's
view is computed somewhere else, so the table behind it is never near the asker's expressions.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import polars as pl
import pyarrow as pa
from sqlglot import exp

from synth_assets.domains.clean_room.analysis_rules.block import Block, Source
from synth_assets.domains.clean_room.analysis_rules.enclosure import Enclosure
from synth_assets.domains.clean_room.analysis_rules.limits import Watch

# Some columns of a relation that a query reads.
Share = Callable[[Source, list[str]], pa.Table]


def columns_used(block: Block, statement: exp.Select) -> dict[Source, list[str]]:
    """The columns that a statement over a block names, of each relation."""
    used: dict[Source, set[str]] = {source: set() for source in block.sources.values()}
    for column in block.columns(statement):
        used[block.sources[column.table]].add(column.name)
    return {source: sorted(columns) for source, columns in used.items()}


def computed(block: Block, statement: exp.Select, share: Share, watch: Watch) -> pl.DataFrame:
    """The answer to a statement that the engine wrote for a block."""
    with closing(Enclosure(watch)) as vault:
        for source, columns in columns_used(block, statement).items():
            vault.hold_arrow(source.internal, share(source, columns))
        return vault.ask(statement)
