# ruff: noqa: E501 (a query to a line, so that the table can be read)
"""Strict mode: what BigQuery's threshold releases, and this mode does not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

import polars as pl
import pytest

from synth_assets.domains.clean_room.analysis_rules import CleanRoom, PrivacyPolicy, StrictMode
from synth_assets.domains.clean_room.analysis_rules.errors import (
    JoinRestrictedError,
    NotProvablySafeError,
    PolicyError,
    StrictModeError,
)
from synth_assets_tests.domains.clean_room.analysis_rules import made
from synth_assets_tests.domains.clean_room.analysis_rules.made import THRESHOLD, M, P

AGG = "SELECT WITH AGGREGATION_THRESHOLD"
OPEN = f"`{P}.open_users` AS p"
JOINED = f"`{P}.open_users` AS p JOIN `{M}.users` AS u ON u.email = p.email"
WITH_OWN = f"{OPEN} JOIN {{}} AS q ON q.email = p.email"
WITH_ORDERS = f"{JOINED} JOIN `{M}.orders` AS o ON o.user_id = u.id"
PAID = f"{WITH_ORDERS} JOIN `{P}.transactions` AS t ON t.order_id = o.order_id"
ONE = 2  # the customer whom most attacks are about
FLAGGED = f"(SELECT email, IF(id = {ONE}, 1, 0) AS flag, IF(id = {ONE}, id, NULL) AS only FROM `{M}.users`)"
TWICE = f"(SELECT email FROM `{M}.users` UNION ALL SELECT email FROM `{M}.users` WHERE id = {ONE})"


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> CleanRoom:
    mode = StrictMode(key_columns=("provider_user_id",))
    return made.clean_room(tmp_path_factory.mktemp("strict"), strict=mode)


def joined() -> pl.DataFrame:
    return made.users().join(made.provider_users(), on="email")


def people(of: pl.DataFrame, column: str) -> object:
    """Customer ``ONE``'s value in a column of the provider."""
    return of.filter(pl.col("id") == ONE)[column].item()


# Each is an aggregate over customers, and what BigQuery's rule gives away about one of them.
WITHHELD = [
    (f"SUM(IF(u.id = {ONE}, p.score, 0))", "score"),
    (f"AVG(IF(u.id = {ONE}, p.score, NULL))", "score"),
    (f"SUM(CASE WHEN u.id = {ONE} THEN p.score END)", "score"),
    (f"SUM(CASE WHEN u.id = {ONE} THEN p.score ELSE 0 END)", "score"),
    (f"SUM(IF(u.id = {ONE}, LENGTH(p.account_tier), 0))", 4),
    (f"COUNTIF(u.id = {ONE} AND p.account_tier = 'Free')", 1),
    (f"COUNTIF(NOT u.id <> {ONE})", 1),
    (f"SUM(IF(u.id = {ONE} AND p.account_tier = 'Free', 1, 0))", 1),
    (f"COUNT(IF(u.id = {ONE}, p.provider_user_id, NULL))", 1),
    (f"COUNT(DISTINCT IF(u.id = {ONE}, u.id, NULL))", 1),
    (f"COUNT(IF(u.id = {ONE}, 1, NULL))", 1),
    (f"COUNT(DISTINCT p.email) - COUNTIF(u.id <> {ONE})", 1),
]


def columns(aggregates: Iterable[str]) -> str:
    return ", ".join(f"{one} AS x{i}" for i, one in enumerate(aggregates))


def test_an_aggregate_about_one_person_is_withheld(
    clean_room: CleanRoom, strict: CleanRoom
) -> None:
    of = joined()
    sql = f"{AGG} COUNT(*) AS n, {columns(one for one, _ in WITHHELD)} FROM {JOINED}"
    reported = [people(of, what) if isinstance(what, str) else what for _, what in WITHHELD]
    assert clean_room.run(sql, "merchant").rows() == [(of.height, *reported)]
    assert strict.run(sql, "merchant").rows() == [(of.height, *[None] * len(WITHHELD))]


