"""A DuckDB that knows only what it is given: no files, no network, no extensions, no settings.

A room uses two for a query. The *vault* holds the protected data and runs nothing but statements
that the engine wrote; the *bench* holds the asking party's tables and what was released, and runs
the party's own SQL. A hole in the grammar would therefore lead to the party's own data.
"""

from __future__ import annotations

import duckdb
import polars as pl
from polars import selectors as cs
from sqlglot import exp

from synth_assets.domains.clean_room.analysis_rules.errors import Refusal

LOCKED = {
    "enable_external_access": "false",
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
    "allow_community_extensions": "false",
}


class Enclosure:
    """One locked database in memory."""

    def __init__(self) -> None:
        self._database = duckdb.connect(":memory:", config=LOCKED)
        for setting in ("python_enable_replacements=false", "TimeZone='UTC'"):
            self._database.execute(f"SET {setting}")
        self._database.execute("SET lock_configuration=true")

    def hold(self, name: str, frame: pl.DataFrame) -> None:
        """Make a frame readable under a name, its columns in lower case."""
        self._database.register(name, as_bigquery(frame).to_arrow())

    def define(self, name: str, query: exp.Query) -> None:
        """Make a query readable under a name."""
        self._database.execute(f'CREATE VIEW "{name}" AS {query.sql("duckdb")}')

    def columns(self, name: str) -> dict[str, str]:
        """The columns of what is held, with DuckDB's types."""
        rows = self._database.execute(f'DESCRIBE "{name}"').fetchall()
        return {str(row[0]).lower(): str(row[1]) for row in rows}

    def ask(self, query: exp.Query) -> pl.DataFrame:
        """The answer to one statement."""
        return self._database.execute(query.sql("duckdb")).pl()

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
        raise Refusal(
            "a table does not fit BigQuery's types: integers must fit INT64 and column names "
            "must differ in more than upper and lower case"
        ) from None
