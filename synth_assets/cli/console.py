"""What commands print with: results to standard output, progress and errors to standard error."""

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

# Tables need room; a pipe has no width of its own.
PIPE_WIDTH = 120

T = TypeVar("T")

out = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)
err = Console(stderr=True)


def warn(text: str) -> None:
    """A line about what is allowed and may still not be meant."""
    err.print(f"[yellow]warning:[/] {escape(text)}", highlight=False, soft_wrap=True)


def place(path: Path | str) -> str:
    """A path as a person would type it here; URLs stay as they are."""
    here = Path.cwd()
    if "://" in str(path) or not Path(path).is_relative_to(here):
        return str(path)
    return str(Path(path).relative_to(here))


def tracked(items: Iterable[T], title: str, total: int | None = None) -> Iterator[T]:
    """The items, with a bar while they are gone through; nothing where there is no terminal.

    Between two of them the command can be interrupted.
    """
    quiet = not err.is_terminal
    for item in track(items, title, total=total, console=err, transient=True, disable=quiet):
        stop_if_interrupted()
        yield item


@contextmanager
def held_errors() -> Iterator[None]:
    """Hold back what libraries write to standard error; it is dropped if the work fails.

    A panic prints itself there before anyone can catch it, and may show rows.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            held.truncate(0)
            raise
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
            held.seek(0)
            os.write(2, held.read())
