"""Variables without effect are named, with the variable that may be intended."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from synth_assets.orchestration.environment import ignored_by, known_variables, without_effect
from synth_assets.orchestration.shipped import DBT_PROJECT, PROJECT


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("SYNTH_JAFFLE_TRAINING_CUSTOMER", "SYNTH_JAFFLE_TRAINING_CUSTOMERS"),
        ("SYNTH_STROE", "SYNTH_STORE"),
        ("SYNTH_DBT_HOTS", "SYNTH_DBT_HOST"),
        ("SYNTH_WHOLLY_OTHERWISE", None),
        # An option of a command, which no run of assets reads.
        ("SYNTH_IDENTITY_GRAPH_CATALOG_NAME", None),
    ],
)
def test_a_mistyped_variable_is_named(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, meant: str | None
) -> None:
    monkeypatch.setenv(name, "5")
    [message] = without_effect()
    assert message.startswith(f"{name} changes nothing: there is no such variable")
    assert (f"did you mean {meant}?" in message) == (meant is not None)


def test_a_command_of_options_alone_names_what_it_does_not_read(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTH_SEED", "7")
    monkeypatch.setenv("SYNTH_IDENTITY_GRAPH_SHARDS", "2")
    named = [
        message.split()[0] for message in ignored_by("`synth identity-graph`", "identity_graph")
    ]
    assert named == ["SYNTH_IDENTITY_GRAPH_SHARDS", "SYNTH_SEED"]


def test_profiles_of_a_user_may_read_more(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "profiles.yml").write_text("synth: {host: \"{{ env_var('SYNTH_MY_HOST') }}\"}")
    monkeypatch.setenv("SYNTH_DBT_PROFILES_DIR", str(tmp_path))
    monkeypatch.setenv("SYNTH_MY_HOST", "x")
    assert without_effect() == []


def test_every_variable_that_is_read_is_known(home: Path) -> None:
    files = [*(PROJECT / "synth_assets").rglob("*.py"), *DBT_PROJECT.glob("*.yml")]
    files += [
        f for folder in ("macros", "models", "tests") for f in (DBT_PROJECT / folder).rglob("*.*")
    ]
    text = "\n".join(file.read_text() for file in files)
    assert set(re.findall(r"\bSYNTH_\w*[A-Z]\b", text)) - known_variables() == set()
