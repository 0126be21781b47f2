"""Forms from models: every field once, values that survive, files and commands that agree."""

from __future__ import annotations

import math
import shlex
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from synth_assets.cli.scenario_options import scenario_values
from synth_assets.core.errors import UserError
from synth_assets.domains import load_domains
from synth_assets.domains.identity_graph.generation_config import GenerationConfig
from synth_assets.domains.identity_graph.validation import configuration
from synth_assets.orchestration.resources import scenario_of, scenario_resource
from synth_assets.studio.forms import drafts, values
from synth_assets.studio.forms.fields import beginning_of, fields_of, part_of
from synth_assets.studio.forms.shares import exact, rebalanced, slid
from synth_assets.studio.pages.wizard_steps import STEPS
from synth_assets_tests.studio.odd import Inner, Odd, odd

DOMAINS = load_domains()
FIELDS = fields_of(GenerationConfig)


def leaves(model: type[BaseModel], above: str = "") -> list[str]:
    """The fields of a model by the schema that pydantic itself writes."""
    found = []
    for name in model.model_fields:
        part = part_of(model, name)
        found += leaves(part, f"{above}{name}.") if part else [f"{above}{name}"]
    return found


@pytest.mark.parametrize("model", [GenerationConfig, *(type(d.scenario) for d in DOMAINS)])
def test_every_field_is_there_exactly_once_with_what_it_means(model: type[BaseModel]) -> None:
    found = [field.name for field in fields_of(model)]
    assert found == leaves(model)
    assert all(field.description for field in fields_of(model))


def test_the_wizard_has_every_field_in_exactly_one_step() -> None:
    shown = Counter(field.name for step in STEPS for field in step.fields(FIELDS))
    assert shown == Counter(field.name for field in FIELDS)


def test_a_field_knows_its_range_and_its_names() -> None:
    named = {field.name: field for field in FIELDS}
    households = named["household_config.num_households"]
    assert (households.widget, households.whole) == ("number", True)
    assert (households.least, households.most) == (1_000, 10_000_000)
    income = named["household_config.income_brackets"]
    assert income.widget == "shares"
    assert income.names[0] == "<30K"
    assert named["campaign_config.channel_response"].most == 100
    assert named["campaign_config.budget.mean"].part == ("campaign_config", "budget")
    assert named["household_config.location_distribution"].optional
    assert named["catalog_name"].kind.name == "destination"


def test_a_label_says_what_a_field_is_about() -> None:
    labels = {field.name: field.label for field in FIELDS}
    assert labels["household_config.num_households"] == "Number of households"
    assert labels["campaign_config.pacing.max"] == "Pacing: highest"
    assert (
        labels["demographics_config.identity_mappings.ios_share"] == "Identity mappings: iOS share"
    )
    twice = [label for label, count in Counter(labels.values()).items() if count > 1]
    assert not twice


SHARES = st.dictionaries(st.sampled_from("abcdef"), st.floats(0.01, 1), min_size=2)


@given(SHARES, st.data())
def test_shares_that_are_edited_together_sum_to_one(shares: dict[str, float], data: Any) -> None:
    before = exact(shares)
    name = data.draw(st.sampled_from(sorted(before)))
    locked = data.draw(st.sets(st.sampled_from(sorted(before))))
    after = rebalanced(before, name, data.draw(st.floats(-0.5, 1.5)), locked)
    assert math.isclose(math.fsum(after.values()), 1, abs_tol=1e-9)
    assert all(0 <= share <= 1 + 1e-9 for share in after.values())
    free = set(before) - locked - {name}
    if free:
        kept = [n for n in locked if n != name]
        assert all(math.isclose(after[n], before[n], abs_tol=1e-5) for n in kept)


def test_the_others_keep_their_proportions() -> None:
    after = rebalanced({"a": 0.5, "b": 0.4, "c": 0.1}, "a", 0.75, [])
    assert after == {"a": 0.75, "b": 0.2, "c": 0.05}
    assert rebalanced(after, "a", 1.0, ["c"]) == {"a": 0.95, "b": 0.0, "c": 0.05}
    assert rebalanced({"a": 1.0, "b": 0.0, "c": 0.0}, "a", 0.5, []) == {
        "a": 0.5, "b": 0.25, "c": 0.25,
    }  # fmt: skip


def test_a_file_means_what_the_form_says() -> None:
    below = values.defaults(GenerationConfig)
    chosen = values.merged(
        GenerationConfig,
        below,
        {
            "household_config": {"num_households": 5_000},
            "campaign_config": {"budget": {"mean": 2e5}},
        },
    )
    found = values.differences(FIELDS, chosen, below)
    text = values.to_yaml(values.nested({path: now for path, (_, now) in found.items()}))
    again = values.merged(GenerationConfig, below, values.from_yaml(text.encode()))
    assert GenerationConfig.of(again) == GenerationConfig.of(chosen)
    assert configuration(values.from_yaml(text.encode())) == GenerationConfig.of(chosen)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"- a\n", "must have fields"),
        (b"a: [", "no YAML"),
        (b"2025-01-01: 1\n", "texts as names"),
        (b"seed: " + b"9" * 5001, "no YAML"),
        (b"\xff\xfe", "UTF-8"),
        (b"a: &x [1]\nb: *x\n", "aliases"),
        (b"a" * 2_000_000, "bytes"),
        (b"!!python/object/apply:os.system ['true']", "no YAML"),
    ],
)
def test_a_file_that_is_none_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(UserError, match=why):
        values.from_yaml(content)


