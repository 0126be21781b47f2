"""Printing of commands: results to standard output, progress and errors to standard error.

A reader that is gone, as ``head`` is after its lines, wants no more: the rest is discarded, and the
command ends with the exit code that it has without a reader.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, TypeVar

from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.prompt import Confirm

from synth_assets.orchestration.interruption import stop_if_interrupted

# Width of tables if standard output is a pipe, which has no width.
PIPE_WIDTH = 120

T = TypeVar("T")


def _discard(stream: IO[str]) -> None:
    """Discards what is written to a stream from now on, and what it has not written yet."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


class _Console(Console):
    """Rich's console, which ends the process itself if its reader is gone."""

    def on_broken_pipe(self) -> None:
        _discard(self.file)


# ``s3:x:`` in a text is no picture.
out = _Console(width=None if sys.stdout.isatty() else PIPE_WIDTH, emoji=False)
err = _Console(stderr=True, emoji=False)


class Verbosity:
    """How much is printed to standard error; set by ``--quiet`` and ``--verbose``.

    Attributes:
        quiet: Errors only: no progress, no notes and no warnings.
        verbose: Also the logs of Dagster and dbt, and the traceback of an error in the code of a
            user's domain.
    """

    quiet = False
    verbose = False


def note(text: str) -> None:
    """Prints progress or a remark that is no result, unless the command is quiet.

    Args:
        text: Plain text.
    """
    if not Verbosity.quiet:
        err.print(escape(text), highlight=False, soft_wrap=True)


def write(text: str, stream: IO[str] | None = None) -> None:
    """Writes a text as it is.

    Args:
        text: The text, with its line breaks.
        stream: Where to; standard output without it.
    """
    stream = stream or sys.stdout
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        _discard(stream)


def print_json(document: Any) -> None:
    """Prints a result as JSON.

    Args:
        document: Lists, dicts, texts and numbers; other values are written as text.
    """
    write(json.dumps(document, indent=2, default=str, ensure_ascii=False) + "\n")


def interactive() -> bool:
    """Whether a person can be asked: standard input and standard error are a terminal."""
    return bool(sys.stdin and sys.stdin.isatty() and sys.stderr.isatty())


def confirmed(question: str, *, yes: bool) -> bool:
    """Asks a question on a terminal; elsewhere the answer is yes, so that no job waits.

    Args:
        question: The question.
        yes: Whether ``--yes`` has answered it.
    """
    if yes or not interactive():
        return True
    return Confirm.ask(escape(question), console=err, default=False)


def warn(text: str) -> None:
    """Prints a warning.

    Args:
        text: What is allowed but may not be intended.
    """
    if not Verbosity.quiet:
        err.print(f"[yellow]warning:[/] {escape(text)}", highlight=False, soft_wrap=True)


def counted(number: int, noun: str) -> str:
    """A number of things in words, such as ``1 table`` and ``2,000 tables``.

    Args:
        number: The number.
        noun: The thing, in the singular.
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def display_path(path: Path | str) -> str:
    """A path relative to the working folder if it is inside; other paths and URLs unchanged.

    Args:
        path: An absolute path, or a URL.
    """
    here = Path.cwd()
    if "://" in str(path) or not Path(path).is_relative_to(here):
        return str(path)
    return str(Path(path).relative_to(here))


def path_markup(path: Path | str) -> str:
    """A path as ``display_path`` has it, for ``print``: brackets in it are not markup.

    Args:
        path: An absolute path, or a URL.
    """
    return escape(display_path(path))


def tracked(items: Iterable[T], title: str, total: int | None = None) -> Iterator[T]:
    """Yields items and shows a progress bar on a terminal; stops between items if interrupted.

    Args:
        items: The items.
        title: Title of the bar.
        total: Number of items, if ``items`` has no length.

    Raises:
        KeyboardInterrupt: The process was interrupted.
    """
    quiet = Verbosity.quiet or not err.is_terminal
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
