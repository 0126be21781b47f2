"""A locked DuckDB database in memory: no files, no network, no extensions, no settings.

The *client database* of a query is a sandbox with the querying party's tables and the released
rows; it runs the party's own SQL. A gap in the grammar would therefore expose the party's own data
only. Each statement over protected data, written by the engine, has a database of its own
(``protected_database``).
"""

from __future__ import annotations

from collections import Counter

import duckdb
import polars as pl
import pyarrow as pa
from polars import selectors as cs
from sqlglot import exp

from synth_assets.domains.clean_room.analysis_rules.catalogue import refuse_other_relations
from synth_assets.domains.clean_room.analysis_rules.errors import RefusedError
from synth_assets.domains.clean_room.analysis_rules.limits import Limits, Watchdog
from synth_assets.domains.clean_room.analysis_rules.printing import duckdb_text
from synth_assets.domains.clean_room.analysis_rules.statement import verified

LOCKED: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
    "allow_community_extensions": "false",
    # What does not fit into memory is not written to a disk.
    "temp_directory": "",
}

SETTINGS = (
    "python_enable_replacements=false",
    "TimeZone='UTC'",
    # A common subexpression would be computed outside of the TRY that guards each of its uses. An
    # error there would reveal something about one row.
    "disabled_optimizers='common_subexpressions,common_subplan'",
)
# Rows in a fetched batch.
BATCH = 100_000
NARROWED = {"HUGEINT": "BIGINT", "UHUGEINT": "BIGINT", "UBIGINT": "BIGINT", "DECIMAL": "DOUBLE"}


class Sandbox:
    """One locked database in memory.

    Args:
        watchdog: The limits of the query; by default the default limits, which nothing enforces.
    """

    def __init__(self, watchdog: Watchdog | None = None) -> None:
        self._watchdog = watchdog or Watchdog(Limits())
        memory = f"{self._watchdog.limits.memory >> 20}MiB"
        self._database = duckdb.connect(":memory:", config={**LOCKED, "memory_limit": memory})
        self._watchdog.register(self._database)
        self._registered: set[str] = set()
        for setting in SETTINGS:
            self._database.execute(f"SET {setting}")
        self._database.execute("SET lock_configuration=true")

    def register(self, name: str, frame: pl.DataFrame) -> None:
        """Make a frame readable, with column names in lower case and BigQuery's types.

        Args:
            name: The relation's name.
            frame: The rows.
        """
        self.register_arrow(name, as_bigquery(frame).to_arrow())

    def register_arrow(self, name: str, table: pa.Table) -> None:
        """Make an Arrow table readable without changes.

        Args:
            name: The relation's name.
            table: The rows.
        """
        self._database.register(name, table)
        self._registered.add(name)

    def register_view(self, name: str, query: exp.Query) -> None:
        """Make a query readable as a view, with columns in BigQuery's types.

        Args:
            name: The view's name.
            query: Its definition over registered relations, written by an owner.
        """
        self._database.execute(f'CREATE VIEW "{name}_as_written" AS {duckdb_text(query)}')
        columns = ", ".join(
            f'TRY_CAST("{column}" AS {narrow}) AS "{column}"' if narrow else f'"{column}"'
            for column, type_ in self.columns(f"{name}_as_written").items()
            for narrow in [NARROWED.get(type_.partition("(")[0])]
        )
        self._database.execute(f'CREATE VIEW "{name}" AS SELECT {columns} FROM "{name}_as_written"')
        self._registered.add(name)

    def columns(self, name: str) -> dict[str, str]:
        """The column names of a relation in lower case, with DuckDB's types.

        Args:
            name: A registered relation.
        """
        rows = self._database.execute(f'DESCRIBE "{name}"').fetchall()
        return {str(row[0]).lower(): str(row[1]) for row in rows}

    def execute(self, query: exp.Query) -> pl.DataFrame:
        """Run one statement.

        Args:
            query: A query over registered relations.

        Returns:
            Its rows in BigQuery's types.

        Raises:
            NotProvablySafeError: The statement could read or call something that is not allowed.
            RefusedError: Two columns of the answer have the same name.
        """
        text = verified(query, self._registered)
        refuse_other_relations(self._database, text, self._registered)
        fetched = self._fetched(text)
        repeated = [name for name, times in Counter(fetched.column_names).items() if times > 1]
        if repeated:
            raise RefusedError(
                f"an answer cannot have two columns of one name: {', '.join(repeated)} must be "
                "named apart, with AS"
            )
        answer = pl.from_arrow(fetched)
        assert isinstance(answer, pl.DataFrame)
        # DuckDB sums integers in a 128-bit type, which Polars reads as a decimal.
        wide = [name for name, type_ in answer.schema.items() if type_ == pl.Decimal(38, 0)]
        return answer.with_columns(pl.col(wide).cast(pl.Int64, strict=False))

    def copy(self, name: str, columns: list[str]) -> pa.Table:
        """Columns of a registered relation.

        Args:
            name: The relation.
            columns: The columns; if none, one column of NULLs keeps the number of rows.
        """
        shown = ", ".join(f'"{column}"' for column in columns) or "NULL AS nothing"
        return self._fetched(f'SELECT {shown} FROM "{name}"')

    def _fetched(self, text: str) -> pa.Table:
        """The rows of a statement, if they fit into the memory limit."""
        self._watchdog.check()
        reader = self._database.execute(text).to_arrow_reader(BATCH)
        batches, size = [], 0
        for batch in reader:
            self._watchdog.check()
            batches.append(batch)
            size += batch.nbytes
            if size > self._watchdog.limits.memory:
                raise self._watchdog.too_large()
        return pa.Table.from_batches(batches, reader.schema)

    def close(self) -> None:
        """Close the database, with everything in it."""
        self._database.close()


def as_bigquery(frame: pl.DataFrame) -> pl.DataFrame:
    """Cast a frame to BigQuery's types (INT64, FLOAT64, STRING …), with lower-case column names.

    Sums of wider integers and decimals can overflow, and such an error would reveal something
    about the data. Categories become texts.

    Args:
        frame: Any frame.

    Raises:
        RefusedError: An integer does not fit INT64, or two column names differ in case only.
    """
    try:
        return frame.rename(str.lower).with_columns(
            cs.integer().cast(pl.Int64),
            (cs.float() | cs.decimal()).cast(pl.Float64),
            (cs.categorical() | cs.enum()).cast(pl.String),
            cs.by_dtype(pl.Null).cast(pl.String),
        )
    except pl.exceptions.PolarsError:
        raise RefusedError(
            "a table does not fit BigQuery's types: integers must fit INT64 and column names "
            "must differ in more than upper and lower case"
        ) from None
