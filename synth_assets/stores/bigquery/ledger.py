"""Who made which partition: an append-only table beside them, read as the latest line of each.

A load job cannot share a transaction with a line of the ledger. So a line is written before it,
``pending`` under the job's id, and one after it, ``stored``; where the writer died in between,
the job itself says what became of the partition. Lines are only ever added, which BigQuery lets any
number of writers do at once.
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
from synth_assets.stores.bigquery.names import Place, quoted
from synth_assets.stores.bigquery.service import Service

# A load is running; its partition is there; it came to nothing; a partition was dropped. A staged
# line is none of these: it goes with rows that a transaction will put in place.
PENDING, STORED, FAILED, DROPPED, STAGED = "pending", "stored", "failed", "dropped", "staged"
# An upload that has not become a job by then never will: sessions live for a week.
GIVEN_UP = timedelta(days=8)
DOC = "Who made which slice; the latest line of a slice counts. Lines are only added."
FIELDS = [
    SchemaField("domain", "STRING", "REQUIRED"),
    SchemaField("name", "STRING", "REQUIRED", description="The table's name."),
    SchemaField("slice", "STRING", "REQUIRED", description="The partition's key."),
    SchemaField("job", "STRING", "REQUIRED", description="Id of the job that wrote the slice."),
    SchemaField("state", "STRING", "REQUIRED", description="pending, stored, failed, dropped"),
    SchemaField("noted_at", "TIMESTAMP", "REQUIRED", description="When it came to be so."),
    SchemaField("row_count", "INT64"),
    SchemaField("byte_count", "INT64", description="Size as BigQuery counts it."),
    SchemaField("bytes_loaded", "INT64", description="Size of the file that was loaded."),
    SchemaField("fingerprint", "STRING", description="The scenario that made the slice."),
    SchemaField("code_version", "STRING"),
]
TYPES = {field.name: field.field_type for field in FIELDS}
COLUMNS = ", ".join(quoted(field.name) for field in FIELDS)


# Stands for the moment in which a line is written, on the service's clock.
NOW = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Line:
    """What the ledger says of a partition."""

    key: str
    job: str
    state: str
    noted_at: datetime = NOW
    rows: int = 0
    bytes: int = 0
    bytes_loaded: int = 0
    fingerprint: str = ""
    code_version: str = ""


class Ledger:
    """The ledger of one project, as it speaks of one table."""

    def __init__(self, service: Service, place: Place, table: Table) -> None:
        self.place = place
        self._service, self._table = service, table

    def write(self, line: Line, *more_keys: str) -> None:
        """Adds a line, and the same for further keys."""
        values = {
            "domain": self._table.domain,
            "name": self._table.name,
            "job": line.job,
            "state": line.state,
            "noted_at": None if line.noted_at == NOW else line.noted_at,
            "row_count": line.rows,
            "byte_count": line.bytes,
            "bytes_loaded": line.bytes_loaded,
            "fingerprint": line.fingerprint,
            "code_version": line.code_version,
        }
        add = partial(
            self._service.run,
            f"INSERT INTO {self.place.sql} ({COLUMNS}) "
            "SELECT @domain, @name, slice, @job, @state, "
            "COALESCE(@noted_at, CURRENT_TIMESTAMP()), @row_count, @byte_count, @bytes_loaded, "
            "@fingerprint, @code_version FROM UNNEST(@slices) AS slice",
            *(ScalarQueryParameter(name, TYPES[name], value) for name, value in values.items()),
            ArrayQueryParameter("slices", "STRING", [line.key, *more_keys]),
        )
        try:
            add()
        except NotFound:
            made = bigquery.Table(self.place.path, schema=FIELDS)
            made.description, made.clustering_fields = DOC, ["domain", "name"]
            self._service.create(made)
            add()

    def slices(self, there: bigquery.Table) -> dict[str, Line]:
        """The partitions that are stored in the table as it is there, by key, in order.

        Lines from before the table was made speak of one that was dropped.
        """
        lines = list(self._lines())
        told = [line for line in lines if line.state != PENDING]
        told += filter(None, (self._settled(line, there.location) for line in lines))
        told.sort(key=lambda line: line.noted_at)
        latest = {line.key: line for line in told if line.noted_at >= there.created}
        return {key: latest[key] for key in sorted(latest) if latest[key].state == STORED}

    def _lines(self) -> Iterator[Line]:
        """The last outcome for each partition, and the loads whose outcome nobody has written."""
        mine = f"FROM {self.place.sql} WHERE domain = @domain AND name = @name"
        ask = partial(
            self._service.run,
            f"SELECT {COLUMNS} FROM (SELECT {COLUMNS}, ROW_NUMBER() OVER "
            f"(PARTITION BY slice ORDER BY noted_at DESC, state DESC, job) AS place {mine} "
            f"AND state IN ('{STORED}', '{DROPPED}')) WHERE place = 1 "
            f"UNION ALL SELECT {COLUMNS} {mine} AND state = '{PENDING}' AND job NOT IN "
            f"(SELECT job {mine} AND state != '{PENDING}')",
            ScalarQueryParameter("domain", "STRING", self._table.domain),
            ScalarQueryParameter("name", "STRING", self._table.name),
        )
        # Without a ledger there are no partitions.
        with suppress(NotFound):
            for _, _, *facts in (row.values() for row in ask()):
                yield Line(*facts)

    def _settled(self, line: Line, location: str | None) -> Line | None:
        """What became of a load that was not finished; nothing where it replaced no partition."""
        if line.state != PENDING:
            return None
        job = self._service.job(line.job, location)
        if job is None and datetime.now(UTC) - line.noted_at > GIVEN_UP:
            self._tell(replace(line, state=FAILED, noted_at=NOW))
        if job is None or job.state != "DONE":
            return None
        if job.error_result:
            self._tell(replace(line, state=FAILED, noted_at=job.ended))
            return None
        size = job.output_bytes or line.bytes
        stored = replace(line, state=STORED, noted_at=job.ended, bytes=size)
        self._tell(stored)
        return stored

    def _tell(self, line: Line) -> None:
        # Jobs are forgotten after half a year. Whoever may only read leaves it to the next writer.
        with suppress(Forbidden):
            self.write(line)
