"""Imports of commands: none imports a slow module that it does not use."""

from __future__ import annotations

import subprocess
import sys

import pytest

from synth_assets.cli.app import COMMANDS, load
from synth_assets.cli.exits import ON_INTERRUPTION

# Modules that are slow to import, by the commands that must not import them.
HEAVY = {
    "--help": ["dagster", "polars", "dbt", "dagster_dbt", "duckdb", "faker", "scipy", "pydantic"],
    "list": ["dagster", "dbt", "dagster_dbt", "scipy.stats", "google.cloud.bigquery"],
    "materialize --help": ["dbt", "dagster_dbt", "scipy.stats", "matplotlib", "sklearn"],
    "gate --help": ["dbt", "dagster_dbt", "scipy.stats", "matplotlib", "sklearn"],
}
PROGRAM = """
import sys
sys.argv = ["synth", *{words!r}.split()]
from synth_assets.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print("IMPORTED", *[name for name in {heavy!r} if name in sys.modules])
"""


@pytest.mark.parametrize(("words", "heavy"), HEAVY.items(), ids=HEAVY)
def test_a_command_imports_what_it_uses(words: str, heavy: list[str]) -> None:
    program = PROGRAM.format(words=words, heavy=heavy)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].split() == ["IMPORTED"]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_their_own_help_says(name: str) -> None:
    from synth_assets.cli.app import app

    listed = {command.name: command for command in app.registered_commands}
    said = load(name).help
    assert said
    assert listed[name].help == said


INTERRUPTED_IMPORT = """
import os, signal, sys

class Interrupting:
    def find_spec(self, name, *rest):
        if name == {module!r}:
            os.kill(os.getpid(), signal.{signal})

sys.meta_path.insert(0, Interrupting())
sys.argv = ["synth", "list"]
from synth_assets.cli import main
main()
"""


@pytest.mark.parametrize("signal", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("module", ["synth_assets.cli.app", "typer.core", "polars", "dataframely"])
def test_an_interruption_during_an_import_is_one_line(module: str, signal: str) -> None:
    program = INTERRUPTED_IMPORT.format(module=module, signal=signal)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 130
    assert done.stderr.splitlines() == [ON_INTERRUPTION]
