"""Descriptions of dbt tests as asset checks."""

from __future__ import annotations

from typing import Any

import pytest

from synth_assets.orchestration import dbt_descriptions
from synth_assets.orchestration.dbt_descriptions import SENTENCES
from synth_assets.orchestration.shipped import DBT_PROJECT


def described(name: str, where: str | None = None, **arguments: Any) -> str:
    test = {"test_metadata": {"name": name, "kwargs": arguments}, "config": {"where": where}}
    return dbt_descriptions.description_of_test(test)


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (described("not_null", column_name="day"), "`day` is never null."),
        (
            described("relationships", column_name="id", to="ref('users')", field="user_id"),
            "Every `id` is found in `user_id` of `users`.",
        ),
        (
            described("accepted_range", column_name="age", min=0, max=120),
            "`age` is at least 0 and at most 120, or null.",
        ),
        (described("accepted_range", column_name="age", min=0), "`age` is at least 0, or null."),
        (
            described("as_many_rows", to="source('jaffle', 'raw_orders')"),
            "There are as many rows as in `jaffle.raw_orders`.",
        ),
        (
            described("unique", where="dataset = 'training'", column_name="id"),
            "No two rows share `id`. Only rows with `dataset = 'training'` count.",
        ),
    ],
)
def test_a_generic_test_is_a_sentence(found: str, sentence: str) -> None:
    assert found == sentence


def test_a_test_has_its_own_description_or_its_leading_comment() -> None:
    raw = "{{ config(tags=['whole']) }}\n\n-- Events that count are\n-- conserved.\nselect 1\n-- x"
    singular = {"name": "conserved", "raw_code": raw}
    assert dbt_descriptions.description_of_test(singular) == "Events that count are conserved."
    own = singular | {"description": "Its own."}
    assert dbt_descriptions.description_of_test(own) == "Its own."
    assert dbt_descriptions.description_of_test({"name": "bare"}) == "Test `bare` of dbt."


def test_every_generic_test_of_the_project_has_a_sentence() -> None:
    assert {file.stem for file in (DBT_PROJECT / "tests" / "generic").iterdir()} <= set(SENTENCES)
