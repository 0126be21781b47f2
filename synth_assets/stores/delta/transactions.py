"""Opens, creates and changes a Delta table.

A commit succeeds only if no other was made since the table was opened; otherwise it is repeated.
deltalake itself accepts a commit that overlaps with another one if it detects no conflict, and it
detects none between replacing a partition and optimizing it. This requires an object store with
put-if-absent, which deltalake uses.
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
from synth_assets.stores.delta.provenance import read_provenance
from synth_assets.stores.store import ChangedColumnsError, refuse_other_columns

# A commit takes about 10 ms on a disk; this many attempts suffice for dozens of writers.
ATTEMPTS, FIRST_WAIT, LONGEST_WAIT = 40, 0.02, 1.0
# The checkpoint interval bounds how many commits a reader must read. The other properties ask
# writers that support them (Databricks) to write files of a good size.
CONFIGURATION: dict[str, str | None] = {
    "delta.checkpointInterval": "20",
    "delta.autoOptimize.optimizeWrite": "true",
    "delta.autoOptimize.autoCompact": "true",
}


def open_table(folder: Folder, version: int | None = None) -> DeltaTable | None:
    """Opens a Delta table.

    Args:
        folder: The table's folder.
        version: The version to open; None for the newest.

    Returns:
        The Delta table; None where the folder is empty or does not exist.

    Raises:
        UserError: The folder holds other files, which a vacuum would remove.
    """
    try:
        return DeltaTable(folder.url, version=version, storage_options=folder.options)
    except TableNotFoundError:
        if not any(name != LOG for name in folder.entries()):
            return None
    # Another writer may have created the table since the first attempt.
    if DeltaTable.is_deltatable(folder.url, folder.options):
        return open_table(folder, version)
    raise UserError(
        f"{folder.path} holds files but is no Delta table: choose another place, or move them away"
    )


def ensure_table(delta: DeltaTable | None, folder: Folder, table: Table) -> DeltaTable:
    """Creates a Delta table if needed, and checks its columns.

    A table without partitions is replaced by a new one when its columns differ.

    Args:
        delta: The Delta table; None where there is none.
        folder: The table's folder.
        table: The table.

    Returns:
        A Delta table with the columns of the table.

    Raises:
        ChangedColumnsError: Partitions are stored with other columns.
    """
    delta = delta or _create(folder, table)
    try:
        refuse_other_columns(table, columns_in(delta, table))
    except ChangedColumnsError:
        if read_provenance(folder, delta.version()) or delta.file_uris():
            raise
        return _create(folder, table, overwrite=True)
    return delta


def _create(folder: Folder, table: Table, *, overwrite: bool = False) -> DeltaTable:
    try:
        return DeltaTable.create(
            folder.url,
            delta_schema(table),
            mode="overwrite" if overwrite else "error",
            partition_by=[table.partitioning.partition_column],
            name=table.path,
            description=table.doc,
            configuration=CONFIGURATION,
            storage_options=folder.options,
            commit_properties=CommitProperties(max_commit_retries=0),
        )
    except DeltaError:
        # Another writer may have created it first.
        created = open_table(folder)
        if created is None:
            raise
        return created


def commit(
    open_latest: Callable[[], DeltaTable],
    keys: Sequence[str],
    files: Sequence[AddAction],
    transactions: Callable[[int], list[Transaction]],
) -> int:
    """Replaces all files of some partitions in one commit, after others if they are faster.

    Args:
        open_latest: Opens the table at its newest version; called before each attempt.
        keys: The partitions to replace.
        files: The actions that add their new files; none to drop the partitions.
        transactions: Makes the provenance actions, given the version that the commit creates.

    Returns:
        The version that the commit created.

    Raises:
        UserError: Other writers committed first at each attempt.
    """
    for wait in _waits():
        delta = open_latest()
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
    """Seconds to wait after each attempt: growing, and with jitter."""
    for attempt in range(ATTEMPTS):
        yield random.uniform(0.5, 1) * min(FIRST_WAIT * 2**attempt, LONGEST_WAIT)
