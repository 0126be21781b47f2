"""``synth demo``: every domain at small scale, made by two processes at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Annotated

import typer

from synth_assets.cli.console import Verbosity, display_path, err, out
from synth_assets.cli.demo_days import demo_domains, demo_keys
from synth_assets.cli.options import Recreate
from synth_assets.cli.progress import RunProgress, Update, progress_of_runs
from synth_assets.cli.running import run
from synth_assets.cli.workers import Send, work_on
from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.shipped import FROM_WHEEL

# More would wait for one another: dbt writes the warehouse in one run at a time.
PROCESSES = 2


def demo(
    days: Annotated[
        int | None, typer.Option(min=1, max=3650, help="Days of daily tables to make.")
    ] = None,
    recreate: Recreate = False,
) -> None:
    """Make every domain at small scale, with all gates and dbt, and say what there is.

    By default the first 60 days of the jaffle shop, the 61 of the journey, and all other tables.
    Daily tables end with the last of them: the end is a setting that the home remembers.
    """
    settings = Settings.from_environment()
    stores = settings.open_stores()
    domains = demo_domains(days, stores)
    settings.make_home()
    code = 0
    # Domains of many partitions take longest, and begin first.
    names = [d.name for d in sorted(domains, key=lambda d: len(demo_keys(d, days)), reverse=True)]
    with progress_of_runs() as show:
        work = partial(_make, days, recreate, (Verbosity.quiet, Verbosity.verbose))
        processes = min(PROCESSES, os.cpu_count() or 1)
        for _, (printed, errors, ended) in work_on(names, work, processes, show):
            out.print(printed, end="", markup=False, highlight=False, soft_wrap=True)
            err.print(errors, end="", markup=False, highlight=False, soft_wrap=True)
            code = max(code, ended)
    out.print()
    every = [stores.of(table) for domain in domains for table in domain.tables]
    for store in {store.kind: store for store in every}.values():
        out.print(f"Data:         [bold]{display_path(store.location)}[/] ({store.kind})")
    if settings.warehouse.exists():
        out.print(
            f"Warehouse:    [bold]{display_path(settings.warehouse)}[/] (DuckDB, dbt's models)"
        )
    out.print(f"Gate report:  [bold]{display_path(settings.gate_folder)}/index.html[/]")
    ui = "synth ui" if FROM_WHEEL else "make ui"
    out.print(f"Dagster UI:   [bold]{ui}[/], then open http://localhost:3000")
    raise typer.Exit(code)


def _make(
    days: int | None, recreate: bool, verbosity: tuple[bool, bool], name: str, send: Send
) -> tuple[str, str, int]:
    """Makes a domain in this process: what it prints, its errors, and its exit code."""
    Verbosity.quiet, Verbosity.verbose = verbosity

    @contextmanager
    def progress(title: str, steps: int) -> Iterator[RunProgress]:
        send(Update(title, steps))
        yield RunProgress(title, steps, send)

    stores = Settings.from_environment().open_stores()
    domain = next(d for d in demo_domains(days, stores) if d.name == name)
    with out.capture() as printed, err.capture() as errors:
        code = run(
            [domain], [(domain, list(domain.tables))], {name: demo_keys(domain, days)}, {name: {}},
            dbt=True, recreate=recreate, progress=progress,
        )  # fmt: skip
    return printed.get(), errors.get(), code
