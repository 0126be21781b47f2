"""A run's progress in the terminal, by the events that Dagster records."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from synth_assets.cli.console import err


class RunProgress:
    """Follows a run's events: one tick a step, with the slices and verdicts of the step."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self.progress, self.task = progress, task
        self.slices = self.results = 0

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
            self.results += 1
        elif event.event_type in (kind.STEP_SUCCESS, kind.STEP_FAILURE, kind.STEP_SKIPPED):
            self.progress.advance(self.task)
        counts = f"{self.slices:,} slices, {self.results:,} verdicts"
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
