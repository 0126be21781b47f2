"""The tables as Parquet files, each written as a stream while its rows are made.

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
from synth_assets.core.batches import batched
from synth_assets.core.model import Table
from synth_assets.core.partitioning import Partition, Sharded
from synth_assets.core.schema import polars_schema
from synth_assets.domains.identity_resolution.domain import MODULES
from synth_assets.domains.identity_resolution.publishing.output import Asked, appearing
from synth_assets.domains.identity_resolution.records import SOURCES
from synth_assets.domains.identity_resolution.scenario import IdentityScenario
from synth_assets.domains.identity_resolution.tables import identity_edits as edits
from synth_assets.domains.identity_resolution.tables import identity_truth as truth

# DuckDB reads row groups of 122,880 rows a thread; two of them keep dictionaries useful.
ROW_GROUP_ROWS, COMPRESSION_LEVEL = 245_760, 1
TRUTH = (truth.NAME, edits.NAME)
# Bytes a row, measured on the files of 50 million records and rounded up; those of fewer are
# a little smaller.
BYTES_A_ROW = {
    "products": 20,
    "loyalty_members": 40,
    "crm_customers": 50,
    "ecom_transactions": 42,
    "mobile_app_users": 57,
    "pos_transactions": 22,
    "survey_responses": 28,
    "product_reviews": 29,
    "identity_truth": 8,
    # Of each record: about one in five is changed.
    "identity_edits": 5,
}
# Libraries whose versions decide values or bytes.
LIBRARIES = ("faker", "phonenumbers", "polars")


def tables(*, truth: bool) -> list[Table]:
    """The tables that are published, parents first; ``truth`` adds who is who and the edits."""
    made = [module.table(Sharded(1)) for module in MODULES]
    return [table for table in made if truth or table.name not in TRUTH]


def source_tables() -> list[str]:
    """Names of the seven sources."""
    return [source.table for source in SOURCES.values()]


def asked(scenario: IdentityScenario, *, truth: bool) -> Asked:
    """What a run with these arguments makes."""
    versions = {table.name: table.code_version for table in tables(truth=truth)}
    versions |= {library: version(library) for library in LIBRARIES}
    return Asked(scale=scenario.scale, seed=scenario.seed, truth=truth, versions=versions)


def whole(table: Table, scenario: IdentityScenario) -> Partition:
    """All rows of a table; of the edits, all records that they are about."""
    return table.partition(scenario, table.partitioning.keys()[0])


def size(table: Table, scenario: IdentityScenario) -> int:
    """Bytes that the file of a table will have, about."""
    return whole(table, scenario).stop * BYTES_A_ROW[table.name]


def write(
    table: Table,
    scenario: IdentityScenario,
    path: Path,
    workers: int,
    made: Callable[[int], None],
) -> None:
    """Writes a table to ``path``; tells ``made`` the rows of each batch as it is done."""

    def make(batch: Partition) -> pl.LazyFrame:
        return sources.frame(table, scenario, batch)

    rows = batched(make, whole(table, scenario), polars_schema(table.schema), workers, made)
    with appearing(path) as unfinished, _system_errors():
        rows.sink_parquet(
            unfinished,
            compression="zstd",
            compression_level=COMPRESSION_LEVEL,
            row_group_size=ROW_GROUP_ROWS,
        )


@contextmanager
def _system_errors() -> Iterator[None]:
    """What a file system says, as Python says it: Polars hides it in a text."""
    try:
        yield
    except pl.exceptions.ComputeError as error:
        told = re.search(r"\(os error (\d+)\)", str(error))
        if told is None:
            raise
        raise OSError(int(told[1]), os.strerror(int(told[1]))) from None


def peak_bytes() -> int:
    """The most memory that this process, the only one of a run, was resident in so far."""
    status = Path("/proc/self/status")
    if status.exists():
        # Linux's own rusage would count the process that started this one.
        return next(int(w[1]) * 1024 for w in map(str.split, status.open()) if w[0] == "VmHWM:")
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
