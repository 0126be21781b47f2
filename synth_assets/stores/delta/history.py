"""The states that a table was in, and which of them can still be read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import unquote

from synth_assets.stores.delta.folder import Folder
from synth_assets.stores.delta.provenance import actions, commits


class Version(NamedTuple):
    """One state of a table: its number, when it was committed (UTC), by what operation."""

    number: int
    at: datetime
    operation: str


def versions(folder: Folder) -> list[Version]:
    """The versions that can be read, oldest first.

    From the newest back, as long as the log has the commit and no file is gone that the
    version before it still had.
    """
    there = folder.names(recursive=True)
    found: list[Version] = []
    for number, name in sorted(commits(folder).items(), reverse=True):
        done = actions(folder, name)
        found.append(_version(number, done))
        removed = [str(a["remove"]["path"]) for a in done if "remove" in a]
        if not all(unquote(path) in there for path in removed):
            break
    return found[::-1]


def _version(number: int, done: list[dict[str, dict[str, object]]]) -> Version:
    info = next((a["commitInfo"] for a in done if "commitInfo" in a), {})
    at = datetime.fromtimestamp(int(str(info.get("timestamp", 0))) / 1000, UTC)
    return Version(number, at, str(info.get("operation", "unknown")))
