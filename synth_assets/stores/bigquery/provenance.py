"""The provenance of partitions: an append-only table, in which the latest record of a key counts.

A load job cannot share a transaction with a record. So a record is written before the load,
``pending`` with the job's id, and one after it, ``stored``. If the writer was killed in between,
the job's own state decides. Records are only appended, which BigQuery allows any number of writers
to do concurrently.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from google.api_core.exceptions import Forbidden, NotFound
from google.cloud import bigquery
from google.cloud.bigquery import ArrayQueryParameter, ScalarQueryParameter, SchemaField

from synth_assets.core.model import Table
from synth_assets.stores.bigquery.names import TableName, quoted
from synth_assets.stores.bigquery.service import Service

# A load was begun; its partition is stored; it failed; a partition was dropped. STAGED marks the
# keys that a transaction will replace or drop; it is no outcome.
PENDING, STORED, FAILED, DROPPED, STAGED = "pending", "stored", "failed", "dropped", "staged"
# Age of an upload without a job that counts as failed: upload sessions expire after a week.
ABANDONED_AFTER = timedelta(days=8)
DOC = "Who made which slice; the latest line of a slice counts. Lines are only added."
FIELDS = [
    SchemaField("domain", "STRING", "REQUIRED"),
    SchemaField("name", "STRING", "REQUIRED", description="The table's name."),
    SchemaField("slice", "STRING", "REQUIRED", description="The partition's key."),
    SchemaField("job", "STRING", "REQUIRED", description="Id of the job that wrote the slice."),
    SchemaField("state", "STRING", "REQUIRED", description="pending, stored, failed, dropped"),
    SchemaField("noted_at", "TIMESTAMP", "REQUIRED", description="When the state was reached."),
    SchemaField("row_count", "INT64"),
    SchemaField("byte_count", "INT64", description="Size as BigQuery counts it."),
    SchemaField("bytes_loaded", "INT64", description="Size of the file that was loaded."),
    SchemaField("fingerprint", "STRING", description="The scenario that made the slice."),
    SchemaField("code_version", "STRING"),
]
TYPES = {field.name: field.field_type for field in FIELDS}
COLUMNS = ", ".join(quoted(field.name) for field in FIELDS)


# Placeholder for the time at which a record is written, by the service's clock.
NOW = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class ProvenanceRecord:
    """A row of the provenance table.

    Attributes:
        key: The partition's key.
        job: The id of the job that writes the partition.
        state: ``pending``, ``stored``, ``failed``, ``dropped`` or ``staged``.
        noted_at: When the state was reached.
        rows: The number of rows.
        bytes: The size as BigQuery counts it.
        bytes_loaded: The size of the loaded file.
        fingerprint: The scenario's fingerprint.
        code_version: The generator's code version.
    """

    key: str
    job: str
    state: str
    noted_at: datetime = NOW
    rows: int = 0
    bytes: int = 0
    bytes_loaded: int = 0
    fingerprint: str = ""
    code_version: str = ""


class ProvenanceTable:
    """The records of one table in the provenance table of a project.

    Args:
        service: The project's service.
        name: Name of the provenance table; it is created by the first write.
        table: The table that the records are about.
    """

    def __init__(self, service: Service, name: TableName, table: Table) -> None:
        self.name = name
        self._service, self._table = service, table

    def write(self, record: ProvenanceRecord, *more_keys: str) -> None:
        """Appends a record.

        Args:
            record: The record.
            more_keys: Further keys to append the same record for.
        """
        values = {
            "domain": self._table.domain,
            "name": self._table.name,
            "job": record.job,
            "state": record.state,
            "noted_at": None if record.noted_at == NOW else record.noted_at,
            "row_count": record.rows,
            "byte_count": record.bytes,
            "bytes_loaded": record.bytes_loaded,
            "fingerprint": record.fingerprint,
            "code_version": record.code_version,
        }
        add = partial(
            self._service.run,
            f"INSERT INTO {self.name.sql} ({COLUMNS}) "
            "SELECT @domain, @name, slice, @job, @state, "
            "COALESCE(@noted_at, CURRENT_TIMESTAMP()), @row_count, @byte_count, @bytes_loaded, "
            "@fingerprint, @code_version FROM UNNEST(@slices) AS slice",
            *(ScalarQueryParameter(name, TYPES[name], value) for name, value in values.items()),
            ArrayQueryParameter("slices", "STRING", [record.key, *more_keys]),
        )
        try:
            add()
        except NotFound:
            created = bigquery.Table(self.name.path, schema=FIELDS)
            created.description, created.clustering_fields = DOC, ["domain", "name"]
            self._service.create(created)
            add()

    def stored_partitions(self, existing: bigquery.Table) -> dict[str, ProvenanceRecord]:
        """The records of the stored partitions, by key, in order.

        Args:
            existing: The table as it exists. Records from before its creation are about a table
                that was dropped, and are ignored.
        """
        records = list(self._records())
        outcomes = [record for record in records if record.state != PENDING]
        outcomes += filter(None, (self._resolve(record, existing.location) for record in records))
        outcomes.sort(key=lambda record: record.noted_at)
        latest = {r.key: r for r in outcomes if r.noted_at >= existing.created}
        return {key: latest[key] for key in sorted(latest) if latest[key].state == STORED}

    def _records(self) -> Iterator[ProvenanceRecord]:
        """The last outcome for each partition, and the loads without a recorded outcome."""
        source = f"FROM {self.name.sql} WHERE domain = @domain AND name = @name"
        query = partial(
            self._service.run,
            f"SELECT {COLUMNS} FROM (SELECT {COLUMNS}, ROW_NUMBER() OVER "
            f"(PARTITION BY slice ORDER BY noted_at DESC, state DESC, job) AS place {source} "
            f"AND state IN ('{STORED}', '{DROPPED}')) WHERE place = 1 "
            f"UNION ALL SELECT {COLUMNS} {source} AND state = '{PENDING}' AND job NOT IN "
            f"(SELECT job {source} AND state != '{PENDING}')",
            ScalarQueryParameter("domain", "STRING", self._table.domain),
            ScalarQueryParameter("name", "STRING", self._table.name),
        )
        # Without a provenance table there are no partitions.
        with suppress(NotFound):
            for _, _, *facts in (row.values() for row in query()):
                yield ProvenanceRecord(*facts)

    def _resolve(self, record: ProvenanceRecord, location: str | None) -> ProvenanceRecord | None:
        """The outcome of a pending load, from its job; None if it has not replaced a partition."""
        if record.state != PENDING:
            return None
        job = self._service.job(record.job, location)
        if job is None and datetime.now(UTC) - record.noted_at > ABANDONED_AFTER:
            self._write_if_permitted(replace(record, state=FAILED, noted_at=NOW))
        if job is None or job.state != "DONE":
            return None
        if job.error_result:
            self._write_if_permitted(replace(record, state=FAILED, noted_at=job.ended))
            return None
        size = job.output_bytes or record.bytes
        stored = replace(record, state=STORED, noted_at=job.ended, bytes=size)
        self._write_if_permitted(stored)
        return stored

    def _write_if_permitted(self, record: ProvenanceRecord) -> None:
        # The service deletes jobs after half a year. A reader without permission to write leaves
        # the record to the next writer.
        with suppress(Forbidden):
            self.write(record)