def test_so_is_one_about_few_protected_values_or_all_but_few(strict: CleanRoom) -> None:
    conditions = (
        "p.score > 1000", "p.account_tier = 'Canary'", "p.score < 1000", "TRUE", "FALSE"
    )  # fmt: skip
    both = [form for c in conditions for form in (f"COUNTIF({c})", f"SUM(IF({c}, p.score, 0))")]
    got = strict.run(f"{AGG} {columns(both)} FROM {OPEN}", "merchant")
    assert got.rows() == [(None,) * 10]


# Forms of aggregates, and of the asker's side, that BigQuery answers.
REFUSED = [
    # a condition in another guise
    (f"{AGG} SUM(p.score * IF(u.id = 2, 1, 0)) AS x FROM {JOINED}", "computes with columns"),
    (f"{AGG} SUM(p.score * CAST(u.id = 2 AS INT64)) AS x FROM {JOINED}", "computes with columns"),
    (f"{AGG} SUM(NULLIF(p.score, 5)) AS x FROM {OPEN}", "computes with columns"),
    (f"{AGG} SUM(SAFE_DIVIDE(p.score, u.id - 3)) AS x FROM {JOINED}", "computes with columns"),
    (f"{AGG} SUM(COALESCE(p.score, u.id)) AS x FROM {JOINED}", "computes with columns"),
    (f"{AGG} SUM(GREATEST(p.score, 97)) AS x FROM {OPEN}", "computes with columns"),
    (f"{AGG} SUM(SIGN(p.score - 1000)) AS x FROM {OPEN}", "computes with columns"),
    (f"{AGG} SUM(FLOOR(p.score / 1000)) AS x FROM {OPEN}", "computes with columns"),
    (f"{AGG} SUM(ROUND(p.score, -3)) AS x FROM {OPEN}", "computes with columns"),
    (f"{AGG} SUM(MOD(u.id, 2)) AS x FROM {JOINED}", "computes with columns"),
    (f"{AGG} AVG(p.score + 1e9 * u.id) AS x FROM {JOINED}", "computes with columns"),
    (f"{AGG} SUM(CAST(p.score AS BOOL)) AS x FROM {OPEN}", "computes with columns"),
    (f"{AGG} SUM(CAST(p.is_verified_user AS INT64)) AS x FROM {OPEN}", "use COUNTIF"),
    (f"{AGG} SUM(IF(u.id = 2, p.score, 1)) AS x FROM {JOINED}", "two values"),
    (f"{AGG} SUM(IF(u.id = 2, p.score, p.score)) AS x FROM {JOINED}", "two values"),
    (
        f"{AGG} SUM(CASE WHEN u.id = 2 THEN p.score WHEN u.id = 3 THEN 0 END) AS x FROM {JOINED}",
        "computes",
    ),
    (f"{AGG} SUM(CASE u.id WHEN 2 THEN p.score END) AS x FROM {JOINED}", "computes with columns"),
    (f"{AGG} SUM(IF(u.id > 2, IF(u.id < 4, p.score, 0), 0)) AS x FROM {JOINED}", "computes"),
    (f"{AGG} COUNT(IF(u.id = 2, p.provider_user_id, p.score)) AS x FROM {JOINED}", "two values"),
    # what one unit decides
    (f"{AGG} LOGICAL_OR(u.id = 2) AS x FROM {JOINED}", "decided by one unit"),
    (f"{AGG} LOGICAL_AND(p.is_verified_user) AS x FROM {OPEN}", "decided by one unit"),
    (f"{AGG} SUM(DISTINCT p.score) AS x FROM {OPEN}", "decided by one unit"),
    (f"{AGG} COUNT(DISTINCT p.account_tier) AS x FROM {OPEN}", "not over a key"),
    (f"{AGG} APPROX_COUNT_DISTINCT(p.score) AS x FROM {OPEN}", "not over a key"),
    (f"{AGG} COUNT(p.account_tier) AS x FROM {OPEN}", "not over a key"),
    (f"{AGG} COUNT(NULLIF(u.id, 2)) AS x FROM {JOINED}", "not over a key"),
    # keys
    (f"{AGG} SUM(p.provider_user_id) AS x FROM {OPEN}", "over a key"),
    (f"{AGG} AVG(IF(u.id = 2, p.provider_user_id, NULL)) AS x FROM {JOINED}", "over a key"),
    (f"{AGG} CORR(p.score, p.provider_user_id) AS x FROM {OPEN}", "over a key"),
    (f"{AGG} STDDEV(CAST(p.provider_user_id AS FLOAT64)) AS x FROM {OPEN}", "over a key"),
    (f"{AGG} SUM(t.order_id) AS x FROM {PAID}", "over a key"),
    # weights and marks in the asker's own data
    (f"{AGG} SUM(u.id) AS x FROM {JOINED}", "your own table"),
    (f"{AGG} CORR(p.score, u.age) AS x FROM {JOINED}", "your own table"),
    (f"{AGG} COUNT(DISTINCT u.country) AS x FROM {JOINED}", "not over a key"),
    (f"{AGG} SUM(q.flag) AS x FROM {WITH_OWN.format(FLAGGED)}", "is a query"),
    (f"{AGG} COUNT(q.only) AS x FROM {WITH_OWN.format(FLAGGED)}", "is a query"),
    (f"{AGG} COUNT(*) AS x FROM {WITH_OWN.format(TWICE)}", "is a query"),
    (f"WITH q AS {TWICE} {AGG} COUNT(*) AS x FROM {WITH_OWN.format('q')}", "is a query"),
    (f"{AGG} AVG(p.score) AS x FROM {WITH_ORDERS}", "would repeat rows"),
    (f"{AGG} COUNT(*) AS x FROM {WITH_ORDERS}", "would repeat rows"),
    (
        f"{AGG} COUNT(*) AS x FROM {OPEN} JOIN `{M}.users` AS u ON u.email = p.email JOIN `{M}.users` AS v ON v.gender = u.gender",
        "would repeat rows",
    ),
]


