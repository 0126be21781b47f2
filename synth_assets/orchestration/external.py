"""Queries of BigQuery, for tables that are copied from there."""

from __future__ import annotations

import polars as pl

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.core.schema import polars_schema
from synth_assets.orchestration.settings import Settings
from synth_assets.stores import KINDS


def query_bigquery(table: Table, query: str) -> pl.DataFrame:
    """Runs a query that reads the rows of a table.

    Args:
        table: The table, for its schema and for error messages.
        query: BigQuery statements; the last one returns the rows.

    Raises:
        UserError: No project is set, or BigQuery refuses the query.
    """
    # Google's libraries take a second to load, and few runs need them.
    from synth_assets.orchestration.bigquery_client import client_of
    from synth_assets.stores.bigquery.errors import translate_errors
    from synth_assets.stores.bigquery.service import Service

    location = Settings.from_environment().locations.get("bigquery")
    if location is None:
        raise UserError(
            f"{table.path} is read from BigQuery: set {KINDS['bigquery'].variable} to the project "
            "that pays for the query"
        )
    project = location.partition(".")[0]
    with translate_errors(f"cannot read {table.path}", project), client_of(project) as client:
        batches = [pl.DataFrame(batch) for batch in Service(client).batches(query)]
    return typed(table, pl.concat(batches)) if batches else typed(table, pl.DataFrame())


def typed(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of a query in the types of a table.

    Args:
        table: The table.
        rows: The rows; none without columns.

    Raises:
        UserError: A column has values of another type.
    """
    schema = polars_schema(table.schema)
    if not rows.columns:
        return pl.DataFrame(schema=schema)
    for name, dtype in schema.items():
        try:
            rows = rows.with_columns(pl.col(name).cast(dtype))
        except pl.exceptions.PolarsError as error:
            reason = str(error).strip().splitlines()[0]
            raise UserError(
                f"column {name} of {table.path} cannot be read as {dtype.__class__.__name__}: "
                f"{reason}"
            ) from None
    return rows
