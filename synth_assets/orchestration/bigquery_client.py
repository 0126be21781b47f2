"""BigQuery clients from Dagster's resource, for the store and for queries."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from dagster_gcp import BigQueryResource
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from synth_assets.core.variables import variable
from synth_assets.stores.bigquery.service import EMULATOR


class EmulatedBigQueryResource(BigQueryResource):
    """Dagster's resource for an emulator, which needs no credentials.

    The client reads the emulator's address from ``BIGQUERY_EMULATOR_HOST`` itself.
    """

    @contextmanager
    def get_client(self) -> Iterator[bigquery.Client]:
        """A client without credentials."""
        anonymous = AnonymousCredentials()  # type: ignore[no-untyped-call]
        client = bigquery.Client(
            project=self.project, location=self.location, credentials=anonymous
        )
        try:
            yield client
        finally:
            client.close()  # type: ignore[no-untyped-call]


def resource_of(project: str) -> BigQueryResource:
    """Dagster's resource for a project, or for the emulator if one is configured.

    New datasets are created and jobs run in the location ``SYNTH_BIGQUERY_LOCATION`` (``EU``,
    ``europe-north1``); in ``US`` if it is not set.

    Args:
        project: The project that pays for the jobs.
    """
    kind = EmulatedBigQueryResource if os.environ.get(EMULATOR) else BigQueryResource
    return kind(project=project, location=variable("SYNTH_BIGQUERY_LOCATION"))


def client_of(project: str) -> AbstractContextManager[bigquery.Client]:
    """A client that is closed at the end of the block, as the BigQuery store expects it.

    Args:
        project: The project that pays for the jobs.
    """
    return resource_of(project).get_client()
