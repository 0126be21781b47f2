"""Variables without effect are named, with the variable that may be intended."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from synth_assets.core.variables import FILE
from synth_assets.domains.clean_room.analysis_rules.limits import Limits
from synth_assets.orchestration.environment import ignored_by, known_variables, without_effect
from synth_assets.orchestration.shipped import DBT_PROJECT, PROJECT


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("SYNTH_JAFFLE_TRAINING_CUSTOMER", "SYNTH_JAFFLE_TRAINING_CUSTOMERS"),
        ("SYNTH_STROE", "SYNTH_STORE"),
        ("SYNTH_DBT_HOTS", "SYNTH_DBT_HOST"),
        ("SYNTH_WHOLLY_OTHERWISE", None),
        # Names are upper case.
        ("synth_store", "SYNTH_STORE"),
        ("synth_jaffle_seed", "SYNTH_JAFFLE_SEED"),
    ],
)
def test_a_mistyped_variable_is_named(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, meant: str | None
) -> None:
    monkeypatch.setenv(name, "5")
    [message] = without_effect()
    assert message.startswith(f"{name} changes nothing: there is no such variable")
    assert (f"did you mean {meant}?" in message) == (meant is not None)


def test_an_option_of_a_command_is_named_instead_of_its_variable(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTH_IDENTITY_GRAPH_INCREMENTAL", "true")
    [message] = without_effect()
    assert message.endswith("changes nothing: use `synth identity-graph --append`")


@pytest.mark.parametrize("name", ["SYNTH_CLEAN_ROOM_EMAIL_SALT", "SYNTH_HOME"])
def test_what_the_environment_alone_has_is_named_in_the_settings(home: Path, name: str) -> None:
    home.mkdir(parents=True)
    (home / FILE).write_text(json.dumps({name: "x", "SYNTH_CLEAN_ROOM_QUERY_SECONDS": "9"}))
    [message] = without_effect()
    assert message.startswith(f"{name} of {home / FILE} changes nothing")
    assert Limits.from_environment().seconds == 9


def test_settings_of_a_domain_that_is_not_loaded_are_none_of_those_without_effect(
    home: Path,
) -> None:
    """The home has the domain's data; ``SYNTH_DOMAINS`` does not name it for this command."""
    settings = {"SYNTH_BAKERY_SALES_PER_DAY": "50", "SYNTH_BAKER_SALES_PER_DAY": "50"}
    (home / "gate" / "bakery").mkdir(parents=True)
    (home / FILE).write_text(json.dumps(settings))
    [message] = without_effect()
    assert message.startswith(f"SYNTH_BAKER_SALES_PER_DAY of {home / FILE} changes nothing")


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


def test_settings_of_kafkas_client_are_as_many_as_it_has(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTH_KAFKA_SASL_PASSWORD", "hush-hush")
    monkeypatch.setenv("SYNTH_REPLAY_TOKEN", "hush-hush")
    assert without_effect() == []


def test_every_variable_that_is_read_is_known(home: Path) -> None:
    files = [*(PROJECT / "synth_assets").rglob("*.py"), *DBT_PROJECT.glob("*.yml")]
    files += [
        f for folder in ("macros", "models", "tests") for f in (DBT_PROJECT / folder).rglob("*.*")
    ]
    text = "\n".join(file.read_text() for file in files)
    assert set(re.findall(r"\bSYNTH_\w*[A-Z]\b", text)) - known_variables() == set()
