"""Files that are there whole or not at all: they are renamed when they are complete."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """A hidden file to write to, which is renamed to ``path`` when it is complete.

    The hidden name is always the same: a further run overwrites what a killed one left. Two
    processes that may write the same file at once need a lock.

    Args:
        path: The final name.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.tmp")
    try:
        yield unfinished
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def in_folder_beside(path: Path) -> Iterator[Path]:
    """A file to write to in a hidden folder beside ``path``, which goes at the end of the block.

    For Polars, which may create a file after an interruption, when it would not be removed any
    more. The folder ends in ``.tmp``, and the file in nothing, so that readers do not find it.

    Args:
        path: The final name, which the block gives the file when it is complete.
    """
    with TemporaryDirectory(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent) as folder:
        yield Path(folder) / "unfinished"


def write_text(path: Path, text: str) -> None:
    """Writes a text file atomically.

    Args:
        path: The file.
        text: Its content, stored as UTF-8.
    """
    with atomic_path(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8")
