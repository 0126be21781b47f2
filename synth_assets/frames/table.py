"""The rows of a table of a world, as Polars, pandas, Arrow or a relation of DuckDB.

Nothing is computed before rows are requested. Rows have the columns of the table's schema, in the
order in which a store has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain, Reader, Table
from synth_assets.core.partition_keys import keys_between, require_text
from synth_assets.core.partitioning import Partition
from synth_assets.core.schema import polars_schema
from synth_assets.core.sources import Generated, adjacent, joined
from synth_assets.frames.deferred import deferred

if TYPE_CHECKING:
    import duckdb
    import pandas as pd  # type: ignore[import-untyped]
    import pyarrow as pa


# Partition keys that a table's text names one by one.
MOST_NAMED = 3


@dataclass(frozen=True, repr=False)
class WorldTable:
    """A table of a world, or some of its partitions.

    Attributes:
        domain: The table's domain.
        table: The table, with its schema, description, partitioning and checks.
        reader: Has the rows of tables that are not generated from row numbers.
        keys: Keys of the partitions.
    """

    domain: Domain = field(hash=False)
    table: Table = field(hash=False)
    reader: Reader = field(hash=False)
    keys: tuple[str, ...]

    def __repr__(self) -> str:
        few = len(self.keys) <= MOST_NAMED
        keys = (
            ", ".join(self.keys)
            if few
            else f"{self.keys[0]}..{self.keys[-1]}, {len(self.keys):,} partitions"
        )
        return f"WorldTable({self.table.path}: {keys})"

    @property
    def name(self) -> str:
        """The table's name in the domain."""
        return self.table.name

    @property
    def schema(self) -> pl.Schema:
        """Names and types of the columns."""
        return polars_schema(self.table.schema)

    def partition(self, key: str) -> pl.LazyFrame:
        """The rows of one partition.

        Args:
            key: Partition key, such as ``2026-03-01``.

        Raises:
            UserError: The key does not exist, or is none of the chosen ones.
        """
        self.table.partitioning.index_range(require_text(self.table.partitioning, key))
        return self._chosen([key]).lazy()

    def partitions(self, text: str) -> WorldTable:
        """The table with some of its partitions.

        Args:
            text: A partition key, or a range ``a..b`` with both ends.

        Raises:
            UserError: A key does not exist or is none of the chosen ones, or the range ends before
                it begins.
        """
        partitioning = self.table.partitioning
        return self._chosen(keys_between(partitioning, require_text(partitioning, text)))

    def lazy(self) -> pl.LazyFrame:
        """The rows, computed when the frame is collected."""
        if not isinstance(self.table.source, Generated):
            return deferred(self._read, self.schema)
        # Adjacent partitions are generated as one, since planning costs more than small ones.
        source, scenario = self.table.source, self.domain.scenario
        return pl.concat([source.frame(self.table, scenario, span) for span in self._spans(source)])

    def polars(self) -> pl.DataFrame:
        """The rows as a data frame of Polars.

        Raises:
            UserError: Values of a column cannot be made; names it.
        """
        source = self.table.source
        if not isinstance(source, Generated):
            return self.lazy().collect()
        with source.explained(self.domain.scenario, *self._spans(source)):
            return self.lazy().collect()

    def arrow(self) -> pa.Table:
        """The rows as a table of Arrow."""
        return self.polars().to_arrow()

    def pandas(self) -> pd.DataFrame:
        """The rows as a data frame of pandas."""
        return self.polars().to_pandas()

    def duckdb(
        self, connection: duckdb.DuckDBPyConnection | None = None
    ) -> duckdb.DuckDBPyRelation:
        """The rows as a relation of DuckDB, which SQL can name like a table.

        Args:
            connection: The connection of the relation; one to a new database in memory without it.

        Raises:
            UserError: The connection is none.
        """
        import duckdb

        if not isinstance(connection, duckdb.DuckDBPyConnection | None):
            raise UserError(
                f"connection must be one of DuckDB, such as duckdb.connect(), not {connection!r}"
            )
        return (connection or duckdb.connect()).from_arrow(self.arrow())

    def _chosen(self, keys: Sequence[str]) -> WorldTable:
        """The table with some of the partitions that it has."""
        own = set(self.keys)
        outside = next((key for key in keys if key not in own), None)
        if outside is not None:
            chosen = f"{self.keys[0]}..{self.keys[-1]}" if self.keys else "none"
            raise UserError(f"partition {outside} of {self.table.path} is not among {chosen}")
        return replace(self, keys=tuple(keys))

    def _spans(self, source: Generated) -> list[Partition]:
        """The partitions, adjacent ones as one."""
        parts = [source.partition(self.table, self.domain.scenario, key) for key in self.keys]
        return [joined(group) for group in adjacent(parts)]

    def _read(self) -> pl.LazyFrame:
        rows = self.reader.scan(self.table, list(self.keys))
        return rows.select(self.schema.names())
