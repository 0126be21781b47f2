"""The tables as Parquet files, each written as a stream while its rows are generated.

Memory does not grow with a table, and no byte depends on the number of threads.
"""

from __future__ import annotations

import os
import re
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import polars as pl

from synth_assets.core import sources
from synth_assets.core.atomic_files import atomic_path
from synth_assets.core.batches import MOST_ROWS, batched
from synth_assets.core.model import Table
from synth_assets.core.partitioning import Partition
from synth_assets.core.schema import polars_schema
from synth_assets.domains.identity_resolution.domain import MODULES
from synth_assets.domains.identity_resolution.publishing.output import Request
from synth_assets.domains.identity_resolution.scenario import IdentityScenario
from synth_assets.domains.identity_resolution.tables import identity_edits as edits
from synth_assets.domains.identity_resolution.tables import identity_truth as truth

# DuckDB reads row groups of 122,880 rows a thread; two of them keep dictionaries useful.
ROW_GROUP_ROWS, COMPRESSION_LEVEL = 245_760, 1
TRUTH = (truth.NAME, edits.NAME)
# Bytes per row, measured on the files of 50 million records and rounded up; smaller files have
# slightly fewer.
BYTES_A_ROW = {
    "products": 20,
    "loyalty_members": 44,
    "crm_customers": 56,
    "ecom_transactions": 42,
    "mobile_app_users": 118,
    "pos_transactions": 22,
    "survey_responses": 34,
    "product_reviews": 48,
    "identity_truth": 8,
    # Per record of the sources, of which about one in four is changed.
    "identity_edits": 8,
}
# Libraries whose versions decide values or bytes.
LIBRARIES = ("faker", "holidays", "phonenumbers", "polars", "reverse_geocode")


def tables(*, truth: bool) -> list[Table]:
    """The tables that are published, parents first.

    Args:
        truth: Whether to include the tables of the ground truth.
    """
    every = [module.table(IdentityScenario(shards=1)) for module in MODULES]
    return [table for table in every if truth or table.name not in TRUTH]


def request(scenario: IdentityScenario, *, truth: bool) -> Request:
    """The request that decides the files of a run.

    Args:
        scenario: The scenario.
        truth: Whether the tables of the ground truth are included.
    """
    versions = {table.name: table.code_version for table in tables(truth=truth)}
    versions |= {library: version(library) for library in LIBRARIES}
    return Request(
        scale=scenario.scale,
        seed=scenario.seed,
        truth=truth,
        versions=versions,
        scenario=scenario.fingerprint(),
    )


def whole(table: Table, scenario: IdentityScenario) -> Partition:
    """All rows of a table as one partition.

    Row numbers of ``identity_edits`` are those of all records, changed or not.

    Args:
        table: The table.
        scenario: The scenario.
    """
    return table.partition(scenario, table.partitioning.keys()[0])


def size(table: Table, scenario: IdentityScenario) -> int:
    """Approximate bytes of a table's file.

    Args:
        table: The table.
        scenario: The scenario.
    """
    return whole(table, scenario).stop * BYTES_A_ROW[table.name]


def write(
    table: Table,
    scenario: IdentityScenario,
    path: Path,
    workers: int,
    progress: Callable[[int], None],
) -> None:
    """Writes a table to a file.

    Args:
        table: The table.
        scenario: The scenario.
        path: The file.
        workers: Number of threads.
        progress: Called with the number of rows of each finished batch.
    """

    def generate(batch: Partition) -> pl.LazyFrame:
        return sources.frame(table, scenario, batch)

    most = sources.generated(table).rows_at_once or MOST_ROWS
    schema = polars_schema(table.schema)
    rows = batched(generate, whole(table, scenario), schema, workers, progress, most)
    with atomic_path(path) as unfinished, _system_errors():
        rows.sink_parquet(
            unfinished,
            compression="zstd",
            compression_level=COMPRESSION_LEVEL,
            # Wide rows in smaller groups, which are in memory as a whole.
            row_group_size=min(ROW_GROUP_ROWS, most),
        )


@contextmanager
def _system_errors() -> Iterator[None]:
    """Raises errors of the file system as ``OSError``: Polars has them in a message only."""
    try:
        yield
    except pl.exceptions.ComputeError as error:
        found = re.search(r"\(os error (\d+)\)", str(error))
        if found is None:
            raise
        raise OSError(int(found[1]), os.strerror(int(found[1]))) from None


def peak_bytes() -> int:
    """Peak resident memory of this process in bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        # On Linux rusage includes the peak of the parent process.
        return next(int(w[1]) * 1024 for w in map(str.split, status.open()) if w[0] == "VmHWM:")
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
