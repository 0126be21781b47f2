"""Settings of the clean room, and the messages for wrong ones."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from synth_assets.core.errors import UserError
from synth_assets.domains.clean_room.scenario import CleanRoomScenario
from synth_assets_tests.domains.clean_room.made import all_made, clean_room

DATA_DEFECTS = (
    "duplicate_emails", "items_before_orders", "mixed_countries", "null_cities", "lost_zeros",
    "future_deliveries", "minors",
)  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("users", 999, "greater than or equal to 1000"),
        ("users", 10_000_001, "less than or equal to 10000000"),
        ("users", "many", "valid integer"),
        ("users", 1_000.5, "valid integer"),
        ("as_of", "2019-01-31", "greater than or equal to 2019-02-01"),
        ("as_of", "2100-01-02", "less than or equal to 2100-01-01"),
        ("as_of", "yesterday", "valid date"),
        ("as_of", "2025-02-30", "valid date"),
        ("seed", -1, "greater than or equal to 0"),
        *((defect, "perhaps", "valid boolean") for defect in DATA_DEFECTS),
    ],
)
def test_bad_values_are_refused_by_name(field: str, value: object, said: str) -> None:
    with pytest.raises(UserError, match=said) as error:
        CleanRoomScenario.of({field: value})
    assert f"scenario field {field} = {value!r}" in str(error.value)


def test_unknown_fields_are_refused() -> None:
    with pytest.raises(UserError, match="unknown scenario field 'user'"):
        CleanRoomScenario.of({"user": 5_000})


def test_the_environment_sets_every_kind_of_field() -> None:
    scenario = clean_room(users=2_000, as_of="2024-03-01", minors="false").scenario
    expected = {"users": 2_000, "as_of": date(2024, 3, 1), "minors": False}
    assert scenario == CleanRoomScenario.of(expected)


def test_every_field_of_the_source_is_in_the_fingerprint() -> None:
    changed = [{"users": 1_000}, {"as_of": "2025-09-24"}, {"seed": 1}]
    changed += [{defect: False} for defect in DATA_DEFECTS]
    prints = {CleanRoomScenario.of(values).fingerprint() for values in [{}, *changed]}
    assert len(prints) == len(changed) + 1


def test_every_quirk_is_on_by_default() -> None:
    fields = CleanRoomScenario.model_fields
    assert {name for name, field in fields.items() if field.annotation is bool} >= set(DATA_DEFECTS)
    assert all(getattr(CleanRoomScenario(), defect) for defect in DATA_DEFECTS)


def test_the_smallest_source_on_its_first_day() -> None:
    frames = all_made(clean_room(users=1_000, as_of="2019-02-01", future_deliveries="false"))
    for name, frame in frames.items():
        moments = frame.select(pl.col(pl.Datetime)).drop("created_at", strict=False)
        assert len(frame) >= 10, name
        for column in moments.get_columns():
            assert column.dt.date().max() < date(2019, 2, 1), (name, column.name)  # type: ignore[operator]
    for name in ("thelook_users", "thelook_orders", "thelook_events"):
        days = frames[name]["created_at"].dt.date()
        # A page may be seen, and an item be stamped, shortly before the first day.
        assert days.min() >= date(2018, 12, 31)  # type: ignore[operator]
        assert days.max() == date(2019, 1, 31)
