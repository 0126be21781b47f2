"""BigQuery clients as Dagster makes them, for the store and for anyone who asks Dagster for one."""

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
    """Dagster's resource for an emulator, which wants no credentials and has none to be found.

    The client reads the emulator's address from ``BIGQUERY_EMULATOR_HOST`` itself.
    """

    @contextmanager
    def get_client(self) -> Iterator[bigquery.Client]:
        """A client without credentials."""
        nobody = AnonymousCredentials()  # type: ignore[no-untyped-call]
        client = bigquery.Client(project=self.project, location=self.location, credentials=nobody)
        try:
            yield client
        finally:
            client.close()  # type: ignore[no-untyped-call]


def resource_of(project: str) -> BigQueryResource:
    """Dagster's resource for a project, in the location ``SYNTH_BIGQUERY_LOCATION`` if it is set.

    A location is where new datasets are made and jobs run (``EU``, ``europe-north1``); ``US``
    without one.
    """
    kind = EmulatedBigQueryResource if os.environ.get(EMULATOR) else BigQueryResource
    return kind(project=project, location=variable("SYNTH_BIGQUERY_LOCATION"))


def client_of(project: str) -> AbstractContextManager[bigquery.Client]:
    """A client for a project, as the BigQuery store takes it."""
    return resource_of(project).get_client()
