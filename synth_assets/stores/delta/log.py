"""The files of a table's log: its commits, and the checkpoints that repeat what they have.

What the transactions in it mean for partitions is in ``provenance``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from synth_assets.stores.delta.folder import LOG, Folder

_COMMIT = re.compile(rf"{LOG}/(\d{{20}})\.json")
_CHECKPOINT = re.compile(rf"{LOG}/(\d{{20}})\.checkpoint\b.*\.parquet")
# What names of all files of checkpoints contain, that of the newest one's number included.
OF_CHECKPOINTS = "checkpoint"


def commits(names: Iterable[str]) -> dict[int, str]:
    """The commits that the log still has.

    Args:
        names: The names of its files.

    Returns:
        Names of the commit files by version, in order.
    """
    return dict(_numbered(_COMMIT, names))


def checkpoints(names: Iterable[str]) -> list[tuple[int, str]]:
    """The files of checkpoints, in order; a checkpoint may have several.

    Args:
        names: The names of the log's files.

    Returns:
        The version and name of each.
    """
    return _numbered(_CHECKPOINT, names)


def actions(folder: Folder, name: str) -> list[dict[str, dict[str, object]]]:
    """The actions of one commit.

    Args:
        folder: The table's folder.
        name: Name of the commit file.

    Raises:
        ValueError: It is no JSON.
    """
    with folder.files.open_input_stream(folder.inner(name)) as file:
        return [json.loads(line) for line in file.read().decode().splitlines() if line.strip()]


def needs_no_checkpoint(folder: Folder) -> bool:
    """Whether a log has checkpoints that it could do without: all commits are there, and readable.

    Args:
        folder: The table's folder.
    """
    names = folder.entries(LOG)
    if not any(OF_CHECKPOINTS in name for name in names):
        return False
    known = commits(names)
    newest = max([-1, *(version for version, _ in checkpoints(names))])
    if list(known) != list(range(len(known))) or newest >= len(known):
        return False
    try:
        return all(actions(folder, name) for name in known.values())
    except ValueError:
        return False


def _numbered(pattern: re.Pattern[str], names: Iterable[str]) -> list[tuple[int, str]]:
    found = ((pattern.fullmatch(name), name) for name in names)
    return sorted((int(match[1]), name) for match, name in found if match)
