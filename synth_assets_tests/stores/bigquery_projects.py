"""Removes the datasets of tests from a BigQuery project."""

from __future__ import annotations

import os

from synth_assets.stores.bigquery.names import split_location
from synth_assets.stores.bigquery.service import EMULATOR, client_of


def remove_datasets(location: str) -> None:
    """Removes every dataset with the location's prefix; an emulator loses its data anyway."""
    if os.environ.get(EMULATOR):
        return
    project, prefix = split_location(location)
    assert prefix, "without a prefix this would remove everything"
    with client_of(project) as client:
        for dataset in client.list_datasets():
            if dataset.dataset_id.startswith(prefix):
                client.delete_dataset(dataset, delete_contents=True, not_found_ok=True)
