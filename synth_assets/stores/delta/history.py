"""The versions of a Delta table, and which of them can still be read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import unquote

from synth_assets.core.errors import UserError
from synth_assets.stores.delta.folder import Folder
from synth_assets.stores.delta.log import actions, commits


class Version(NamedTuple):
    """A version of a table.

    Attributes:
        number: Its number.
        at: When it was committed (UTC).
        operation: The operation that committed it, as the log names it.
    """

    number: int
    at: datetime
    operation: str


def versions(folder: Folder) -> list[Version]:
    """The versions that can be read, oldest first.

    They are listed from the newest backwards, until the log lacks a commit, one is no JSON, or a
    data file of the earlier version no longer exists.

    Args:
        folder: The table's folder.
    """
    existing = folder.entries(recursive=True)
    found: list[Version] = []
    for number, name in sorted(commits(existing).items(), reverse=True):
        try:
            committed = actions(folder, name)
        except ValueError:
            break
        found.append(_version(number, committed))
        removed = [str(a["remove"]["path"]) for a in committed if "remove" in a]
        if not all(unquote(path) in existing for path in removed):
            break
    return found[::-1]


def _version(number: int, committed: list[dict[str, dict[str, object]]]) -> Version:
    info = next((a["commitInfo"] for a in committed if "commitInfo" in a), {})
    at = datetime.fromtimestamp(int(str(info.get("timestamp", 0))) / 1000, UTC)
    return Version(number, at, str(info.get("operation", "unknown")))


def refuse_unreadable(folder: Folder, path: str, version: int) -> None:
    """Checks that a version of a table can still be read.

    Args:
        folder: The table's folder.
        path: The table's name for users.
        version: Number of the version.

    Raises:
        UserError: It cannot; the error names the versions that can.
    """
    numbers = [v.number for v in versions(folder)]
    if version not in numbers:
        known = f"there are {numbers[0]} to {numbers[-1]}" if numbers else "there are none"
        raise UserError(f"{path} has no version {version} that can be read: {known}")
