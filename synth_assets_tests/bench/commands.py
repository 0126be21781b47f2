"""Commands as a user runs them: the demo, a simulated day, a run of the UI, the set-up."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from synth_assets.orchestration.shipped import PROJECT
from synth_assets_tests.bench import processes
from synth_assets_tests.bench.rows import Goal, Row, Scale, not_measured
from synth_assets_tests.bench.ui_run import before_first_step

SYNTH = Path(sys.executable).with_name("synth")
# Weeks of `synth jaffle`, as dbt builds a week's models together: a day's cost is what the longer
# run takes more, a day.
FEW_DAYS, MORE_DAYS = 7, 14


def demo(scale: Scale) -> Iterator[Row]:
    """All five worlds, gates and dbt included."""
    if scale is Scale.quick:
        yield not_measured("make demo after set-up, five worlds", Scale.default)
        return
    used = _synth("demo")
    yield Row(
        "make demo after set-up, five worlds",
        used.cpu_seconds,
        used.wall_seconds,
        used.peak_mib,
        goal=Goal("wall_seconds", 90),
    )


def simulated_day(scale: Scale) -> Iterator[Row]:
    """A simulated day of the command."""
    name = "one more simulated day of synth jaffle"
    if scale is Scale.quick:
        yield not_measured(name, Scale.default)
        return
    few, more = (_synth("jaffle", "--days-back", str(n)) for n in (FEW_DAYS, MORE_DAYS))
    days = MORE_DAYS - FEW_DAYS
    yield Row(
        name,
        (more.cpu_seconds - few.cpu_seconds) / days,
        (more.wall_seconds - few.wall_seconds) / days,
        more.peak_mib,
        goal=Goal("cpu_seconds", 4),
        note=f"{MORE_DAYS} days less {FEW_DAYS}",
    )


def ui_run(scale: Scale) -> Iterator[Row]:
    """A run from the UI, until its first step starts."""
    name = "a run from the UI before its first step"
    if scale is Scale.quick:
        yield not_measured(name, Scale.default)
        return
    with tempfile.TemporaryDirectory() as home:
        cpu, wall = before_first_step(Path(home))
    yield Row(name, cpu, wall, goal=Goal("cpu_seconds", 4))


def set_up(scale: Scale) -> Iterator[Row]:
    """The environment from nothing, with pip's cache as it is."""
    name = "make setup from nothing"
    if scale < Scale.full:
        yield not_measured(name, Scale.full)
        return
    with tempfile.TemporaryDirectory() as folder:
        files = subprocess.run(
            ["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, check=True, text=True
        )
        for file in filter(None, files.stdout.split("\0")):
            target = Path(folder) / file
            target.parent.mkdir(parents=True, exist_ok=True)
            if (PROJECT / file).is_file():
                shutil.copy(PROJECT / file, target)
        used = processes.run(["make", "setup"], cwd=folder)
    yield Row(
        name, used.cpu_seconds, used.wall_seconds, used.peak_mib, goal=Goal("wall_seconds", 60)
    )


def _synth(*arguments: str) -> processes.Usage:
    """A command in a new home, measured with all that it starts."""
    with tempfile.TemporaryDirectory() as home:
        return processes.run([SYNTH, *arguments], extra={"SYNTH_HOME": home}, cwd=PROJECT)


PART = (demo, simulated_day, ui_run, set_up)
