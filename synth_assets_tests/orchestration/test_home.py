"""The instance's folder: what is written in it, what is refused, and what is damaged in it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest
import yaml

from synth_assets.core import atomic_files
from synth_assets.core.errors import UserError
from synth_assets.orchestration import home as home_module
from synth_assets.orchestration.home import open_instance, prepare_home
from synth_assets.orchestration.instance_databases import DATABASES
from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.shipped import DAGSTER_YAML

NOISE = bytes(range(128, 256)) * 40


@pytest.fixture
def own(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The ``dagster.yaml`` of a folder that the user named; it does not exist."""
    folder = tmp_path / "own"
    folder.mkdir()
    monkeypatch.setenv("DAGSTER_HOME", str(folder))
    return folder / DAGSTER_YAML.name


@pytest.mark.parametrize("part", [0, 1, 500, -1])
def test_a_file_that_was_cut_is_made_anew(own: Path, part: int) -> None:
    content = DAGSTER_YAML.read_bytes()
    own.write_bytes(content[:part])
    prepare_home(Settings.from_environment())
    assert own.read_bytes() == content


def test_a_user_s_file_is_kept(own: Path) -> None:
    own.write_text("telemetry: { enabled: false }\n")
    with open_instance(Settings.from_environment()):
        assert own.read_text() == "telemetry: { enabled: false }\n"


def test_a_full_disk_leaves_no_file(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(atomic_files.os, "fsync", full)
    with pytest.raises(UserError, match="No space left on device"):
        prepare_home(Settings.from_environment())
    assert [f.name for f in own.parent.iterdir() if not f.name.endswith(".lock")] == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (NOISE, "is damaged: it is no text in UTF-8"),
        (b"run_launcher: {", "is no YAML"),
        (b"runs: 3\n", 'is no configuration of Dagster: .*"runs"'),
    ],
)
def test_a_user_s_damaged_file_is_named(own: Path, content: bytes, message: str) -> None:
    own.write_bytes(content)
    with pytest.raises(UserError, match=message) as found:
        open_instance(Settings.from_environment())
    assert str(found.value).startswith(str(own))
    assert "\n" not in str(found.value)


def test_noise_in_the_home_s_own_file_is_replaced(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare_home(settings)
    monkeypatch.delenv("DAGSTER_HOME")  # as in the next command
    file = settings.dagster_home / DAGSTER_YAML.name
    file.write_bytes(NOISE)
    with open_instance(settings):
        assert yaml.safe_load(file.read_text()) == yaml.safe_load(DAGSTER_YAML.read_text())


@pytest.mark.parametrize("name", DATABASES)
def test_a_damaged_database_is_named(settings: Settings, name: str) -> None:
    with open_instance(settings):
        pass
    for suffix in ("-wal", "-shm"):
        Path(f"{settings.dagster_home / name}{suffix}").unlink(missing_ok=True)
    (settings.dagster_home / name).write_bytes(NOISE)
    with pytest.raises(UserError, match=r"is damaged .*: remove it") as found:
        open_instance(settings)
    assert str(found.value).startswith(str(settings.dagster_home / name))
    (settings.dagster_home / name).unlink()
    with open_instance(settings) as instance:
        assert instance.get_runs() == []


def test_a_database_that_cannot_be_written_is_a_line(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    def read_only(_: Path) -> dg.DagsterInstance:
        file = settings.dagster_home / "event_log.db"
        file.touch()
        with (
            closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection,
            pytest.raises(sqlite3.OperationalError) as found,
        ):
            connection.execute("create table a (b)")
        raise OperationalError("create table a (b)", (), found.value)

    monkeypatch.setattr(home_module, "_opened", read_only)
    with pytest.raises(UserError, match=r"as DAGSTER_HOME: attempt to write a readonly database$"):
        open_instance(settings)


@pytest.mark.parametrize("name", ["what?", "all*", "[x]"])
def test_a_path_that_is_read_as_a_pattern_is_refused(
    name: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("DAGSTER_HOME", "SYNTH_LAKE", "SYNTH_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / name))
        with pytest.raises(UserError, match=f"{variable} = .*: may not have"):
            prepare_home(Settings.from_environment())
        monkeypatch.delenv(variable)
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("name", ["a#b", "50%20off", 'it\'s "mine" & yours'])
def test_other_characters_are_fine(
    name: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTH_HOME", str(tmp_path / name))
    settings = Settings.from_environment()
    with open_instance(settings):
        assert all((settings.dagster_home / file).is_file() for file in DATABASES)
