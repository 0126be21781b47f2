"""Queries give the results that BigQuery's documentation states."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from synth_assets.domains.clean_room.analysis_rules import CleanRoom, Party, PrivacyBudgets
from synth_assets.domains.clean_room.analysis_rules.errors import (
    JoinRestrictedError,
    NotASelectError,
    NotProvablySafeError,
    PrivacyOptionError,
    RefusedError,
)
from synth_assets_tests.domains.clean_room.analysis_rules.made import (
    M,
    P,
    orders,
    private,
    provider_users,
    transactions,
    users,
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
    return CleanRoom([owner, Party("asker")], ledger(path, "d.people"))


def ledger(path: Path, name: str) -> PrivacyBudgets:
    """Budgets in which the people of a view have an account."""
    made = PrivacyBudgets(path / "budget.sqlite", {name: "people"})
    made.open_accounts(["people"])
    return made


def counted(clean_room: CleanRoom, more: str = "") -> int:
    """The number of kept contributions; epsilon is so large that noise is negligible."""
    options = f"OPTIONS(epsilon=1e6{more})"
    sql = f"SELECT WITH DIFFERENTIAL_PRIVACY {options} g, COUNT(*, {BOUNDS}) AS n FROM `d.people`"
    return int(clean_room.run(f"{sql} GROUP BY g", "asker")["n"].sum())


def test_a_policy_says_how_many_groups_a_unit_is_in(tmp_path: Path) -> None:
    clean_room = private_room(tmp_path, max_groups_contributed=2)
    assert counted(clean_room) == 240
    assert counted(clean_room, ", max_groups_contributed=1") == 120
    with pytest.raises(PrivacyOptionError, match="allows max 2"):
        counted(clean_room, ", max_groups_contributed=3")


def test_a_policy_of_0_groups_puts_no_limit_on_them(tmp_path: Path) -> None:
    clean_room = private_room(tmp_path, max_groups_contributed=0)
    assert counted(clean_room, ", max_groups_contributed=3") == 360


EXAMS = """SELECT WITH DIFFERENTIAL_PRIVACY
  OPTIONS (epsilon=1e5, delta=1e-4, max_groups_contributed=2, privacy_unit_column=email)
  test_id, AVG(test_score) AS average, SUM(test_score) AS total, COUNT(*) AS times,
  COUNT(test_score) AS scores
FROM `d.exams` GROUP BY test_id ORDER BY test_id"""


def test_aggregates_find_bounds_by_themselves(tmp_path: Path) -> None:
    """The documentation's query: it names no bounds, and the answer is close to the true value."""
    rows = pl.DataFrame(
        {
            "email": [f"p{i // 2}" for i in range(120)],
            "test_id": ["C83", "U25"] * 60,
            "test_score": [400.0 + i for i in range(120)],
        }
    )
    policy = private(max_epsilon_per_query=1e6, epsilon_budget=1e9)
    owner = Party("owner", {"d.base": rows}, (view("d.exams", "d.base", policy),))
    clean_room = CleanRoom([owner, Party("asker")], ledger(tmp_path, "d.exams"))
    got = clean_room.run(EXAMS, "asker")
    assert got["test_id"].to_list() == ["C83", "U25"]
    assert got["average"].to_list() == pytest.approx([459.0, 460.0], abs=0.5)
    assert got["total"].to_list() == pytest.approx([60 * 459.0, 60 * 460.0], rel=0.001)
    assert got["times"].to_list() == got["scores"].to_list() == [60, 60]


def test_a_missing_join_is_reported_before_a_missing_clause(clean_room: CleanRoom) -> None:
    with pytest.raises(JoinRestrictedError, match="Joining must occur on at least one of"):
        clean_room.run(f"SELECT * FROM `{P}.provider_users`", "merchant")


def test_ones_own_tables_are_joined_freely_beside_an_overlap(clean_room: CleanRoom) -> None:
    """A part of WITH that reads no protected view is not restricted."""
    sql = f"""WITH ids AS (SELECT o.order_id FROM `{M}.users` AS u
                           JOIN `{M}.orders` AS o ON o.user_id = u.id)
              SELECT COUNT(*) AS n FROM `{P}.transactions` AS t
              JOIN ids ON ids.order_id = t.order_id"""
    expected = orders().join(transactions(), on="order_id").height
    assert clean_room.run(sql, "merchant")["n"].to_list() == [expected]


def test_what_an_overlap_showed_is_not_joined_again_by_way_of_another_part(
    clean_room: CleanRoom,
) -> None:
    sql = f"""WITH x AS (SELECT t.* FROM `{P}.transactions` AS t
                         JOIN `{M}.orders` AS o ON o.order_id = t.order_id),
                   y AS (SELECT * FROM x),
                   z AS (SELECT y.* FROM y JOIN `{M}.users` AS u ON u.id = y.provider_user_id)
              SELECT COUNT(*) AS n FROM z"""
    with pytest.raises(JoinRestrictedError, match="restricted column"):
        clean_room.run(sql, "merchant")