@pytest.mark.parametrize(("sql", "said"), REFUSED, ids=[sql[:90] for sql, _ in REFUSED])
def test_other_forms_are_refused(strict: CleanRoom, sql: str, said: str) -> None:
    with pytest.raises(StrictModeError, match=said):
        strict.run(sql, "merchant")


@pytest.mark.slow
def test_bigquerys_rule_answers_the_other_forms(clean_room: CleanRoom) -> None:
    for sql, _ in REFUSED:
        assert clean_room.run(sql, "merchant").height == 1, sql


# What stays possible, with what it gives.
ANSWERED: list[tuple[str, Callable[[pl.DataFrame], object]]] = [
    ("COUNT(*)", lambda of: of.height),
    ("COUNT(p.email)", lambda of: of.height),
    ("COUNT(DISTINCT u.id)", lambda of: of["id"].n_unique()),
    ("COUNT(DISTINCT p.provider_user_id)", lambda of: of.height),
    ("APPROX_COUNT_DISTINCT(p.email) > 200", lambda of: True),
    ("SUM(p.score)", lambda of: of["score"].sum()),
    ("AVG(LENGTH(p.city))", lambda of: of["city"].str.len_chars().mean()),
    ("VAR_POP(CAST(p.score AS INT64))", lambda of: of["score"].cast(pl.Int64).var(ddof=0)),
    ("CORR(p.score, p.score) > 0.99", lambda of: True),
    ("COUNTIF(p.is_verified_user)", lambda of: of["is_verified_user"].sum()),
    (
        "SUM(IF(p.is_verified_user AND u.gender = 'F', 1, 0)) / COUNT(*)",
        lambda of: of.filter("is_verified_user", gender="F").height / of.height,
    ),
    ("SUM(IF(u.gender = 'F', p.score, 0))", lambda of: of.filter(gender="F")["score"].sum()),
    (
        "AVG(CASE WHEN u.gender = 'F' THEN p.score END)",
        lambda of: of.filter(gender="F")["score"].mean(),
    ),
    ("COUNT(DISTINCT IF(u.gender = 'F', u.id, NULL))", lambda of: of.filter(gender="F").height),
]


