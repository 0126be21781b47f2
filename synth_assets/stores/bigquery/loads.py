"""Replaces the rows of a partition: by a load into the partition, or in a transaction.

The service replaces a partition with one load job, which is atomic and free. An emulator cannot
load into partitions: there the rows are loaded into a separate table, and a transaction moves them
together with their provenance record.
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
from synth_assets.stores.bigquery.errors import retry_policy, summary
from synth_assets.stores.bigquery.names import TableName, quoted
from synth_assets.stores.bigquery.provenance import (
    COLUMNS,
    DROPPED,
    PENDING,
    STAGED,
    STORED,
    ProvenanceRecord,
    ProvenanceTable,
)
from synth_assets.stores.bigquery.service import Service
from synth_assets.stores.bigquery.staging import StagedFile
from synth_assets.stores.bigquery.tables import decorator

# Age at which the service removes the staged rows of a killed writer.
EXPIRY = timedelta(days=1)


@dataclass(frozen=True)
class Target:
    """A table that partitions are written to.

    Attributes:
        service: The service of its project.
        provenance: Its provenance records.
        name: Its name in BigQuery.
        table: The table.
    """

    service: Service
    provenance: ProvenanceTable
    name: TableName
    table: Table


def load_partition(
    target: Target, record: ProvenanceRecord, existing: bigquery.Table, staged: StagedFile
) -> ProvenanceRecord:
    """Loads a file over a partition, or over a whole table that is not partitioned.

    Args:
        target: The table to load into.
        record: The partition's record; the ids of its jobs begin with ``record.job``.
        existing: The table as it exists.
        staged: The file.

    Returns:
        The record as it was written after the load.

    Raises:
        UserError: The upload did not end in time.
    """
    part = decorator(target.table, record.key)
    config = _config(target.table)
    # A load must repeat these settings of the table.
    config.time_partitioning = existing.time_partitioning
    config.range_partitioning = existing.range_partitioning
    config.clustering_fields = existing.clustering_fields
    # WRITE_TRUNCATE_DATA keeps the columns and keys of a table that is not partitioned.
    config.write_disposition = "WRITE_TRUNCATE" if part else "WRITE_TRUNCATE_DATA"
    attempts = count()

    def load() -> ProvenanceRecord:
        # A failed job keeps its id, so each attempt needs a new one.
        begun = replace(record, job=f"{record.job}_{next(attempts)}", state=PENDING)
        target.provenance.write(begun)
        destination = target.name.path + part
        try:
            job = target.service.load(
                staged.file, destination, config, begun.job, existing.location
            )
        except RetryError as error:
            raise UserError(
                f"cannot write {target.table.path}: {summary(error, target.name.project)}; what "
                f"was stored before is untouched, unless job {begun.job} still succeeds"
            ) from None
        size = job.output_bytes or staged.bytes
        return replace(begun, state=STORED, noted_at=job.ended, bytes=size)

    stored: ProvenanceRecord = retry_policy()(load)()
    target.provenance.write(stored)
    return stored


def load_in_transaction(
    target: Target, record: ProvenanceRecord, existing: bigquery.Table, staged: StagedFile
) -> ProvenanceRecord:
    """Loads a file into a separate table, from which one script moves the rows.

    Args:
        target: The table to write to.
        record: The partition's record.
        existing: The table as it exists.
        staged: The file.

    Returns:
        The record, as the script has written it.
    """
    fields = all_fields(target.table)
    staging = target.provenance.name._replace(table=f"staged_{record.job}")
    columns = ", ".join(quoted(field.name) for field in fields)
    resource = bigquery.Table(staging.path, schema=fields)
    resource.expires = datetime.now(UTC) + EXPIRY
    target.provenance.write(replace(record, state=STAGED))
    target.service.create(resource)
    insert = f"INSERT INTO {target.name.sql} ({columns}) SELECT {columns} FROM {staging.sql}; "
    try:
        target.service.load(
            staged.file, staging.path, _config(target.table), record.job, existing.location
        )
        target.service.run(_script(target, record.job, insert, STORED))
    finally:
        target.service.delete(staging)
    return record


def remove_partitions(target: Target, keys: Sequence[str]) -> None:
    """Removes partitions and records it, in one transaction.

    Args:
        target: The table.
        keys: The keys of the partitions, at least one.
    """
    job = new_job()
    target.provenance.write(ProvenanceRecord(keys[0], job, STAGED), *keys[1:])
    target.service.run(_script(target, job, "", DROPPED))


def new_job() -> str:
    """A unique job id, for a load and its provenance records."""
    return f"synth_{uuid4().hex}"


def _config(table: Table) -> bigquery.LoadJobConfig:
    parquet = bigquery.ParquetOptions()  # type: ignore[no-untyped-call]
    parquet.enable_list_inference = True
    config = bigquery.LoadJobConfig(source_format="PARQUET", schema=all_fields(table))
    config.parquet_options = parquet
    return config


def _script(target: Target, job: str, insert: str, state: str) -> str:
    """Empties the partitions of a staged record, fills them, and records their new state.

    An emulator's scripts take no parameters: the keys come from the records with the job's id.
    """
    partition_column, records = (
        quoted(target.table.partitioning.partition_column),
        target.provenance.name.sql,
    )
    staged = f"FROM {records} WHERE job = '{job}' AND state = '{STAGED}'"
    values = COLUMNS.replace("`state`", f"'{state}'").replace("`noted_at`", "CURRENT_TIMESTAMP()")
    return (
        "BEGIN TRANSACTION; "
        f"DELETE FROM {target.name.sql} "
        f"WHERE CAST({partition_column} AS STRING) IN (SELECT slice {staged}); "
        f"{insert}INSERT INTO {records} ({COLUMNS}) SELECT {values} {staged}; "
        "COMMIT TRANSACTION;"
    )
