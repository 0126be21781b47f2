"""Numbers of any size, as options and as variables, are refused in a line or used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from synth_assets.cli.app import COMMANDS, load
from synth_assets.core.scenario import variable_of
from synth_assets.domains import load_domains
from synth_assets.orchestration.deployment import PREFIX, DeploymentVariables
from synth_assets_tests.cli.conftest import Synth
from synth_assets_tests.cli.test_odd_input import harmless  # noqa: F401

ODD = [
    "1" + "0" * 30,
    "1e300",
    "nan",
    "inf",
    "-inf",
    "-1",
    "0",
    "9" * 400,
    "99999999999",
    "5000000",
]
TABLE = "jaffle/raw_orders_training"
# The words that a command needs besides an option.
WORDS = {
    "describe": [TABLE], "materialize": [TABLE, "--dry-run"], "submit": [TABLE, "--no-wait"],
    "replay": [TABLE], "import": ["none.sql"], "service": ["daemon"], "purge": ["--dry-run"],
}  # fmt: skip


def _numeric_options(words: tuple[str, ...], command: Any) -> Iterator[tuple[list[str], str]]:
    for name, inner in getattr(command, "commands", {}).items():
        yield from _numeric_options((*words, name), inner)
    for param in command.params:
        if param.type_descriptor.annotation in (int, float):
            yield [*words, *WORDS.get(words[0], [])], param.opts[0]


@pytest.mark.slow
def test_every_numeric_option_ends_in_an_exit_code(harmless: Synth) -> None:  # noqa: F811
    tried = 0
    # Others would work for minutes, or serve.
    names = [n for n in COMMANDS if n not in ("demo", "identity-resolution", "studio")]
    for words, option in (found for n in names for found in _numeric_options((n,), load(n))):
        for odd in ODD:
            done = harmless(*words, f"{option}={odd}")
            assert done.code in (0, 2, 3), (words, option, odd, done.err)
            assert "Traceback" not in done.err
            tried += 1
    assert tried > 200


@pytest.mark.parametrize(
    ("words", "limit"),
    [
        (["purge", "--older-than", "36501"], "36500"),
        (["maintain", "--retain-hours", "1e300"], "876000"),
        (["maintain", "--retain-hours", "nan"], "less than or equal to"),
        (["replay", TABLE, "--update-rate", "nan"], "less than or equal to"),
    ],
)
def test_a_number_beyond_its_limit_is_refused(synth: Synth, words: list[str], limit: str) -> None:
    done = synth(*words)
    assert done.code == 2
    assert limit in done.err


@pytest.mark.parametrize(
    "name",
    [n for n, f in DeploymentVariables.model_fields.items() if f.annotation in (int, float)],
)
@pytest.mark.parametrize("odd", ODD)
def test_every_numeric_variable_is_refused_or_used(
    synth: Synth, monkeypatch: pytest.MonkeyPatch, name: str, odd: str
) -> None:
    monkeypatch.setenv(f"{PREFIX}{name}".upper(), odd)
    done = synth("purge", "--dry-run")
    assert done.code in (0, 2)
    if done.code:
        assert f"{PREFIX}{name}".upper() in done.err
        assert len(done.err) < 250


@pytest.mark.slow
@pytest.mark.parametrize("domain", [domain.name for domain in load_domains()])
def test_every_numeric_field_of_a_scenario_is_refused_or_used(
    synth: Synth, monkeypatch: pytest.MonkeyPatch, domain: str
) -> None:
    scenario = next(d.scenario for d in load_domains() if d.name == domain)
    for name, value in scenario:
        if isinstance(value, int | float) and not isinstance(value, bool):
            for odd in ODD:
                monkeypatch.setenv(variable_of(domain, name), odd)
                done = synth("materialize", domain, "--dry-run")
                assert done.code in (0, 2), (name, odd, done.err)
            monkeypatch.delenv(variable_of(domain, name))
