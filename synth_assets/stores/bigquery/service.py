"""The few requests that the store makes, each patient with what passes by itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, cast

import pyarrow as pa
from google.api_core.exceptions import Conflict, NotFound
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery, bigquery_storage
from google.cloud.bigquery.job import LoadJob

from synth_assets.stores.bigquery.faults import patience
from synth_assets.stores.bigquery.names import Place

EMULATOR = "BIGQUERY_EMULATOR_HOST"
# Seconds for a request that says or asks little, and for a chunk of an upload.
ANSWER, CHUNK = 60, 600
# Rows of an answer in JSON, and streams of an answer in Arrow, that are held at once.
PAGE_ROWS, STREAMS = 50_000, 4

Parameter = bigquery.ScalarQueryParameter | bigquery.ArrayQueryParameter


@contextmanager
def client_of(project: str) -> Iterator[bigquery.Client]:
    """Google's client with the environment's credentials; an emulator wants none."""
    anonymous = AnonymousCredentials() if os.environ.get(EMULATOR) else None  # type: ignore[no-untyped-call]
    client = bigquery.Client(project=project, credentials=anonymous)
    try:
        yield client
    finally:
        client.close()  # type: ignore[no-untyped-call]


class Service:
    """BigQuery as seen from one project, which pays for jobs."""

    def __init__(self, client: bigquery.Client) -> None:
        self._client = client

    def find(self, place: Place) -> bigquery.Table | None:
        """The table as it stands; nothing where it, or its dataset, is not there."""
        try:
            return self._client.get_table(place.path, retry=patience(), timeout=ANSWER)
        except NotFound as error:
            # A project that is not there must not look like an empty one.
            if "not found: project" in str(error).lower():
                raise
            return None

    def create(self, table: bigquery.Table) -> None:
        """Makes the table, and its dataset, where they are not there."""
        if os.environ.get(EMULATOR):
            table.schema = [_with_quotes(field, field.name) for field in table.schema]
        dataset = bigquery.DatasetReference(table.project, table.dataset_id)
        self._client.create_dataset(dataset, exists_ok=True, retry=patience(), timeout=ANSWER)
        self._client.create_table(table, exists_ok=True, retry=patience(), timeout=ANSWER)

    def delete(self, place: Place) -> None:
        """Removes the table; one that is gone is passed over."""
        self._client.delete_table(place.path, not_found_ok=True, retry=patience(), timeout=ANSWER)

    def run(self, sql: str, *parameters: Parameter) -> Any:
        """Rows of a statement or script; what it finds in its way is tried again."""
        config = bigquery.QueryJobConfig(query_parameters=parameters)
        again = patience()
        job = self._client.query(sql, config, retry=again, job_retry=again)
        return job.result(page_size=PAGE_ROWS, retry=again, job_retry=again)

    def batches(self, sql: str, *parameters: Parameter) -> Iterator[pa.RecordBatch]:
        """Rows of a query as they arrive: from the service as Arrow, from an emulator as JSON."""
        rows = self.run(sql, *parameters)
        if os.environ.get(EMULATOR):
            yield from rows.to_arrow_iterable()
            return
        credentials = self._client._credentials
        storage = bigquery_storage.BigQueryReadClient(credentials=credentials)  # type: ignore[no-untyped-call]
        with storage:
            yield from rows.to_arrow_iterable(storage, max_stream_count=STREAMS)

    def load(
        self,
        file: IO[bytes],
        destination: str,
        config: bigquery.LoadJobConfig,
        job_id: str,
        location: str | None,
    ) -> LoadJob:
        """Uploads and loads a file, once, however often the connection breaks."""

        def upload() -> LoadJob:
            try:
                return self._client.load_table_from_file(
                    file,
                    destination,
                    rewind=True,
                    job_id=job_id,
                    location=location,
                    job_config=config,
                    timeout=CHUNK,
                )
            except Conflict:
                # The attempt before had arrived, only its answer had not.
                known = self._client.get_job(job_id, location=location, retry=patience())
                return cast(LoadJob, known)

        job: LoadJob = patience()(upload)()
        job.result(retry=patience())
        return job

    def job(self, job_id: str, location: str | None) -> Any | None:
        """A job by its id; nothing where it never began."""
        try:
            return self._client.get_job(job_id, location=location, retry=patience())
        except NotFound:
            return None


def _with_quotes(field: bigquery.SchemaField, name: str) -> bigquery.SchemaField:
    """The field, all names within it in double quotes.

    An emulator pastes them into the SQL of DuckDB, where ``at``, for one, is a reserved word.
    """
    if not field.fields:
        return bigquery.SchemaField.from_api_repr(field.to_api_repr() | {"name": name})
    inner = [_with_quotes(f, f'"{f.name}"').to_api_repr() for f in field.fields]
    made = field.to_api_repr() | {"name": name, "fields": inner}
    return bigquery.SchemaField.from_api_repr(made)
