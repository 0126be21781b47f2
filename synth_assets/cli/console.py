"""Printing of commands: results to standard output, progress and errors to standard error."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.markup import escape
from rich.progress import track

from synth_assets.orchestration.interruption import stop_if_interrupted

# Width of tables if standard output is a pipe, which has no width.
PIPE_WIDTH = 120

T = TypeVar("T")

out = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)
err = Console(stderr=True)


def warn(text: str) -> None:
    """Prints a warning.

    Args:
        text: What is allowed but may not be intended.
    """
    err.print(f"[yellow]warning:[/] {escape(text)}", highlight=False, soft_wrap=True)


def display_path(path: Path | str) -> str:
    """A path relative to the working folder if it is inside; other paths and URLs unchanged.

    Args:
        path: An absolute path, or a URL.
    """
    here = Path.cwd()
    if "://" in str(path) or not Path(path).is_relative_to(here):
        return str(path)
    return str(Path(path).relative_to(here))


def tracked(items: Iterable[T], title: str, total: int | None = None) -> Iterator[T]:
    """Yields items and shows a progress bar on a terminal; stops between items if interrupted.

    Args:
        items: The items.
        title: Title of the bar.
        total: Number of items, if ``items`` has no length.

    Raises:
        KeyboardInterrupt: The process was interrupted.
    """
    quiet = not err.is_terminal
    for item in track(items, title, total=total, console=err, transient=True, disable=quiet):
        stop_if_interrupted()
        yield item


@contextmanager
def buffered_stderr() -> Iterator[None]:
    """Buffers what libraries write to standard error, and discards it if the block fails.

    A Rust panic prints its message there before it can be caught, and may show rows.
    """
    sys.stderr.flush()
    original = os.dup(2)
    with tempfile.TemporaryFile() as buffer:
        os.dup2(buffer.fileno(), 2)
        try:
            yield
        except BaseException:
            buffer.truncate(0)
            raise
        finally:
            sys.stderr.flush()
            os.dup2(original, 2)
            os.close(original)
            buffer.seek(0)
            os.write(2, buffer.read())