def test_questions_about_many_are_answered(clean_room: CleanRoom, strict: CleanRoom) -> None:
    sql = f"{AGG} {columns(one for one, _ in ANSWERED)} FROM {JOINED}"
    expected = [pytest.approx(by_hand(joined())) for _, by_hand in ANSWERED]
    assert list(strict.run(sql, "merchant").row(0)) == expected
    assert list(clean_room.run(sql, "merchant").row(0)) == expected


def test_the_threshold_of_a_condition_is_met_exactly(strict: CleanRoom) -> None:
    """Enough users satisfy the condition, and enough of the others do not."""
    all_ = made.provider_users().height
    counts = [THRESHOLD - 1, THRESHOLD, all_ - THRESHOLD, all_ - THRESHOLD + 1]
    asked = columns(f"COUNTIF(p.provider_user_id <= {count})" for count in counts)
    got = strict.run(f"{AGG} {asked} FROM {OPEN}", "merchant").row(0)
    assert got == (None, THRESHOLD, all_ - THRESHOLD, None)


def test_a_column_that_few_have_is_withheld(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The query has no condition, but the sum would be one person's value."""
    rare = made.provider_users().with_columns(
        score=pl.when(pl.col("provider_user_id") == 1).then("score")
    )
    for mode, expected in [(None, 777777.0), (StrictMode(), None)]:
        clean_room = made.clean_room(tmp_path_factory.mktemp("rare"), rare, mode)
        assert (
            clean_room.run(f"{AGG} SUM(p.score) AS x FROM {OPEN}", "merchant")["x"].item()
            == expected
        )


def test_one_query_no_longer_decodes_a_group(clean_room: CleanRoom, strict: CleanRoom) -> None:
    """Every customer's tier from one column for each, which BigQuery's threshold allows."""
    known = joined().filter(pl.col("id").is_between(1, 60))
    each = ", ".join(
        f"COUNTIF(u.id = {i} AND p.account_tier = 'Free') AS c{i}" for i in known["id"]
    )
    sql = f"{AGG} {each} FROM {JOINED}"
    reported = clean_room.run(sql, "merchant").row(0)
    assert reported == tuple((known["account_tier"] == "Free").cast(pl.Int64))
    with pytest.raises(StrictModeError, match="at most 20 aggregates, got 45"):
        strict.run(sql, "merchant")
    few = ", ".join(each.split(", ")[:20])
    assert strict.run(f"{AGG} {few} FROM {JOINED}", "merchant").row(0) == (None,) * 20


@pytest.mark.slow
def test_aggregates_are_counted_over_the_whole_query(strict: CleanRoom) -> None:
    one = f"{AGG} p.city, COUNT(*) AS n, SUM(p.score) AS s FROM {OPEN} GROUP BY 1"
    assert strict.run(" UNION ALL ".join([one] * 10), "merchant").height == 30
    with pytest.raises(StrictModeError, match="at most 20 aggregates"):
        strict.run(" UNION ALL ".join([one] * 11), "merchant")
    keys = f"{AGG} p.city FROM {OPEN} GROUP BY 1"
    with pytest.raises(StrictModeError, match="at most 20 aggregates"):
        strict.run(" UNION ALL ".join([keys] * 21), "merchant")


def test_a_withheld_value_does_not_show_in_having_or_order_by(strict: CleanRoom) -> None:
    mark = "COUNTIF(u.id = 2 AND p.account_tier = 'Free')"
    sql = f"{AGG} p.city FROM {JOINED} GROUP BY 1 HAVING {mark} {{}} ORDER BY {mark} DESC"
    for test in ("= 1", "= 0", "> -1"):
        assert strict.run(sql.format(test), "merchant").is_empty()


# The join restriction, where conditions about both sides together compare them.
RESTRICTED = f"`{P}.provider_users` AS p JOIN `{M}.users` AS u ON u.email = p.email"
CONDITIONS = [
    "(u.gender = 'F' AND p.is_verified_user) OR (u.gender = 'M' AND NOT p.is_verified_user)",
    "NOT (u.gender = 'F' AND p.is_verified_user)",
    "IF(u.gender = 'F', p.is_verified_user, NOT p.is_verified_user)",
    "CASE WHEN u.gender = 'F' THEN p.is_verified_user ELSE NOT p.is_verified_user END",
    "CASE WHEN u.gender = 'F' THEN p.is_verified_user END",
    "IF(u.gender = 'F' AND p.is_verified_user, TRUE, FALSE)",
]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_conditions_about_both_sides_are_joins(strict: CleanRoom, condition: str) -> None:
    for sql in (
        f"{AGG} COUNT(*) AS n FROM {RESTRICTED} WHERE {condition}",
        f"{AGG} {condition} AS k, COUNT(*) AS n FROM {RESTRICTED} GROUP BY k",
        f"{AGG} COUNTIF({condition}) AS n FROM {RESTRICTED}",
    ):
        with pytest.raises(JoinRestrictedError):
            strict.run(sql, "merchant")


def test_bigquerys_rule_takes_them_for_conditions(clean_room: CleanRoom) -> None:
    for condition in CONDITIONS[::2]:
        sql = f"{AGG} {condition} AS k, COUNTIF({condition}) AS n FROM {RESTRICTED} GROUP BY k"
        assert clean_room.run(sql, "merchant").height >= 1


def test_so_is_no_filter_and_no_conditional_aggregate(strict: CleanRoom) -> None:
    both = "u.gender = 'F' AND (p.is_verified_user AND p.score < 90)"
    sql = f"""{AGG} COUNTIF({both}) AS n, SUM(IF({both}, 1, 0)) AS s,
                COUNT(DISTINCT (IF({both}, u.id, NULL))) AS d, SUM(IF(u.gender = 'F', p.score, 0)),
                SUM(CASE WHEN {both} THEN p.score END) AS c
              FROM {RESTRICTED} WHERE u.age < 60 AND p.score < 95"""
    got = strict.run(sql, "merchant").row(0)
    assert got[0] == got[1] == got[2] > 50


def test_an_owner_reads_its_own_view_by_bigquerys_rule(strict: CleanRoom) -> None:
    got = strict.run(f"{AGG} SUM(p.provider_user_id) AS x FROM {OPEN}", "provider")
    assert got["x"].item() == made.provider_users()["provider_user_id"].sum()


def test_the_mode_is_no_part_of_bigquerys_json() -> None:
    policy = PrivacyPolicy.from_json(json.dumps(made.threshold()))
    strict = policy.model_copy(update={"strict_mode": StrictMode()})
    assert strict.to_json() == policy.to_json()
    assert strict.fingerprint == policy.fingerprint
    with pytest.raises(PolicyError, match="strict_mode"):
        PrivacyPolicy.from_json(json.dumps({**made.threshold(), "strict_mode": {}}))
    with pytest.raises(PolicyError, match="strict_mode is for views with"):
        PrivacyPolicy(
            differential_privacy_policy=PrivacyPolicy.from_json(
                json.dumps(made.private())
            ).differential_privacy_policy,
            strict_mode=StrictMode(),
        )


def test_differences_are_answered_in_both_modes(clean_room: CleanRoom, strict: CleanRoom) -> None:
    """Attacks that no mode stops, as the security page states."""
    tier = f"COUNTIF((u.age < 45 {{}}) AND p.account_tier = 'Free') FROM {JOINED}"
    sql = f"{AGG} {tier} ".replace(" FROM", " AS a FROM")
    for asked in (clean_room, strict):
        without, with_ = (
            asked.run(sql.format(f"AND u.id <> {ONE}" if out else ""), "merchant")["a"].item()
            for out in (True, False)
        )
        assert with_ - without == (people(joined(), "account_tier") == "Free") == 1


# A cast that fails for one tier alone, so that an error would tell who has it.
X = "CAST(IF(p.account_tier = 'Premium', 'x', '1') AS INT64)"
ERRORS = [
    f"COUNTIF({X} > 1) AS a, COUNTIF({X} > 2) AS b",
    f"COUNTIF({X} > 1 OR {X} > 2) AS a",
    f"COUNTIF({X} BETWEEN 1 AND 2) AS a",
    f"COUNTIF(CASE {X} WHEN 1 THEN TRUE WHEN 2 THEN FALSE END) AS a",
    f"COUNTIF(COALESCE({X}, {X}) > 1) AS a",
    f"SUM(IF({X} > 1, p.score, NULL)) AS a, SUM(IF({X} > 2, p.score, NULL)) AS b",
    f"SUM(IF({X} > 1 AND p.score > 1, p.score, NULL)) AS a",
    "COUNTIF(p.score < 9223372036854775807 + IF(p.account_tier = 'Premium', 1, 0)) AS a, "
    "COUNTIF(p.score > 9223372036854775807 + IF(p.account_tier = 'Premium', 1, 0)) AS b",
]


def test_no_error_tells_who_is_in_a_group_that_is_withheld(
    strict: CleanRoom, clean_room: CleanRoom
) -> None:
    """The database computes common subexpressions once, outside of the TRY of each use."""
    people = made.users().join(made.provider_users(), on="email")
    ids = [
        people.filter((pl.col("account_tier") == "Premium") == is_so)["id"].min()
        for is_so in (True, False)
    ]
    for asked in (strict, clean_room):
        for id_ in ids:
            for shown in ERRORS if asked is strict else ERRORS[:2]:
                assert (
                    asked.run(f"{AGG} {shown} FROM {JOINED} WHERE u.id = {id_}", "merchant").height
                    == 0
                )
            grouped = (
                f"{AGG} COUNT(*) AS n FROM {JOINED} WHERE u.id = {id_} GROUP BY {X} > 1, {X} > 2"
            )
            assert asked.run(grouped, "merchant").height == 0


def test_no_error_tells_of_one_person_under_differential_privacy(clean_room: CleanRoom) -> None:
    bounds = "contribution_bounds_per_group => (0, 1)"
    for id_ in range(1, 9):
        clean_room.run(
            "SELECT WITH DIFFERENTIAL_PRIVACY OPTIONS(epsilon=0.001, delta=1e-12) "
            f"SUM({X} + 1, {bounds}) AS a, SUM({X} + 2, {bounds}) AS b "
            f"FROM `{P}.private_joined` AS p JOIN `{M}.users` AS u ON u.email = p.email "
            f"WHERE u.id = {id_}",
            "merchant",
        )


def test_people_without_a_value_hide_nobody(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Units without a value do not count as excluded by a condition."""
    some = made.provider_users().with_columns(
        score=pl.when(pl.int_range(pl.len()) % 3 > 0).then("score")
    )
    mode = StrictMode(key_columns=("provider_user_id",))
    asked = made.clean_room(tmp_path_factory.mktemp("some"), some, strict=mode)
    shown = (
        f"SUM(p.score) AS everyone, SUM(IF(u.id != {ONE}, p.score, NULL)) AS others, "
        f"SUM(IF(u.id != {ONE}, p.score, 0)) AS again, SUM(IF(p.city = 'city 1', p.score, 0)) AS half"
    )
    answer = asked.run(f"{AGG} {shown} FROM {JOINED}", "merchant").row(0, named=True)
    assert (answer["others"], answer["again"]) == (None, None)
    assert answer["everyone"] is not None


def test_results_made_of_results_are_refused_before_they_are_written_out(
    clean_room: CleanRoom,
) -> None:
    chain = ", ".join(f"a{i} + a{i} AS a{i + 1}" for i in range(26))
    with pytest.raises(NotProvablySafeError, match="at most 8 times"):
        clean_room.run(f"{AGG} COUNT(*) AS a0, {chain} FROM {JOINED}", "merchant")
