"""Opening, making and changing a Delta table.

A commit counts only if nobody committed since the table was looked at; else this looks again.
deltalake would rather let a commit pass that overlaps with another as long as it sees no
conflict, and it sees none between a partition that is replaced and one that is being optimized.
An object store must therefore put a file only where none is, which deltalake asks it to do.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence

from deltalake import CommitProperties, DeltaTable, Transaction
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from deltalake.transaction import AddAction

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.stores.delta.columns import columns_in, delta_schema
from synth_assets.stores.delta.folder import LOG, Folder
from synth_assets.stores.delta.provenance import makers
from synth_assets.stores.store import ChangedColumnsError, refuse_other_columns

# A commit takes some 10 ms on a disk; so many attempts outlast dozens of writers.
ATTEMPTS, FIRST_WAIT, LONGEST_WAIT = 40, 0.02, 1.0
# Every so many versions the log is summed up, which bounds what a reader must read.
# The others ask writers that know how (Databricks) for files of a good size.
CONFIGURATION: dict[str, str | None] = {
    "delta.checkpointInterval": "20",
    "delta.autoOptimize.optimizeWrite": "true",
    "delta.autoOptimize.autoCompact": "true",
}


def opened(folder: Folder, version: int | None = None) -> DeltaTable | None:
    """The Delta table as it is, or was at a version; nothing where the folder is empty.

    ``UserError`` for a folder of other files: a vacuum would take them for leftovers.
    """
    try:
        return DeltaTable(folder.url, version=version, storage_options=folder.options)
    except TableNotFoundError:
        if not any(name != LOG for name in folder.names()):
            return None
    # Another writer may have made the table between the two looks.
    if DeltaTable.is_deltatable(folder.url, folder.options):
        return opened(folder, version)
    raise UserError(
        f"{folder.path} holds files but is no Delta table: choose another place, or move them away"
    )


def ready(delta: DeltaTable | None, folder: Folder, table: Table) -> DeltaTable:
    """The Delta table that was opened, made where there is none, with the table's columns.

    ``ChangedColumnsError`` where partitions are stored with others; without any nothing holds
    on to the columns that there were.
    """
    delta = delta or _create(folder, table)
    try:
        refuse_other_columns(table, columns_in(delta, table))
    except ChangedColumnsError:
        if makers(folder, delta.version()) or delta.file_uris():
            raise
        return _create(folder, table, anew=True)
    return delta


def _create(folder: Folder, table: Table, *, anew: bool = False) -> DeltaTable:
    try:
        return DeltaTable.create(
            folder.url,
            delta_schema(table),
            mode="overwrite" if anew else "error",
            partition_by=[table.partitioning.partition_column],
            name=table.path,
            description=table.doc,
            configuration=CONFIGURATION,
            storage_options=folder.options,
            commit_properties=CommitProperties(max_commit_retries=0),
        )
    except DeltaError:
        # Another writer may have been first.
        made = opened(folder)
        if made is None:
            raise
        return made


def commit(
    look: Callable[[], DeltaTable],
    keys: Sequence[str],
    files: Sequence[AddAction],
    transactions: Callable[[int], list[Transaction]],
) -> int:
    """Puts ``files`` in the place of all files of some partitions; the version this made.

    ``look`` opens the table as it is; ``transactions`` are the actions that go with the commit,
    given the version it makes.
    """
    for wait in _waits():
        delta = look()
        version, partition_column = delta.version() + 1, delta.metadata().partition_columns[0]
        properties = CommitProperties(max_commit_retries=0, app_transactions=transactions(version))
        try:
            delta.create_write_transaction(
                list(files),
                "overwrite",
                delta.schema(),
                [partition_column],
                [(partition_column, "in", list(keys))],
                commit_properties=properties,
            )
        except CommitFailedError:
            time.sleep(wait)
        else:
            return version
    raise UserError(
        f"other writers of {delta.table_uri} were always first: try again when fewer write"
    )


def _waits() -> Iterator[float]:
    """Seconds to wait after each attempt: more and more, and never two writers alike."""
    for attempt in range(ATTEMPTS):
        yield random.uniform(0.5, 1) * min(FIRST_WAIT * 2**attempt, LONGEST_WAIT)
