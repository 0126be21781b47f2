"""Rows that are not made here: those of a query that a BigQuery project answers.

Copied once into the table's own store, so that whatever is built on them can be built again,
although their source is another tomorrow.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from synth_assets.generation.errors import UserError
from synth_assets.generation.schema import polars_schema
from synth_assets.generation.slicing import WHOLE_KEY, Slice
from synth_assets.generation.table import Table
from synth_assets.orchestration.settings import LOCATIONS, Settings


def queried(table: Table) -> Iterator[tuple[Slice, pl.LazyFrame]]:
    """The one slice of a table that has a ``query``."""
    # Google's libraries take a second to load, which few runs need.
    from synth_assets.orchestration.bigquery_client import client_of
    from synth_assets.stores.bigquery.faults import explained
    from synth_assets.stores.bigquery.service import Service

    assert table.query is not None
    location = Settings.from_environment().locations.get("bigquery")
    if location is None:
        raise UserError(
            f"{table.path} is read from BigQuery: set {LOCATIONS['bigquery']} to the project that "
            "pays for the query"
        )
    project, schema = location.partition(".")[0], polars_schema(table.schema)
    with explained(f"read {table.path}", project), client_of(project) as client:
        batches = [pl.DataFrame(batch) for batch in Service(client).batches(table.query)]
    rows = pl.concat(batches) if batches else pl.DataFrame(schema=schema)
    wanted = [pl.col(name).cast(dtype) for name, dtype in schema.items()]
    yield Slice(WHOLE_KEY, 0, len(rows), 0, 1), rows.lazy().select(wanted)
