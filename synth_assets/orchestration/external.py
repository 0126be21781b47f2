"""Rows that are not made here: those of a query that a BigQuery project answers.

Copied once into the table's own store, so that whatever is built on them can be built again,
although their source is another tomorrow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from synth_assets.generation.errors import UserError
from synth_assets.generation.schema import polars_schema
from synth_assets.generation.slicing import WHOLE_KEY, Slice
from synth_assets.generation.table import Table
from synth_assets.orchestration.settings import LOCATIONS, Settings


def queried(
    table: Table, keys: Sequence[str] = (WHOLE_KEY,)
) -> Iterator[tuple[Slice, pl.LazyFrame]]:
    """Slices of a table that has a ``query``, which is asked once for each of these keys."""
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
    wanted = [pl.col(name).cast(dtype) for name, dtype in schema.items()]
    with explained(f"read {table.path}", project), client_of(project) as client:
        service = Service(client)
        for key in keys:
            batches = [pl.DataFrame(batch) for batch in service.batches(table.query_of(key))]
            rows = pl.concat(batches) if batches else pl.DataFrame(schema=schema)
            yield Slice(key, 0, len(rows), *table.slicing.steps(key)), rows.lazy().select(wanted)
