"""A DuckDB that knows only what it is given: no files, no network, no extensions, no settings.

The *bench* of a query holds the asking party's tables and what was released, and runs the party's
own SQL. A hole in the grammar would therefore lead to the party's own data. Each statement over
protected data, written by the engine, has a database of its own (``vault``).
"""

from __future__ import annotations

from collections import Counter

import duckdb
import polars as pl
import pyarrow as pa
from polars import selectors as cs
from sqlglot import exp

from synth_assets.domains.clean_room.analysis_rules.catalogue import read_only_held
from synth_assets.domains.clean_room.analysis_rules.errors import RefusedError
from synth_assets.domains.clean_room.analysis_rules.limits import Limits, Watch
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
    # What two expressions share would be computed outside of the TRY that guards each of them, and
    # fail there: whether it does tells about one row.
    "disabled_optimizers='common_subexpressions,common_subplan'",
)
# Rows that are fetched at a time.
BATCH = 100_000
NARROWED = {"HUGEINT": "BIGINT", "UHUGEINT": "BIGINT", "UBIGINT": "BIGINT", "DECIMAL": "DOUBLE"}


class Enclosure:
    """One locked database in memory."""

    def __init__(self, watch: Watch | None = None) -> None:
        self._watch = watch or Watch(Limits())
        memory = f"{self._watch.limits.memory >> 20}MiB"
        self._database = duckdb.connect(":memory:", config={**LOCKED, "memory_limit": memory})
        self._watch.opened(self._database)
        self._held: set[str] = set()
        for setting in SETTINGS:
            self._database.execute(f"SET {setting}")
        self._database.execute("SET lock_configuration=true")

    def hold(self, name: str, frame: pl.DataFrame) -> None:
        """Make a frame readable under a name, its columns in lower case."""
        self.hold_arrow(name, as_bigquery(frame).to_arrow())

    def hold_arrow(self, name: str, table: pa.Table) -> None:
        """Make a table readable under a name, as it is."""
        self._database.register(name, table)
        self._held.add(name)

    def define(self, name: str, query: exp.Query) -> None:
        """Make a query readable under a name, its columns in BigQuery's types."""
        self._database.execute(f'CREATE VIEW "{name}_as_written" AS {duckdb_text(query)}')
        columns = ", ".join(
            f'TRY_CAST("{column}" AS {narrow}) AS "{column}"' if narrow else f'"{column}"'
            for column, type_ in self.columns(f"{name}_as_written").items()
            for narrow in [NARROWED.get(type_.partition("(")[0])]
        )
        self._database.execute(f'CREATE VIEW "{name}" AS SELECT {columns} FROM "{name}_as_written"')
        self._held.add(name)

    def columns(self, name: str) -> dict[str, str]:
        """The columns of what is held, with DuckDB's types."""
        rows = self._database.execute(f'DESCRIBE "{name}"').fetchall()
        return {str(row[0]).lower(): str(row[1]) for row in rows}

    def ask(self, query: exp.Query) -> pl.DataFrame:
        """The answer to one statement."""
        text = verified(query, self._held)
        read_only_held(self._database, text, self._held)
        fetched = self._fetched(text)
        repeated = [name for name, times in Counter(fetched.column_names).items() if times > 1]
        if repeated:
            raise RefusedError(
                f"an answer cannot have two columns of one name: {', '.join(repeated)} must be "
                "named apart, with AS"
            )
        answer = pl.from_arrow(fetched)
        assert isinstance(answer, pl.DataFrame)
        # DuckDB adds integers up in a type of 128 bits, which Polars reads as a decimal.
        wide = [name for name, type_ in answer.schema.items() if type_ == pl.Decimal(38, 0)]
        return answer.with_columns(pl.col(wide).cast(pl.Int64, strict=False))

    def copy(self, name: str, columns: list[str]) -> pa.Table:
        """Some columns of what is held; rows without columns are told by one that is empty."""
        shown = ", ".join(f'"{column}"' for column in columns) or "NULL AS nothing"
        return self._fetched(f'SELECT {shown} FROM "{name}"')

    def _fetched(self, text: str) -> pa.Table:
        """The rows of a statement, as long as they fit into the memory that is allowed."""
        self._watch.check()
        reader = self._database.execute(text).to_arrow_reader(BATCH)
        batches, size = [], 0
        for batch in reader:
            self._watch.check()
            batches.append(batch)
            size += batch.nbytes
            if size > self._watch.limits.memory:
                raise self._watch.too_large()
        return pa.Table.from_batches(batches, reader.schema)

    def close(self) -> None:
        """Forget everything."""
        self._database.close()


def as_bigquery(frame: pl.DataFrame) -> pl.DataFrame:
    """A frame in the types BigQuery has: INT64, FLOAT64, STRING and the like.

    Wider integers and decimals would bring sums that can overflow, and a failing sum tells on
    the data; categories compare as the texts they are.
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
