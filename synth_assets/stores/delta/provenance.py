"""The provenance of each partition, kept in the table's log as application transactions.

A commit that replaces a partition has a ``txn`` action. Its name holds the partition's key, the
scenario's fingerprint and the code version; its number is the version of the commit, so that the
latest action of a key counts. Checkpoints keep these actions, and other engines, OPTIMIZE, VACUUM
and log cleanup do not change them. A partition without rows has one, too. deltalake can write and
look up such actions but not list them, so the log is read here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

import pyarrow.parquet as pq
from deltalake import Transaction
from pyarrow import ArrowException

from synth_assets.core.errors import UserError
from synth_assets.core.partition_stats import UNKNOWN
from synth_assets.stores.delta.errors import DAMAGED, remedy_of_log, summary
from synth_assets.stores.delta.folder import LOG, Folder
from synth_assets.stores.delta.log import actions, checkpoints, commits

PREFIX = "synth:"


class Provenance(NamedTuple):
    """What a partition was generated from.

    Attributes:
        version: The version of the table that the partition was committed in.
        fingerprint: The scenario's fingerprint.
        code_version: The generator's code version.
    """

    version: int
    fingerprint: str
    code_version: str


# The provenance of a partition that another writer added.
FOREIGN = Provenance(-1, UNKNOWN, UNKNOWN)


def stored_action(key: str, fingerprint: str, code_version: str, version: int) -> Transaction:
    """The action that is committed with a partition's rows.

    Args:
        key: The partition's key.
        fingerprint: The scenario's fingerprint.
        code_version: The generator's code version.
        version: The version that the commit creates.
    """
    return Transaction(PREFIX + json.dumps([key, fingerprint, code_version]), version)


def dropped_action(key: str, version: int) -> Transaction:
    """The action that is committed with the removal of a partition.

    Args:
        key: The partition's key.
        version: The version that the commit creates.
    """
    return Transaction(PREFIX + json.dumps([key]), version)


def read_provenance(folder: Folder, version: int) -> dict[str, Provenance]:
    """Reads the provenance of every partition of a version.

    Args:
        folder: The table's folder.
        version: The version of the table.

    Returns:
        Provenance by key, of partitions that this store wrote and that are not dropped.
    """
    last: dict[str, tuple[int, list[str]]] = {}
    for name, number in _transactions(folder, version):
        if name.startswith(PREFIX):
            key, *origin = json.loads(name.removeprefix(PREFIX))
            last[key] = max(last.get(key, (-1, [])), (number, origin))
    return {key: Provenance(number, *origin) for key, (number, origin) in last.items() if origin}


def refuse_empty_commits(folder: Folder) -> None:
    """Checks that each commit of the log has contents; deltalake takes one without for no change.

    Args:
        folder: The table's folder.

    Raises:
        UserError: A commit has none: what it stored is lost.
    """
    sizes = folder.entries(LOG)
    for number, name in commits(sizes).items():
        if not sizes[name]:
            raise UserError(f"cannot read {folder.path}: commit {number} is empty{DAMAGED}")


def _transactions(folder: Folder, version: int) -> Iterator[tuple[str, int]]:
    names = folder.entries(LOG)
    earlier = [(v, name) for v, name in checkpoints(names) if v <= version]
    known = max((v for v, _ in earlier), default=-1)
    for v, name in earlier:
        if v == known:
            yield from _in_checkpoint(folder, name)
    for v, name in commits(names).items():
        if known < v <= version:
            for action in actions(folder, name):
                if "txn" in action:
                    yield str(action["txn"]["appId"]), int(str(action["txn"]["version"]))


def _in_checkpoint(folder: Folder, name: str) -> Iterator[tuple[str, int]]:
    with folder.files.open_input_file(folder.inner(name)) as file:
        try:
            rows = pq.read_table(file, columns=["txn"])["txn"].to_pylist()
        except (ArrowException, OSError) as error:
            file.seek(0)
            file.read()  # which fails if it was the disk or the network
            raise UserError(
                f"cannot read {folder.path}: {summary(error)}{remedy_of_log(folder)}"
            ) from None
    for found in rows:
        if found is not None and found["appId"] is not None:
            yield found["appId"], found["version"]
