"""The progress of runs in the terminal, from the events that Dagster records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import dagster as dg
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from synth_assets.cli.console import Verbosity, err, note
from synth_assets.core.consistency import OF_GATES, SEPARATOR

ENDED = (
    dg.DagsterEventType.STEP_SUCCESS,
    dg.DagsterEventType.STEP_FAILURE,
    dg.DagsterEventType.STEP_SKIPPED,
)


@dataclass(frozen=True)
class Update:
    """How far a run is.

    Attributes:
        title: Title of the run.
        steps: How many steps it has.
        done: How many of them have ended.
        counts: Partitions and check results so far, as text.
        started: Name of the step that has started now, if one has.
    """

    title: str
    steps: int
    done: int = 0
    counts: str = ""
    started: str | None = None


class RunProgress:
    """A listener to a run's events that counts steps, partitions and check results."""

    def __init__(self, title: str, steps: int, show: Callable[[Update], None]) -> None:
        self.title, self.steps, self.show = title, steps, show
        self.done = self.partitions = self.results = 0

    def __call__(self, event: dg.DagsterEvent) -> None:
        kind = dg.DagsterEventType
        started = None
        if event.event_type == kind.STEP_START:
            started = _readable(event.step_key or "")
        elif event.event_type == kind.ASSET_MATERIALIZATION:
            self.partitions += 1
        elif event.event_type == kind.ASSET_CHECK_EVALUATION:
            self.results += 1
        elif event.event_type in ENDED:
            self.done += 1
        else:
            return
        counts = f"{self.partitions:,} slices, {self.results:,} verdicts"
        self.show(Update(self.title, self.steps, self.done, counts, started))


def _readable(step: str) -> str:
    table = step.removesuffix(OF_GATES)
    return table.replace(SEPARATOR, "/", 1) + (" gate" if table != step else "")


@contextmanager
def progress_of_runs() -> Iterator[Callable[[object, Update], None]]:
    """Shows a progress bar for each run; prints plain lines without a terminal.

    Yields:
        A function that shows how far a run is; it gets any name of the run, and the update.
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
    bars: dict[object, TaskID] = {}
    hidden = Verbosity.quiet or Verbosity.verbose or not err.is_terminal
    with Progress(*columns, console=err, transient=True, disable=hidden) as progress:

        def show(run: object, update: Update) -> None:
            if run not in bars:
                bars[run] = progress.add_task(
                    "starting", total=update.steps, title=update.title, counts=""
                )
            progress.update(bars[run], completed=update.done, counts=update.counts)
            if update.started:
                progress.update(bars[run], description=escape(update.started))
                if not err.is_terminal:
                    note(f"  {update.started}")
            if update.done >= update.steps:
                progress.update(bars[run], visible=False)

        yield show


@contextmanager
def run_progress(title: str, steps: int) -> Iterator[RunProgress]:
    """Shows the progress of one run.

    Args:
        title: Title of the bar.
        steps: Number of steps of the run.
    """
    with progress_of_runs() as show:
        yield RunProgress(title, steps, lambda update: show(title, update))
