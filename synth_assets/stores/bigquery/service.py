"""The requests of the store to BigQuery, each with retries of transient errors."""

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

from synth_assets.stores.bigquery.errors import retry_policy
from synth_assets.stores.bigquery.names import TableName

EMULATOR = "BIGQUERY_EMULATOR_HOST"
# Timeouts in seconds of a small request, and of a chunk of an upload.
REQUEST_TIMEOUT, CHUNK_TIMEOUT = 60, 600
# Rows of a page of a JSON response, and parallel streams of an Arrow response.
PAGE_ROWS, STREAMS = 50_000, 4

Parameter = bigquery.ScalarQueryParameter | bigquery.ArrayQueryParameter


@contextmanager
def client_of(project: str) -> Iterator[bigquery.Client]:
    """Opens Google's client with the environment's credentials; an emulator needs none.

    Args:
        project: The project that pays for jobs.
    """
    anonymous = AnonymousCredentials() if os.environ.get(EMULATOR) else None  # type: ignore[no-untyped-call]
    client = bigquery.Client(project=project, credentials=anonymous)
    try:
        yield client
    finally:
        client.close()  # type: ignore[no-untyped-call]


class Service:
    """BigQuery, with jobs paid by one project.

    Args:
        client: Google's client of the project.
    """

    def __init__(self, client: bigquery.Client) -> None:
        self._client = client

    def find(self, name: TableName) -> bigquery.Table | None:
        """Looks up a table.

        Args:
            name: Its name.

        Returns:
            The table; None where it or its dataset does not exist.
        """
        try:
            return self._client.get_table(name.path, retry=retry_policy(), timeout=REQUEST_TIMEOUT)
        except NotFound as error:
            # A project that does not exist must not look like an empty one.
            if "not found: project" in str(error).lower():
                raise
            return None

    def create(self, table: bigquery.Table) -> None:
        """Creates a table and its dataset, if they do not exist.

        Args:
            table: The table to create.
        """
        if os.environ.get(EMULATOR):
            table.schema = [_with_quotes(field, field.name) for field in table.schema]
        dataset = bigquery.DatasetReference(table.project, table.dataset_id)
        self._client.create_dataset(
            dataset, exists_ok=True, retry=retry_policy(), timeout=REQUEST_TIMEOUT
        )
        self._client.create_table(
            table, exists_ok=True, retry=retry_policy(), timeout=REQUEST_TIMEOUT
        )

    def delete(self, name: TableName) -> None:
        """Removes a table, if it exists.

        Args:
            name: Its name.
        """
        self._client.delete_table(
            name.path, not_found_ok=True, retry=retry_policy(), timeout=REQUEST_TIMEOUT
        )

    def run(self, sql: str, *parameters: Parameter) -> Any:
        """Runs a statement or script, with retries of transient errors and conflicts.

        Args:
            sql: The text.
            parameters: Its query parameters.

        Returns:
            The rows of its result.
        """
        config = bigquery.QueryJobConfig(query_parameters=parameters)
        retry = retry_policy()
        job = self._client.query(sql, config, retry=retry, job_retry=retry)
        return job.result(page_size=PAGE_ROWS, retry=retry, job_retry=retry)

    def batches(self, sql: str, *parameters: Parameter) -> Iterator[pa.RecordBatch]:
        """Runs a query and streams its rows: from the service as Arrow, from an emulator as JSON.

        Args:
            sql: The query.
            parameters: Its query parameters.
        """
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
        """Uploads and loads a file, exactly once even if the connection breaks.

        Args:
            file: The file.
            destination: ``project.dataset.table``, with a partition decorator if there is one.
            config: The configuration of the load.
            job_id: A unique id for the job.
            location: The location of the table's dataset.

        Returns:
            The finished job.
        """

        def upload() -> LoadJob:
            try:
                return self._client.load_table_from_file(
                    file,
                    destination,
                    rewind=True,
                    job_id=job_id,
                    location=location,
                    job_config=config,
                    timeout=CHUNK_TIMEOUT,
                )
            except Conflict:
                # An earlier attempt had succeeded, but its response was lost.
                known = self._client.get_job(job_id, location=location, retry=retry_policy())
                return cast(LoadJob, known)

        job: LoadJob = retry_policy()(upload)()
        job.result(retry=retry_policy())
        return job

    def job(self, job_id: str, location: str | None) -> Any | None:
        """Looks up a job.

        Args:
            job_id: Its id.
            location: Its location.

        Returns:
            The job; None where it was never created.
        """
        try:
            return self._client.get_job(job_id, location=location, retry=retry_policy())
        except NotFound:
            return None


def _with_quotes(field: bigquery.SchemaField, name: str) -> bigquery.SchemaField:
    """The field, with all names within it in double quotes.

    The emulator inserts them into SQL of DuckDB, in which ``at``, for example, is reserved.
    """
    if not field.fields:
        return bigquery.SchemaField.from_api_repr(field.to_api_repr() | {"name": name})
    inner = [_with_quotes(f, f'"{f.name}"').to_api_repr() for f in field.fields]
    quoted = field.to_api_repr() | {"name": name, "fields": inner}
    return bigquery.SchemaField.from_api_repr(quoted)