# What BigQuery's reference gives for each; no table is needed.
VALUES = [
    ("EXTRACT(DAYOFWEEK FROM DATE '2025-11-30')", 1),
    ("EXTRACT(DAYOFWEEK FROM DATE '2025-11-29')", 7),
    ("EXTRACT(ISOWEEK FROM DATE '2025-11-30')", 48),
    ("EXTRACT(ISOYEAR FROM DATE '2027-01-01')", 2026),
    ("EXTRACT(MILLISECOND FROM TIMESTAMP '2025-11-30 01:02:03.456')", 456),
    ("EXTRACT(MICROSECOND FROM TIMESTAMP '2025-11-30 01:02:03.456789')", 456789),
    ("EXTRACT(DATE FROM TIMESTAMP '2025-11-30 23:02:03')", dt.date(2025, 11, 30)),
    ("DATE_TRUNC(DATE '2025-11-30', WEEK)", dt.date(2025, 11, 30)),
    ("DATE_TRUNC(DATE '2025-11-29', WEEK)", dt.date(2025, 11, 23)),
    ("DATE_TRUNC(DATE '2025-11-30', ISOWEEK)", dt.date(2025, 11, 24)),
    ("DATE_TRUNC(DATE '2025-11-30', MONTH)", dt.date(2025, 11, 1)),
    ("DATE_TRUNC(DATE '2025-11-30', QUARTER)", dt.date(2025, 10, 1)),
    ("TIMESTAMP_TRUNC(DATETIME '2025-11-29 05:06:07', WEEK)", dt.datetime(2025, 11, 23)),
    ("TIMESTAMP_TRUNC(DATETIME '2025-11-29 05:06:07', HOUR)", dt.datetime(2025, 11, 29, 5)),
    ("EXTRACT(DAYOFWEEK FROM DATE_TRUNC(DATE '2025-11-29', WEEK))", 1),
    (r"'\x41\u00e9\101\t'", "Aé" + "A\t"),
    (r"'\\x41'", r"\x41"),
    (r"r'\x41\n'", r"\x41\n"),
    (r'''"it's \"so\""''', 'it\'s "so"'),
    ("'''a\n'b'''", "a\n'b"),
    (r"CONCAT('it\'s', '\U0001F642')", "it's🙂"),
    ("1 / 0", None),
    ("1 / (2 - 2.0)", None),
    ("7 / 2", 3.5),
    ("1 / 2 / 2", 0.25),
    ("MOD(7, 0)", None),
    ("SAFE_DIVIDE(1, 0)", None),
]


@pytest.mark.parametrize(("written", "expected"), VALUES, ids=[one for one, _ in VALUES])
def test_an_expression_means_the_same(
    clean_room: CleanRoom, written: str, expected: object
) -> None:
    got = clean_room.run(f"SELECT {written} AS x", "merchant")["x"][0]
    assert (type(got), got) == (type(expected), expected)


@pytest.mark.parametrize(
    ("text", "fault"),
    [(r"'\q'", "illegal escape"), (r"'\ud800'", "no character"), (r"'\x00'", "code 0")],
)
def test_a_text_that_bigquery_refuses_is_refused(
    clean_room: CleanRoom, text: str, fault: str
) -> None:
    with pytest.raises(NotASelectError, match=fault):
        clean_room.run(f"SELECT {text} AS x", "merchant")


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        ("SELECT", "at least one column"),
        (f"SELECT FROM `{M}.users`", "at least one column"),
        ("SELECT 1 AS ``", "must not be empty"),
        (
            f"SELECT u.id, v.id FROM `{M}.users` AS u JOIN `{M}.users` AS v ON u.id = v.id",
            "id must",
        ),
    ],
)
def test_a_query_without_columns_or_names_is_refused(
    clean_room: CleanRoom, sql: str, fault: str
) -> None:
    with pytest.raises(RefusedError, match=fault):
        clean_room.run(sql, "merchant")


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("EXTRACT(WEEK FROM DATE '2025-11-30')", "ISOWEEK"),
        ("DATE_TRUNC(DATE_TRUNC(DATE '2025-11-30', MONTH), WEEK)", "sub-query"),
    ],
)
def test_what_is_not_offered_names_what_is(
    clean_room: CleanRoom, written: str, instead: str
) -> None:
    with pytest.raises(NotProvablySafeError, match=instead):
        clean_room.run(f"SELECT {written} AS x", "merchant")


def test_division_by_zero_is_null_over_protected_rows(clean_room: CleanRoom) -> None:
    sql = f"""SELECT WITH AGGREGATION_THRESHOLD COUNT(1 / (p.score - p.score)) AS n, COUNT(*) AS m
              FROM `{P}.open_users` AS p"""
    assert clean_room.run(sql, "merchant").rows() == [(0, provider_users().height)]


def test_a_star_shows_the_columns_of_using_first(clean_room: CleanRoom) -> None:
    own = f"SELECT * FROM `{M}.users` JOIN (SELECT 1 AS x, age FROM `{M}.users`) AS b USING (age)"
    others = [name for name in users().columns if name != "age"]
    assert clean_room.run(f"{own} LIMIT 1", "merchant").columns == ["age", *others, "x"]
    overlap = f"SELECT * FROM `{P}.transactions` AS t JOIN `{M}.orders` AS o USING (order_id)"
    names = ["order_id", "transaction_id", "provider_user_id", "transaction_amount", "user_id"]
    assert clean_room.run(overlap, "merchant").columns == names
    without = overlap.replace("*", "* EXCEPT (order_id, user_id)")
    assert clean_room.run(without, "merchant").columns == names[1:-1]
