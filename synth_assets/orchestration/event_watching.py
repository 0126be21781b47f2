"""Looks for new events when the files of a SQLite event log change, for the UI's page of a run.

Dagster watches the database's file only, which a write-ahead log leaves as it is for long.
"""

from __future__ import annotations

from typing import Any

from dagster._core.storage.event_log import ConsolidatedSqliteEventLogStorage
from watchdog.events import FileSystemEvent, PatternMatchingEventHandler
from watchdog.observers import Observer

# The database, and the write-ahead log beside it.
FILES = ("", "-wal")


class _Handler(PatternMatchingEventHandler):
    def __init__(self, storage: ConsolidatedSqliteEventLogStorage) -> None:
        self._storage = storage
        patterns = [f"{storage.get_db_path()}{end}" for end in FILES]  # type: ignore[no-untyped-call]
        super().__init__(patterns=patterns)

    def on_modified(self, event: FileSystemEvent) -> None:
        self._storage.on_modified()  # type: ignore[no-untyped-call]


def watched(storage: ConsolidatedSqliteEventLogStorage, folder: str) -> Any:
    """Has an event log look for new events when its files change.

    Args:
        storage: The event log.
        folder: The folder of its files.

    Returns:
        The observer, which runs until it is stopped.
    """
    observer: Any = Observer()
    observer.start()
    observer.schedule(_Handler(storage), folder)
    return observer
