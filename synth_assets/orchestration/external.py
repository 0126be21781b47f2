"""Queries that BigQuery answers, for tables that are copied from there."""

from __future__ import annotations

import polars as pl

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.core.schema import polars_schema
from synth_assets.orchestration.settings import Settings
from synth_assets.stores import KINDS


def ask(table: Table, query: str) -> pl.DataFrame:
    """The answer to a query whose rows are a table's; ``UserError`` where no project pays for it.

    Args:
        table: The table, for its schema and for errors.
        query: Statements of BigQuery, the last of which is answered.
    """
    # Google's libraries take a second to load, which few runs need.
    from synth_assets.orchestration.bigquery_client import client_of
    from synth_assets.stores.bigquery.faults import explained
    from synth_assets.stores.bigquery.service import Service

    location = Settings.from_environment().locations.get("bigquery")
    if location is None:
        raise UserError(
            f"{table.path} is read from BigQuery: set {KINDS['bigquery'].variable} to the project "
            "that pays for the query"
        )
    project = location.partition(".")[0]
    with explained(f"read {table.path}", project), client_of(project) as client:
        batches = [pl.DataFrame(batch) for batch in Service(client).batches(query)]
    return pl.concat(batches) if batches else pl.DataFrame(schema=polars_schema(table.schema))
