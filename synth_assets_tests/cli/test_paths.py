"""Every path that an option of any command takes: it works, or is refused in one line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from synth_assets.cli import command as synth
from synth_assets.cli.app import COMMANDS, load
from synth_assets.cli.paths import LocalPath
from synth_assets.core.errors import UserError
from synth_assets.orchestration.settings import Settings


def _parameters(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every parameter of every command: the command's words, the command, the parameter."""
    for parameter in command.params:
        yield words, command, parameter
    for name, inner in getattr(command, "commands", {}).items():
        yield from _parameters(inner, (*words, name))


def _annotated(parameter: Any) -> Any:
    found = getattr(parameter, "type_descriptor", None)
    return found and found.annotation


PARAMETERS = [found for name in COMMANDS for found in _parameters(load(name), (name,))]
OF_PATHS = [
    pytest.param(*found, id=" ".join((*found[0], found[2].name)))
    for found in PARAMETERS
    if _annotated(found[2]) is Path
]
# Text options that are not paths; a new text option has to be added here or get a parser.
NO_PATHS = {
    "selection", "partitions", "set", "set_", "until", "target", "record_column", "cluster_column",
    "end_date", "merchant_project_id", "provider_project_id", "host", "scale", "table", "program",
    "since_", "source", "name", "dialect", "schema", "brokers", "topic", "url", "rate", "speed",
    "tables", "partition", "served_as",
}  # fmt: skip
STORES = {"from_", "to"}


def _parser(parameter: Any) -> LocalPath:
    parser = parameter.type_descriptor.parameter_info.parser
    assert isinstance(parser, LocalPath), f"{parameter.name} needs a LocalPath as its parser"
    return parser


def test_no_option_for_a_path_is_forgotten() -> None:
    assert len(OF_PATHS) >= 11
    texts = {p.name for _, _, p in PARAMETERS if _annotated(p) in (str, list[str])}
    assert texts - STORES <= NO_PATHS, "a path is annotated as Path, and has a LocalPath"


@pytest.mark.parametrize(("words", "command", "parameter"), OF_PATHS)
def test_a_path_is_refused_in_one_line_or_works(
    words: tuple[str, ...],
    command: Any,
    parameter: Any,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    parser = _parser(parameter)
    assert parser.option in (*parameter.opts, parameter.name.upper())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    (tmp_path / "me").mkdir()
    file, folder = tmp_path / "a file", tmp_path / "a folder"
    file.write_text("x")
    folder.mkdir()
    kind = "folder" if parser.folder else "file"
    refused = {
        "s3://bucket/x": "must be a path on this machine",
        "gs:/x": "must be a path on this machine",
        "gs://bucket/x": "must be a path on this machine",
        "": "must be a path",
        "~nobody-at-all/x": "no such user",
        str(file if parser.folder else folder): f"must be a {kind}, and is a",
        str(file / "below"): "there is no" if not parser.folder or not parser.written else "cannot",
    }
    if parser.written:
        refused["/proc/none" if parser.folder else "/proc/none.csv"] = "cannot be written to"
    else:
        refused["missing"] = f"there is no such {kind}"
    before = sorted(tmp_path.rglob("*"))
    for value, said in refused.items():
        given = [value] if parameter.opts[0] == parameter.name else [parameter.opts[0], value]
        monkeypatch.setattr("sys.argv", ["synth", *words, *given, *_needed(command, parameter)])
        with pytest.raises(SystemExit) as left:
            synth()
        printed = capsys.readouterr()
        assert left.value.code == 2, printed
        assert printed.out == ""
        assert printed.err.startswith(f"error: {parser.option} {value}" if value else "error: ")
        assert said in printed.err
        assert printed.err.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before
    assert parameter.default is None or parser(parameter.default) == tmp_path / parameter.default

    (tmp_path / "me/here").mkdir() if parser.folder else (tmp_path / "me/here").touch()
    there = folder if parser.folder else file
    for value, path in {
        there.name: there,
        str(there): there,
        "~/here": tmp_path / "me/here",
    }.items():
        assert parser(value) == path


def _needed(command: Any, but: Any) -> list[str]:
    """Values for the other required parameters of a command."""
    words: list[str] = []
    for parameter in command.params:
        if parameter.required and parameter is not but:
            choices = list(getattr(_annotated(parameter), "__members__", {})) or [__file__]
            named = [] if parameter.opts[0] == parameter.name else [parameter.opts[0]]
            words += [*named, choices[0]]
    return words


def test_standard_input_is_no_file() -> None:
    parser = LocalPath("FILE", stdin=True)
    assert parser("-") == Path("-")
    with pytest.raises(UserError, match="there is no such file"):
        replace(parser, stdin=False)("-")


@pytest.mark.parametrize(
    "name", ["SYNTH_HOME", "SYNTH_WAREHOUSE", "DAGSTER_HOME", "SYNTH_DBT_PROFILES_DIR"]
)
@pytest.mark.parametrize(
    ("value", "said"), [("s3://b/x", "s3://b/x: must be"), ("~none/x", "user")]
)
def test_a_variable_for_this_machine_takes_no_url(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(UserError, match=said):
        Settings.from_environment()


def test_a_duckdb_file_is_on_this_machine(settings: Settings) -> None:
    with pytest.raises(UserError, match="s3://b/x: must be a path on this machine"):
        settings.open_store("duckdb", "s3://b/x")


def test_paths_of_stores_are_absolute(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    monkeypatch.setenv("SYNTH_LAKE", "a lake")
    monkeypatch.setenv("SYNTH_DELTA", "s3://bucket/delta")
    settings = Settings.from_environment()
    assert settings.locations["parquet"] == str(tmp_path / "a lake")
    assert settings.locations["delta"] == "s3://bucket/delta"
    for kind in ("parquet", "duckdb", "delta"):
        assert settings.open_store(kind, "~/x y").location == str(tmp_path / "me/x y")


def test_the_ui_keeps_places_that_are_relative(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    relative = {"SYNTH_HOME": "mine", "SYNTH_LAKE": "lake", "SYNTH_DELTA": "s3://b/x"}
    for name, value in relative.items():
        monkeypatch.setenv(name, value)
    seen: dict[str, str] = {}
    monkeypatch.setattr("synth_assets.cli.ui.end_with_this_process", lambda: None)
    monkeypatch.setattr("os.execv", lambda path, arguments: seen.update(os.environ))
    monkeypatch.setattr("sys.argv", ["synth", "ui", "--port", "39471"])
    with pytest.raises(SystemExit):
        synth()
    assert Path.cwd() == tmp_path / "mine"
    assert {name: seen[name] for name in relative} == {
        "SYNTH_HOME": str(tmp_path / "mine"),
        "SYNTH_LAKE": str(tmp_path / "lake"),
        "SYNTH_DELTA": "s3://b/x",
    }
