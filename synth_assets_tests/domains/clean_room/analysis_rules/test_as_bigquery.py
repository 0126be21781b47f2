"""Where BigQuery's documentation says what a query gives, the room gives the same."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from synth_assets.domains.clean_room.analysis_rules import BudgetLedger, CleanRoom, Party
from synth_assets.domains.clean_room.analysis_rules.errors import (
    JoinRestrictedError,
    PrivacyOptionError,
)
from synth_assets_tests.domains.clean_room.analysis_rules.made import (
    M,
    P,
    orders,
    private,
    transactions,
    view,
)

BOUNDS = "contribution_bounds_per_group => (0, 1)"


def private_room(path: Path, **policy: object) -> CleanRoom:
    """120 people, each in three groups, under differential privacy."""
    rows = pl.DataFrame(
        {"email": [f"p{i}" for i in range(120) for _ in range(3)], "g": ["a", "b", "c"] * 120}
    )
    more = {"max_epsilon_per_query": 1e6, "epsilon_budget": 1e9, **policy}
    shared = (view("d.people", "d.base", private(**more)),)
    owner = Party("owner", {"d.base": rows}, shared)
    return CleanRoom([owner, Party("asker")], BudgetLedger(path / "budget.sqlite"))


def counted(room: CleanRoom, more: str = "") -> int:
    """How many contributions are kept; without noise to speak of, since epsilon is large."""
    options = f"OPTIONS(epsilon=1e6{more})"
    sql = f"SELECT WITH DIFFERENTIAL_PRIVACY {options} g, COUNT(*, {BOUNDS}) AS n FROM `d.people`"
    return int(room.run(f"{sql} GROUP BY g", "asker")["n"].sum())


def test_a_policy_says_how_many_groups_a_unit_is_in(tmp_path: Path) -> None:
    room = private_room(tmp_path, max_groups_contributed=2)
    assert counted(room) == 240
    assert counted(room, ", max_groups_contributed=1") == 120
    with pytest.raises(PrivacyOptionError, match="allows max 2"):
        counted(room, ", max_groups_contributed=3")


def test_a_policy_of_0_groups_puts_no_limit_on_them(tmp_path: Path) -> None:
    room = private_room(tmp_path, max_groups_contributed=0)
    assert counted(room, ", max_groups_contributed=3") == 360


def test_a_missing_join_is_told_before_a_missing_clause(room: CleanRoom) -> None:
    with pytest.raises(JoinRestrictedError, match="Joining must occur on at least one of"):
        room.run(f"SELECT * FROM `{P}.provider_users`", "merchant")


def test_ones_own_tables_are_joined_freely_beside_an_overlap(room: CleanRoom) -> None:
    """A part of WITH that reads no protected view has nothing of it to compare."""
    sql = f"""WITH ids AS (SELECT o.order_id FROM `{M}.users` AS u
                           JOIN `{M}.orders` AS o ON o.user_id = u.id)
              SELECT COUNT(*) AS n FROM `{P}.transactions` AS t
              JOIN ids ON ids.order_id = t.order_id"""
    wanted = orders().join(transactions(), on="order_id").height
    assert room.run(sql, "merchant")["n"].to_list() == [wanted]


def test_what_an_overlap_showed_is_not_joined_again_by_way_of_another_part(
    room: CleanRoom,
) -> None:
    sql = f"""WITH x AS (SELECT t.* FROM `{P}.transactions` AS t
                         JOIN `{M}.orders` AS o ON o.order_id = t.order_id),
                   y AS (SELECT * FROM x),
                   z AS (SELECT y.* FROM y JOIN `{M}.users` AS u ON u.id = y.provider_user_id)
              SELECT COUNT(*) AS n FROM z"""
    with pytest.raises(JoinRestrictedError, match="restricted column"):
        room.run(sql, "merchant")
