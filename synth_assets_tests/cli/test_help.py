"""Help, version, verbosity and examples: what every command has."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from synth_assets.cli.app import COMMANDS, app, load
from synth_assets.cli.console import Verbosity
from synth_assets.cli.examples import EXAMPLES
from synth_assets_tests.cli.conftest import Synth
from synth_assets_tests.shell import Shell


def _commands() -> Iterator[tuple[str, Any]]:
    for name in COMMANDS:
        command = load(name)
        yield name, command
        for inner, subcommand in getattr(command, "commands", {}).items():
            yield f"{name} {inner}", subcommand


ALL = dict(_commands())


@pytest.mark.parametrize("flag", ["--version", "-V"])
def test_the_version_is_that_of_the_package(synth: Synth, flag: str) -> None:
    done = synth(flag)
    assert (done.code, done.out) == (0, f"synth {version('synth-assets')}\n")


@pytest.mark.parametrize("words", ALL)
def test_every_help_has_examples_quiet_and_verbose(words: str) -> None:
    shown = CliRunner().invoke(app, [*words.split(), "-h"], env={"COLUMNS": "150"})
    assert shown.exit_code == 0
    for text in (*EXAMPLES[words], "Examples:", "--quiet", "--verbose", "-q", "-v"):
        assert text in shown.output


@pytest.mark.parametrize(("words", "command"), ALL.items(), ids=ALL)
def test_examples_are_what_the_command_accepts(
    words: str, command: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for line in EXAMPLES[words]:
        program, *given = shlex.split(line)
        assert program == "synth"
        assert given[: len(words.split())] == words.split()
        for file in (word for word in given if re.fullmatch(r"\w+\.(sql|csv|parquet)", word)):
            (tmp_path / file).write_text("")
        command.make_context(words, given[len(words.split()) :], resilient_parsing=False)


@pytest.mark.parametrize("words", [("-q", "list", "jaffle"), ("list", "jaffle", "--quiet")])
def test_a_quiet_command_prints_results_without_remarks(
    shell: Shell, words: tuple[str, ...]
) -> None:
    loud, quiet = (shell(*w, SYNTH_LAK="x") for w in (("list", "jaffle"), words))
    assert "SYNTH_LAK changes nothing" in loud.stderr
    assert quiet.stdout == loud.stdout
    if words[0] == "-q":
        assert quiet.stderr == ""


def test_verbosity_of_one_command_is_not_that_of_the_next(synth: Synth) -> None:
    synth("list", "nowhere", "-v", "-q")
    assert (Verbosity.quiet, Verbosity.verbose) == (True, True)
    assert "Traceback" not in synth("list", "nowhere").err
    assert (Verbosity.quiet, Verbosity.verbose) == (False, False)


def test_wrong_input_has_no_traceback(synth: Synth) -> None:
    done = synth("-v", "list", "nowhere")
    assert done.code == 2
    assert done.err.startswith("error: unknown selection 'nowhere'")
    assert "Traceback" not in done.err


def test_a_verbose_error_shows_where_the_code_of_a_domain_fails(
    synth: Synth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "failing").mkdir()
    (tmp_path / "failing" / "domain.py").write_text("def domain():\n    return {}['x']\n")
    monkeypatch.setenv("SYNTH_DOMAINS", str(tmp_path / "failing"))
    assert "Traceback" not in synth("list").err
    done = synth("-v", "list")
    assert done.code == 2
    assert "return {}['x']" in done.err
    assert "Traceback" in done.err
