"""Who made each partition, kept in the table's log as application transactions.

A commit that replaces a partition has a ``txn`` action whose name holds the partition's key, the
scenario's fingerprint and the code version; its number is the version of the commit, so of
several for a key the last counts. Checkpoints keep these actions, other engines, OPTIMIZE,
VACUUM and the cleanup of logs leave them alone, and a partition without a row has one, too.
deltalake can write and look up such actions but not list them; hence the reading of the log.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

import pyarrow.parquet as pq
from deltalake import Transaction

from synth_assets.stores.delta.folder import LOG, Folder

PREFIX = "synth:"
_COMMIT = re.compile(rf"{LOG}/(\d{{20}})\.json")
_CHECKPOINT = re.compile(rf"{LOG}/(\d{{20}})\.checkpoint\b.*\.parquet")


class Maker(NamedTuple):
    """What made a partition: the table's ``version`` of it, fingerprint, code version."""

    version: int
    fingerprint: str
    code_version: str


def made(key: str, fingerprint: str, code_version: str, version: int) -> Transaction:
    """The action that goes with a partition's rows."""
    return Transaction(PREFIX + json.dumps([key, fingerprint, code_version]), version)


def dropped(key: str, version: int) -> Transaction:
    """The action that goes with the removal of a partition."""
    return Transaction(PREFIX + json.dumps([key]), version)


def makers(folder: Folder, version: int) -> dict[str, Maker]:
    """Who made each partition that the table has at a version, by key."""
    last: dict[str, tuple[int, list[str]]] = {}
    for name, number in _transactions(folder, version):
        if name.startswith(PREFIX):
            key, *maker = json.loads(name.removeprefix(PREFIX))
            last[key] = max(last.get(key, (-1, [])), (number, maker))
    return {key: Maker(number, *maker) for key, (number, maker) in last.items() if maker}


def commits(folder: Folder) -> dict[int, str]:
    """Files of the commits that the log still has, by version."""
    return dict(_numbered(_COMMIT, folder.names(LOG)))


def actions(folder: Folder, name: str) -> list[dict[str, dict[str, object]]]:
    """The actions of one commit."""
    with folder.files.open_input_stream(folder.inner(name)) as file:
        return [json.loads(line) for line in file.read().decode().splitlines() if line.strip()]


def _transactions(folder: Folder, version: int) -> Iterator[tuple[str, int]]:
    names = folder.names(LOG)
    checkpoints = [(v, n) for v, n in _numbered(_CHECKPOINT, names) if v <= version]
    known = max((v for v, _ in checkpoints), default=-1)
    for v, name in checkpoints:
        if v == known:
            yield from _in_checkpoint(folder, name)
    for v, name in _numbered(_COMMIT, names):
        if known < v <= version:
            for action in actions(folder, name):
                if "txn" in action:
                    yield str(action["txn"]["appId"]), int(str(action["txn"]["version"]))


def _in_checkpoint(folder: Folder, name: str) -> Iterator[tuple[str, int]]:
    with folder.files.open_input_file(folder.inner(name)) as file:
        for found in pq.read_table(file, columns=["txn"])["txn"].to_pylist():
            if found is not None and found["appId"] is not None:
                yield found["appId"], found["version"]


def _numbered(pattern: re.Pattern[str], names: dict[str, int]) -> list[tuple[int, str]]:
    found = ((pattern.fullmatch(name), name) for name in names)
    return sorted((int(match[1]), name) for match, name in found if match)
