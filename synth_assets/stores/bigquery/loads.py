"""How a partition's rows take the place of those before: as a partition, or in a transaction.

The service replaces a partition with one load job, which is atomic and free. An emulator knows no
partitions to load into: there the rows are loaded beside the table, and a transaction puts them in
place together with their line in the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import uuid4

from google.api_core.exceptions import RetryError
from google.cloud import bigquery

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.stores.bigquery.columns import all_fields
from synth_assets.stores.bigquery.faults import gist, patience
from synth_assets.stores.bigquery.file import Staged
from synth_assets.stores.bigquery.ledger import (
    COLUMNS,
    DROPPED,
    PENDING,
    STAGED,
    STORED,
    Ledger,
    Line,
)
from synth_assets.stores.bigquery.names import Place, quoted
from synth_assets.stores.bigquery.service import Service
from synth_assets.stores.bigquery.tables import decorator

# Rows that lie beside a table since their writer died are removed by the service after so long.
EXPIRY = timedelta(days=1)


@dataclass(frozen=True)
class Target:
    """A table that partitions go to: where it lies, and who keeps account of it."""

    service: Service
    ledger: Ledger
    place: Place
    table: Table


def by_partition(target: Target, line: Line, there: bigquery.Table, staged: Staged) -> Line:
    """Loads the file over the partition's partition, or over a table that is not cut."""
    part = decorator(target.table, line.key)
    config = _config(target.table)
    # What a load says of these must be what the table says.
    config.time_partitioning = there.time_partitioning
    config.range_partitioning = there.range_partitioning
    config.clustering_fields = there.clustering_fields
    # Of a table that is not cut, its columns and keys are to stay.
    config.write_disposition = "WRITE_TRUNCATE" if part else "WRITE_TRUNCATE_DATA"
    attempts = count()

    def load() -> Line:
        # A job that failed keeps its id, so that each attempt is a job of its own.
        begun = replace(line, job=f"{line.job}_{next(attempts)}", state=PENDING)
        target.ledger.write(begun)
        destination = target.place.path + part
        try:
            job = target.service.load(staged.file, destination, config, begun.job, there.location)
        except RetryError as error:
            raise UserError(
                f"cannot write {target.table.path}: {gist(error, target.place.project)}; what "
                f"was stored before is untouched, unless job {begun.job} still succeeds"
            ) from None
        size = job.output_bytes or staged.bytes
        return replace(begun, state=STORED, noted_at=job.ended, bytes=size)

    stored: Line = patience()(load)()
    target.ledger.write(stored)
    return stored


def by_transaction(target: Target, line: Line, there: bigquery.Table, staged: Staged) -> Line:
    """Loads the file into a table of its own, from where one script moves the rows."""
    fields = all_fields(target.table)
    beside = target.ledger.place._replace(table=f"staged_{line.job}")
    columns = ", ".join(quoted(field.name) for field in fields)
    resource = bigquery.Table(beside.path, schema=fields)
    resource.expires = datetime.now(UTC) + EXPIRY
    target.ledger.write(replace(line, state=STAGED))
    target.service.create(resource)
    insert = f"INSERT INTO {target.place.sql} ({columns}) SELECT {columns} FROM {beside.sql}; "
    try:
        target.service.load(
            staged.file, beside.path, _config(target.table), line.job, there.location
        )
        target.service.run(_script(target, line.job, insert, STORED))
    finally:
        target.service.delete(beside)
    return line


def remove(target: Target, keys: Sequence[str]) -> None:
    """Removes partitions in a transaction that says so in the ledger, too."""
    job = new_job()
    target.ledger.write(Line(keys[0], job, STAGED), *keys[1:])
    target.service.run(_script(target, job, "", DROPPED))


def new_job() -> str:
    """An id that no job has, for a load and its lines in the ledger."""
    return f"synth_{uuid4().hex}"


def _config(table: Table) -> bigquery.LoadJobConfig:
    parquet = bigquery.ParquetOptions()  # type: ignore[no-untyped-call]
    parquet.enable_list_inference = True
    config = bigquery.LoadJobConfig(source_format="PARQUET", schema=all_fields(table))
    config.parquet_options = parquet
    return config


def _script(target: Target, job: str, insert: str, state: str) -> str:
    """Empties the partitions of a staged line, fills them, and writes what they are from then on.

    An emulator's scripts take no parameters: the keys come from the ledger, by the job's id.
    """
    partition_column, ledger = (
        quoted(target.table.partitioning.partition_column),
        target.ledger.place.sql,
    )
    line = f"FROM {ledger} WHERE job = '{job}' AND state = '{STAGED}'"
    told = COLUMNS.replace("`state`", f"'{state}'").replace("`noted_at`", "CURRENT_TIMESTAMP()")
    return (
        "BEGIN TRANSACTION; "
        f"DELETE FROM {target.place.sql} "
        f"WHERE CAST({partition_column} AS STRING) IN (SELECT slice {line}); "
        f"{insert}INSERT INTO {ledger} ({COLUMNS}) SELECT {told} {line}; "
        "COMMIT TRANSACTION;"
    )
