"""Validation errors of a scenario are for users, and its fingerprint covers what decides rows."""

from __future__ import annotations

import os

import pytest
from pydantic import Field

from synth_assets.core.errors import UserError
from synth_assets.core.scenario import (
    DESTINATION,
    EXTENT,
    LAYOUT,
    ORIGIN,
    RUN_OPTION,
    FieldKind,
    Scenario,
)


class Volumes(Scenario):
    """A field of each kind."""

    rows: int = Field(default=10, ge=1, le=100)
    share: float = Field(default=0.5, ge=0, le=1)
    shards: int = Field(default=4, ge=1, json_schema_extra=ORIGIN.extra)
    households: int = Field(default=9, ge=0, json_schema_extra=LAYOUT.extra)


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in os.environ if n.startswith("SYNTH_")]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("rows", -5, "greater than or equal to 1"),
        ("rows", 10**30, "less than or equal to 100"),
        ("rows", "many", "integer"),
        ("rows", 1.5, "integer"),
        ("rows", None, "integer"),
        ("share", 1.01, "less than or equal to 1"),
        ("share", float("nan"), "number"),
        ("seed", -1, "greater than or equal to 0"),
        ("seed", 2**63, "less than 9223372036854775808"),
        ("colour", "red", "seed, rows, share, shards, households"),
    ],
)
def test_a_bad_value_is_named_with_its_field_and_what_is_allowed(
    field: str, value: object, allowed: str
) -> None:
    with pytest.raises(UserError) as caught:
        Volumes.of({field: value})
    assert field in str(caught.value)
    assert allowed in str(caught.value)
    if field != "colour":
        assert repr(value) in str(caught.value)


def test_all_bad_values_are_named_at_once() -> None:
    with pytest.raises(UserError, match=r"rows = 0.*share = 2"):
        Volumes.of({"rows": 0, "share": 2})


def test_the_environment_is_read_and_overrides_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNTH_SHOP_ROWS", "20")
    monkeypatch.setenv("SYNTH_SHOP_SHARE", "")
    monkeypatch.setenv("SYNTH_OTHER_ROWS", "30")
    monkeypatch.setenv("SYNTH_SEED", "7")
    assert Volumes.from_environment("shop") == Volumes(rows=20, seed=7)
    assert Volumes.from_environment("shop", rows=21, share=None) == Volumes(rows=21, seed=7)
    monkeypatch.setenv("SYNTH_SHOP_SEED", "8")
    assert Volumes.from_environment("shop").seed == 8
    assert Volumes.from_environment("other").seed == 7
    assert Volumes.from_environment("shop", seed=9).seed == 9


def test_names_of_variables_are_upper_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("synth_shop_rows", "20")
    monkeypatch.setenv("SYNTH_shop_SHARE", "0.1")
    assert Volumes.from_environment("shop") == Volumes()


def test_a_bad_value_in_the_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNTH_SHOP_ROWS", "plenty")
    with pytest.raises(UserError, match="rows = 'plenty'"):
        Volumes.from_environment("shop")


def test_an_empty_seed_in_the_environment_is_none_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    # As every other variable: compose files pass variables that are not set as empty ones.
    monkeypatch.setenv("SYNTH_SEED", "")
    assert Volumes.from_environment("shop") == Volumes()


def test_only_fields_that_change_no_partitions_are_launchpad_fields() -> None:
    assert Volumes.launchpad_fields() == ["seed", "rows", "share"]


def test_the_fingerprint_covers_what_would_change_a_row_that_exists() -> None:
    base = Volumes().fingerprint()
    assert base == Volumes().fingerprint()
    assert len(base) == 16
    assert int(base, 16) >= 0
    changed = [Volumes(seed=1), Volumes(rows=11), Volumes(share=0.51), Volumes(shards=5)]
    assert len({base, *(s.fingerprint() for s in changed)}) == 5
    assert Volumes(households=10).fingerprint() == base


@pytest.mark.parametrize("kind", [EXTENT, LAYOUT, DESTINATION, RUN_OPTION])
def test_what_decides_no_row_is_in_no_fingerprint(kind: FieldKind) -> None:
    class Marked(Scenario):
        field: int = Field(default=1, json_schema_extra=kind.extra)

    assert Marked(field=2).fingerprint() == Marked().fingerprint() == Scenario().fingerprint()
    assert ("field" in Marked.launchpad_fields()) == (kind == EXTENT)


def test_a_scenario_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Volumes().rows = 12