def test_errors_name_their_field() -> None:
    chosen = values.defaults(GenerationConfig)
    chosen["household_config"]["num_households"] = 5
    chosen["demographics_config"]["age_range"] = {"min": 50, "max": 40}
    found = values.problems(GenerationConfig, chosen)
    assert {problem.path for problem in found} == {
        ("household_config", "num_households"),
        ("demographics_config", "age_range"),
    }
    ages = [("demographics_config", "age_range", "min")]
    assert [p.message for p in values.concerning(found, ages)] == ["Min 50 must be below max 40"]


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.name)
def test_the_command_makes_the_same(domain: Any) -> None:
    cls = type(domain.scenario)
    chosen = domain.scenario.model_dump(mode="json") | {"seed": 7}
    if domain.name == "identity_graph":
        chosen["household_config"] = {**chosen["household_config"], "num_households": 4_000}
    words = shlex.split(values.command(domain, chosen, recreate=True))
    assert words[:4] == ["synth", "materialize", domain.name, "--dbt"]
    settings = [words[i + 1] for i, word in enumerate(words) if word == "--set"]
    given_ = scenario_values([domain], None, settings)[domain.name]
    assert cls.of({**domain.scenario.model_dump(), **given_}) == cls.of(chosen)


def test_errors_of_all_values_together_block_no_step() -> None:
    chosen = values.defaults(GenerationConfig) | {"end_date": "2024-01-01"}
    found = values.problems(GenerationConfig, chosen)
    assert [problem.path for problem in found] == [()]
    assert values.concerning(found, [field.path for field in FIELDS]) == []


def test_a_draft_survives_and_belongs_to_its_form(tmp_path: Path) -> None:
    number = drafts.new_number()
    drafts.write(tmp_path, "a", number, {"values": {"x": 1}, "step": 2})
    found = drafts.read(tmp_path, "a", number)
    assert found is not None
    assert (found["form"], found["values"], found["step"]) == ("a", {"x": 1}, 2)
    assert drafts.read(tmp_path, "b", number) is None
    assert drafts.read(tmp_path, "a", "../../etc/passwd") is None
    assert drafts.read(tmp_path, "a", drafts.new_number()) is None


def test_a_draft_that_another_session_has_changed_is_not_overwritten(tmp_path: Path) -> None:
    number = drafts.new_number()
    first = drafts.write(tmp_path, "a", number, {"values": {"x": 1}})
    second = drafts.write(tmp_path, "a", number, {"values": {"x": 2}}, first)
    with pytest.raises(drafts.ChangedError):
        drafts.write(tmp_path, "a", number, {"values": {"x": 3}}, first)
    assert (drafts.read(tmp_path, "a", number) or {})["values"] == {"x": 2}
    assert drafts.write(tmp_path, "a", number, {"values": {"x": 3}}, second)


def test_proportions_come_back_with_the_share_that_was_moved() -> None:
    before = {"a": 0.455, "b": 0.298, "c": 0.149, "d": 0.098}
    step, shares = None, before
    for value in (0.7, 1.0, 0.999, 0.455):
        step = slid(step, shares, "a", value, [])
        shares = dict(step.after)
    assert shares == before
    moved = slid(slid(None, before, "a", 1.0, []), {**before, "a": 0.5, "b": 0.253}, "a", 0.6, [])
    assert moved.before["b"] == 0.253, "what was set otherwise meanwhile is kept"


def test_every_type_of_a_field_has_a_widget() -> None:
    found = {field.name: (field.widget, field.optional) for field in fields_of(Odd)}
    assert found == {
        "seed": ("number", False),
        "rates": ("json", False),
        "nested": ("json", False),
        "speed": ("choice", True),
        "level": ("choice", False),
        "maybe": ("list", True),
        "part.rate": ("number", False),
        "part.label": ("choice", False),
        "part.days": ("list", False),
        "part.note": ("text", False),
        "inner.rate": ("number", False),
        "inner.label": ("choice", False),
        "inner.days": ("list", False),
        "inner.note": ("text", False),
        "inners": ("json", False),
        "big": ("number", False),
        "few": ("number", False),
        "tags": ("list", False),
        "either": ("json", False),
        "colour": ("choice", False),
        "moment": ("text", True),
        "old": ("date", False),
    }
    assert beginning_of(Inner) == {"rate": 0.0, "label": "a", "days": [], "note": "x"}


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("level=3", 3),
        ('rates={"a": 1}', {"a": 1.0}),
        ("maybe=[1, 2]", [1, 2]),
        ("speed=fast", "fast"),
        ("either=x", "x"),
        (f"big={2**62 + 1}", 2**62 + 1),
    ],
)
def test_the_command_line_sets_fields_of_every_type(setting: str, value: Any) -> None:
    name = setting.partition("=")[0]
    assert scenario_values([odd()], None, [setting])["tiny"] == {name: value}


@pytest.mark.parametrize("setting", ["level=4", "rates=x", 'rates={"a": "x"}', "maybe=1"])
def test_the_command_line_refuses_what_a_type_does_not_allow(setting: str) -> None:
    with pytest.raises(UserError, match=setting.partition("=")[0]):
        scenario_values([odd()], None, [setting])


def test_dagster_has_the_fields_of_every_type() -> None:
    domain = odd()
    assert scenario_of(domain, scenario_resource(domain)) == domain.scenario


class Tree(BaseModel):
    """A model in itself."""

    name: str = "x"
    below: Tree | None = None


def test_a_model_in_itself_is_a_field() -> None:
    found = {field.name: field.widget for field in fields_of(Tree)}
    assert found == {"name": "text", "below": "json"}
