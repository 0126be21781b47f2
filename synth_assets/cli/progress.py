"""A run's progress in the terminal, from the events that Dagster records."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from synth_assets.cli.console import Verbosity, err, note


class RunProgress:
    """A listener to a run's events that counts steps, partitions and check results."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self.progress, self.task = progress, task
        self.partitions = self.results = 0

    def __call__(self, event: dg.DagsterEvent) -> None:
        kind = dg.DagsterEventType
        if event.event_type == kind.STEP_START:
            name = (event.step_key or "").replace("__gate", " gate").replace("__", "/")
            self.progress.update(self.task, description=escape(name))
            if not err.is_terminal:
                note(f"  {name}")
        elif event.event_type == kind.ASSET_MATERIALIZATION:
            self.partitions += 1
        elif event.event_type == kind.ASSET_CHECK_EVALUATION:
            self.results += 1
        elif event.event_type in (kind.STEP_SUCCESS, kind.STEP_FAILURE, kind.STEP_SKIPPED):
            self.progress.advance(self.task)
        counts = f"{self.partitions:,} slices, {self.results:,} verdicts"
        self.progress.update(self.task, counts=counts)


@contextmanager
def run_progress(title: str, steps: int) -> Iterator[RunProgress]:
    """Shows a progress bar for the steps of a run; prints plain lines without a terminal.

    Args:
        title: Title of the bar.
        steps: Number of steps of the run.
    """
    columns = (
        SpinnerColumn(),
        TextColumn("[bold]{task.fields[title]}[/]"),
        BarColumn(bar_width=24),
        TextColumn("{task.completed:.0f}/{task.total:.0f}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[counts]}"),
        TextColumn("[dim]{task.description}[/]"),
    )
    hidden = Verbosity.quiet or Verbosity.verbose or not err.is_terminal
    with Progress(*columns, console=err, transient=True, disable=hidden) as progress:
        task = progress.add_task("starting", total=steps, title=title, counts="")
        yield RunProgress(progress, task)
