"""What commands print with: results to standard output, progress and errors to standard error."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import dagster as dg
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    track,
)

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


class RunProgress:
    """Follows a run's events: one tick a step, with the slices and verdicts of the step."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self.progress, self.task = progress, task
        self.slices = self.verdicts = 0

    def __call__(self, event: dg.DagsterEvent) -> None:
        kind = dg.DagsterEventType
        if event.event_type == kind.STEP_START:
            name = (event.step_key or "").replace("__gate", " gate").replace("__", "/")
            self.progress.update(self.task, description=escape(name))
            if not err.is_terminal:
                err.print(f"  {name}", highlight=False)
        elif event.event_type == kind.ASSET_MATERIALIZATION:
            self.slices += 1
        elif event.event_type == kind.ASSET_CHECK_EVALUATION:
            self.verdicts += 1
        elif event.event_type in (kind.STEP_SUCCESS, kind.STEP_FAILURE, kind.STEP_SKIPPED):
            self.progress.advance(self.task)
        counts = f"{self.slices:,} slices, {self.verdicts:,} verdicts"
        self.progress.update(self.task, counts=counts)


@contextmanager
def run_progress(title: str, steps: int) -> Iterator[RunProgress]:
    """A progress bar over the steps of a run; plain lines where there is no terminal."""
    columns = (
        SpinnerColumn(),
        TextColumn("[bold]{task.fields[title]}[/]"),
        BarColumn(bar_width=24),
        TextColumn("{task.completed:.0f}/{task.total:.0f}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[counts]}"),
        TextColumn("[dim]{task.description}[/]"),
    )
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("starting", total=steps, title=title, counts="")
        yield RunProgress(progress, task)
