"""The warehouse file: one that DuckDB cannot read is named, with what to do about it."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import duckdb
import pytest

from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain
from synth_assets.orchestration import dbt_environment
from synth_assets.orchestration.dbt_environment import prepared
from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.warehouse import model_rows, refuse_damaged

REMOVE = r"cannot open the warehouse .*: .* \(remove it, and the next build"


@pytest.fixture
def file(settings: Settings) -> Path:
    """A sound file with some blocks."""
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("create table a as select range b from range(200_000)")
    return settings.warehouse


def damage(file: Path, how: str) -> None:
    content = file.read_bytes()
    file.write_bytes(
        {"emptied": b"", "noisy": bytes(range(256)) * 99, "cut": content[: len(content) // 3]}[how]
    )


@pytest.mark.parametrize("how", ["emptied", "noisy", "cut"])
def test_a_damaged_file_is_named(
    how: str, file: Path, domain: Domain, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    damage(file, how)
    for preparation in ("refuse_nothing", "prepare_environment"):
        monkeypatch.setattr(dbt_environment, preparation, lambda *_: None)
    with (
        pytest.raises(UserError, match=REMOVE) as found,
        prepared(domain, settings, settings.open_stores()),
    ):
        pass
    assert str(file) in str(found.value)
    assert "\n" not in str(found.value)
    with pytest.raises(UserError, match=REMOVE):
        model_rows(["a"], domain, settings, settings.open_stores())


def test_other_files_are_left_to_duckdb(file: Path, tmp_path: Path) -> None:
    refuse_damaged(file)
    refuse_damaged(tmp_path / "none")
    assert not (tmp_path / "none").exists()
    with duckdb.connect(str(file)):
        refuse_damaged(file)


def _hold(file: str, opened: object, release: object) -> None:
    with duckdb.connect(file):
        opened.set()  # type: ignore[attr-defined]
        release.wait(60)  # type: ignore[attr-defined]


def test_a_file_that_another_process_writes_is_not_damaged(file: Path) -> None:
    context = multiprocessing.get_context("spawn")
    opened, release = context.Event(), context.Event()
    process = context.Process(target=_hold, args=(str(file), opened, release))
    process.start()
    try:
        assert opened.wait(60)
        refuse_damaged(file)
    finally:
        release.set()
        process.join(60)
