"""``synth identity-resolution``: the sources, their truth and a resolver's configuration as files.

It writes the missing files of the output folder, one table after another, then measures the
files and evaluates their checks.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Annotated

import pyarrow.parquet as pq
import typer
from pydantic import ValidationError
from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table as Grid

from synth_assets.cli.console import err, out, path_markup, warn
from synth_assets.cli.exits import GATE_FAILED, INTERRUPTED
from synth_assets.cli.options import Yes
from synth_assets.cli.paths import LocalPath
from synth_assets.cli.plan import ask_before, planned
from synth_assets.cli.selection import domain_named
from synth_assets.core.atomic_files import write_text
from synth_assets.core.model import Table
from synth_assets.domains.identity_resolution.model import open_model
from synth_assets.domains.identity_resolution.publishing import files, metadata
from synth_assets.domains.identity_resolution.publishing.output import (
    METADATA,
    PARQUET,
    REPORT,
    Finished,
    Output,
    open_output,
)
from synth_assets.domains.identity_resolution.publishing.report import Report, measure
from synth_assets.domains.identity_resolution.scenario import DOMAIN, IdentityScenario
from synth_assets.orchestration.environment import ignored_by
from synth_assets.orchestration.interruption import stop_if_interrupted

MAX_WORKERS, MEGABYTE = 64, 1e6
VERDICTS = {True: "[green]passed[/]", False: "[bold red]failed[/]", None: "[yellow]unknown[/]"}


def identity_resolution(
    scale: Annotated[
        str, typer.Option(help="Records of the seven sources together: 10K to 1B.")
    ] = "50M",
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.")] = 42,
    workers: Annotated[
        int | None,
        typer.Option(min=1, max=MAX_WORKERS, help="Threads; as many as there are cores."),
    ] = None,
    output_dir: Annotated[
        Path,
        typer.Option(
            help="A new or an empty folder.",
            parser=LocalPath("--output-dir", folder=True, written=True),
        ),
    ] = Path("output"),
    truth: Annotated[
        bool, typer.Option(help="Also write who is who, and what was changed.")
    ] = True,
    yes: Yes = False,
) -> None:
    """Write seven sources of customer records as Parquet files, to test identity resolution.

    By default 50 million records with their truth, in the folder output.
    """
    scenario = IdentityScenario.of({"scale": scale, "seed": seed})
    for text in ignored_by("`synth identity-resolution`", DOMAIN):
        warn(text)
    domain = replace(domain_named(DOMAIN), scenario=scenario, tables=files.tables(truth=truth))
    keys = domain.tables[0].partitioning.keys()
    ask_before(
        lambda: [planned(domain, domain.tables, keys, {}, dbt=False)],
        "a smaller --scale makes less",
        yes=yes,
    )
    threads = workers or min(os.cpu_count() or 1, 8)
    try:
        report = publish(scenario, output_dir, threads, truth=truth)
    except KeyboardInterrupt:
        err.print("interrupted: finished tables are kept; the same command goes on from there")
        raise typer.Exit(INTERRUPTED) from None
    raise typer.Exit(0 if report.passed else GATE_FAILED)


def publish(scenario: IdentityScenario, root: Path, workers: int, *, truth: bool) -> Report:
    """Writes the missing files of an output folder and prints a summary.

    Args:
        scenario: The scenario of the data.
        root: The output folder.
        workers: Number of threads.
        truth: Whether to also write the tables of the truth.

    Returns:
        The report on the files in the folder.
    """
    tables = files.tables(truth=truth)
    needed = {table.name: files.size(table, scenario) for table in tables}
    with open_output(root, files.request(scenario, truth=truth), needed) as output:
        _write_tables(tables, scenario, output, workers)
        _write_metadata(output, scenario)
        report = _report(output, scenario, workers)
    out.print(_summary(output, tables))
    for check in report.checks:
        measured = f": {check.measured}" if check.passed is False else ""
        out.print(f"{VERDICTS[check.passed]} {check.name}{escape(measured)}", soft_wrap=True)
    out.print(f"Data:   {path_markup(root / PARQUET)}", highlight=False, soft_wrap=True)
    out.print(f"Report: {path_markup(root / REPORT)}", highlight=False, soft_wrap=True)
    return report


def _write_tables(
    tables: list[Table], scenario: IdentityScenario, output: Output, workers: int
) -> None:
    missing = [table for table in tables if not output.finished(table.name)]
    if missing:
        open_model(scenario)
    for table in missing:
        stop_if_interrupted()
        finished = _write_table(table, scenario, output.parquet(table.name), workers)
        output.finish(table.name, finished)
        rate = finished.rows / finished.seconds
        err.print(
            f"  {table.name}: {finished.rows:,} rows in {finished.seconds:.1f} s, "
            f"{rate:,.0f} rows/s",
            highlight=False,
        )


def _write_table(table: Table, scenario: IdentityScenario, path: Path, workers: int) -> Finished:
    columns = (
        TextColumn(f"  {table.name}"),
        BarColumn(bar_width=24),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    started = time.perf_counter()
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        total = files.whole(table, scenario).stop
        task = progress.add_task(table.name, total=total, rate="")

        def write(interrupted: Event) -> None:
            def advance(rows: int) -> None:
                progress.advance(task, rows)
                rate = progress.tasks[task].completed / (time.perf_counter() - started)
                progress.update(task, rate=f"{rate:,.0f} rows/s")
                if interrupted.is_set():
                    raise KeyboardInterrupt

            files.write(table, scenario, path, workers, advance)

        run_in_thread(write)
    return Finished(
        rows=pq.read_metadata(path).num_rows,
        bytes=path.stat().st_size,
        seconds=time.perf_counter() - started,
        peak_bytes=files.peak_bytes(),
    )


def run_in_thread(task: Callable[[Event], None]) -> None:
    """Runs a task in a thread, so that Ctrl-C does not interrupt the code of the writer.

    Python raises ``KeyboardInterrupt`` in the main thread only.

    Args:
        task: Called with an event that is set when the process is interrupted.

    Raises:
        KeyboardInterrupt: The process was interrupted; the task has ended.
    """
    interrupted = Event()
    with ThreadPoolExecutor(1) as pool:
        try:
            pool.submit(task, interrupted).result()
        except KeyboardInterrupt:
            interrupted.set()
            raise


def _write_metadata(output: Output, scenario: IdentityScenario) -> None:
    for name, dialect in metadata.DIALECTS.items():
        folder = output.root / METADATA
        folder = folder if dialect is metadata.DUCKDB else folder / name
        for file, text in metadata.scripts(dialect, scenario.max_group_size).items():
            write_text(folder / file, text)


def _report(output: Output, scenario: IdentityScenario, workers: int) -> Report:
    """The stored report if it has passed, else a new one of the files in the folder."""
    path = output.root / REPORT
    with suppress(FileNotFoundError, ValidationError):
        known = Report.model_validate_json(path.read_bytes())
        if known.passed:
            return known
    err.print("  measuring what was written", highlight=False)
    report = measure(output, scenario, workers)
    write_text(path, report.model_dump_json(indent=1))
    return report


def _summary(output: Output, tables: list[Table]) -> Grid:
    grid = Grid()
    grid.add_column("table", no_wrap=True)
    for name in ("rows", "MB", "seconds", "rows/s"):
        grid.add_column(name, justify="right")
    finished = [output.manifest.tables[table.name] for table in tables]
    for table, stats in zip(tables, finished, strict=True):
        grid.add_row(table.name, *_cells(stats.rows, stats.bytes, stats.seconds))
    grid.add_section()
    rows, size = sum(stats.rows for stats in finished), sum(stats.bytes for stats in finished)
    grid.add_row("together", *_cells(rows, size, sum(stats.seconds for stats in finished)))
    return grid


def _cells(rows: int, size: int, seconds: float) -> tuple[str, ...]:
    return f"{rows:,}", f"{size / MEGABYTE:,.1f}", f"{seconds:.1f}", f"{rows / seconds:,.0f}"
