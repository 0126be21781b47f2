"""Each odd input is accepted, or refused by an error for users in one line, and within seconds.

By default each entry has a few inputs; in the slow suite all entries together have 10,000. The
examples are the same each time.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from synth_assets.cli.selection import select
from synth_assets.core.errors import UserError
from synth_assets.core.scenario import variable_of
from synth_assets.core.variables import FILE
from synth_assets.domains import load_domains
from synth_assets.domains.clean_room.analysis_rules import PrivacyPolicy
from synth_assets.orchestration.partitions import keys_between
from synth_assets.orchestration.settings import Settings, place_variables
from synth_assets_tests.domains.clean_room.analysis_rules.made import VIEWS, M, P, clean_room
from synth_assets_tests.environment import only, restored
from synth_assets_tests.fuzz.inputs import json_values, odd_texts, statements

# Processor seconds after which an input counts as one that hangs.
LONGEST_SECONDS = 10
FEW = 5
with only():
    DOMAINS = load_domains()
FIELDS = [
    (domain.name, type(domain.scenario), field)
    for domain in DOMAINS
    for field in type(domain.scenario).model_fields
]
TABLES = [table for domain in DOMAINS for table in domain.tables]
# Inputs in the slow suite; those of the commands are 25 for each of 20.
MANY = {
    "settings of domains": 3_500,
    "settings file": 1_500,
    "places": 1_500,
    "selections": 1_000,
    "partitions": 1_000,
    "policies": 800,
    "queries": 700,
}


def harmless(entry: Callable[[], Any], given_: object) -> None:
    """Calls an entry with an odd input; it may refuse it in a line."""
    started = time.process_time()
    try:
        entry()
    except UserError as error:
        text = str(error)
        assert text.strip(), f"{given_!r}: refused without a word"
        assert "Traceback" not in text, given_
    assert time.process_time() - started < LONGEST_SECONDS, f"{given_!r} takes too long"


def fuzz(strategy: st.SearchStrategy[Any], inputs: int, hold: Callable[[Any], None]) -> None:
    """Holds a property for so many inputs; the first one that fails is reported as it is."""

    @settings(
        max_examples=inputs, phases=[Phase.generate], suppress_health_check=list(HealthCheck),
        derandomize=True, deadline=None, database=None,
    )  # fmt: skip
    @given(strategy)
    def run(value: Any) -> None:
        with restored():
            hold(value)

    run()


def inputs_of(name: str) -> list[Any]:
    """A few inputs by default, and those of the slow suite."""
    return [FEW, pytest.param(MANY[name], marks=pytest.mark.slow)]


@pytest.mark.parametrize("inputs", inputs_of("settings of domains"))
def test_settings_of_domains(home: Path, inputs: int) -> None:
    def hold(value: tuple[tuple[str, Any, str], str]) -> None:
        (domain, scenario, field), text = value
        os.environ[variable_of(domain, field)] = text
        harmless(lambda: scenario.from_environment(domain), value)
        harmless(lambda: scenario.of({field: text}), value)

    fuzz(st.tuples(st.sampled_from(FIELDS), odd_texts), inputs, hold)


@pytest.mark.parametrize("inputs", inputs_of("settings file"))
def test_the_settings_file(home: Path, inputs: int) -> None:
    home.mkdir()
    names = [variable_of(domain, field) for domain, _, field in FIELDS] + place_variables()

    def hold(value: Any) -> None:
        content = value if isinstance(value, bytes) else json.dumps(value).encode()
        (home / FILE).write_bytes(content)
        harmless(Settings.from_environment, value)
        harmless(load_domains, value)

    texts = st.dictionaries(st.sampled_from(names), odd_texts, min_size=1, max_size=3)
    fuzz(st.binary(max_size=40) | json_values | texts, inputs, hold)


@pytest.mark.parametrize("inputs", inputs_of("places"))
def test_places(home: Path, inputs: int) -> None:
    others = ["SYNTH_PARTITIONS_PER_RUN", "SYNTH_BIGQUERY_PARTIES", "SYNTH_HOME"]
    names = st.sampled_from([*place_variables(), *others])

    def hold(value: dict[str, str]) -> None:
        os.environ.update(value)

        def opened() -> None:
            found = Settings.from_environment().open_stores(patient=False)
            for table in TABLES[:3]:
                found.routes.kind_of(table)

        harmless(opened, value)

    fuzz(st.dictionaries(names, odd_texts, min_size=1, max_size=3), inputs, hold)


@pytest.mark.parametrize("inputs", inputs_of("selections"))
def test_selections(home: Path, inputs: int) -> None:
    words = st.lists(odd_texts | st.sampled_from([t.path for t in TABLES]), max_size=4)
    fuzz(words, inputs, lambda value: harmless(lambda: select(DOMAINS, value), value))


@pytest.mark.parametrize("inputs", inputs_of("partitions"))
def test_partitions(home: Path, inputs: int) -> None:
    def hold(value: tuple[Any, str]) -> None:
        table, text = value
        harmless(lambda: keys_between(table.partitioning, text), (table.path, text))

    ranges = st.tuples(odd_texts, odd_texts).map("..".join)
    fuzz(st.tuples(st.sampled_from(TABLES), odd_texts | ranges), inputs, hold)


@pytest.mark.parametrize("inputs", inputs_of("policies"))
def test_privacy_policies(inputs: int) -> None:
    parts = [policy for _, policy in VIEWS.values()]

    def spoilt(policy: dict[str, Any], at: int, value: Any) -> dict[str, Any]:
        kind = sorted(policy)[at % len(policy)]
        field = sorted(policy[kind])[at % len(policy[kind])]
        return {**policy, kind: {**policy[kind], field: value}}

    policies = st.builds(spoilt, st.sampled_from(parts), st.integers(0, 9), json_values)
    texts = odd_texts | (json_values | policies).map(json.dumps)
    fuzz(texts, inputs, lambda t: harmless(lambda: PrivacyPolicy.from_json(t), t))


@pytest.mark.parametrize("inputs", inputs_of("queries"))
def test_queries(tmp_path: Path, inputs: int) -> None:
    room = clean_room(tmp_path)
    tables = [f"{P}.{name}" for name in VIEWS] + [f"{M}.users", f"{P}_base.users"]

    def hold(sql: str) -> None:
        harmless(lambda: room.run(sql, "merchant"), sql)

    fuzz(statements(tables), inputs, hold)


def test_all_entries_together_have_ten_thousand_inputs() -> None:
    assert sum(MANY.values()) >= 10_000
