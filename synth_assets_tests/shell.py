"""The ``synth`` command in a home of its own.

A command is a process forked from one that has imported the large libraries, which is most of
what a command's start takes. Polars is not among them: its threads do not survive a fork.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from synth_assets.orchestration.shipped import PROJECT
from synth_assets_tests.environment import OURS, only

SYNTH = str(Path(sys.executable).with_name("synth"))
FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(
    ["dagster", "dagster_dbt", "faker", "google.cloud.bigquery", "phonenumbers", "psycopg", "typer"]
)


class Shell:
    """Runs ``synth`` in a home of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        kept = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}
        self.environment = {**kept, "SYNTH_HOME": str(home), "COLUMNS": "120"}

    def __call__(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        with TemporaryDirectory() as folder:
            streams = [f"{folder}/stdout", f"{folder}/stderr"]
            process = FORKS.Process(
                target=_command, args=(words, self.environment | environment, streams)
            )
            process.start()
            process.join()
            assert process.exitcode is not None
            printed = [Path(stream).read_text() for stream in streams]
        return subprocess.CompletedProcess(words, process.exitcode, *printed)

    def slices(self) -> dict[str, bytes]:
        files = sorted((self.home / "lake").rglob("data.parquet"))
        return {str(f.relative_to(self.home)): f.read_bytes() for f in files}


class InProcess(Shell):
    """Runs ``synth`` in the process of the test, which has imported everything already."""

    def __call__(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        from synth_assets.cli import command

        given = self.environment | environment
        settings = {name: value for name, value in given.items() if name.startswith(OURS)}
        others = {name: value for name, value in given.items() if name not in settings}
        code: object = 0
        with (
            only(**settings),
            chdir(PROJECT),
            patch.object(sys, "argv", ["synth", *words]),
            patch.dict(os.environ, others),
            redirect_stdout(StringIO()) as stdout,
            redirect_stderr(StringIO()) as stderr,
        ):
            try:
                command()
            except SystemExit as left:
                code = left.code or 0
        assert isinstance(code, int)
        return subprocess.CompletedProcess(words, code, stdout.getvalue(), stderr.getvalue())


def _command(words: tuple[str, ...], environment: dict[str, str], streams: list[str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(PROJECT)
    for number, path in enumerate(streams, start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    sys.argv = ["synth", *words]
    # Imported here, as the command does: what is read of the environment is read now.
    from synth_assets.cli import command

    try:
        command()
    finally:
        # A forked process would leave without these.
        atexit._run_exitfuncs()
