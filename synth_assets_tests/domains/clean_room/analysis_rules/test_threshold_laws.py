"""Random queries: answers are the reference without its small groups, and without the canary."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from synth_assets.domains.clean_room.analysis_rules import CleanRoom
from synth_assets.domains.clean_room.analysis_rules.errors import RefusedError
from synth_assets_tests.domains.clean_room.analysis_rules import made
from synth_assets_tests.domains.clean_room.analysis_rules.made import CANARY, M, P

FEW = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
COLUMNS = ["p.account_tier", "p.city", "p.is_verified_user", "u.gender", "u.country"]
KEYS = {name: pl.col(name.partition(".")[2]) for name in COLUMNS}
VALUES = {
    "COUNT(*)": pl.len(),
    "COUNT(DISTINCT p.email)": pl.col("email").n_unique(),
    "SUM(p.score)": pl.col("score").sum(),
    "AVG(u.age)": pl.col("age").mean(),
    "COUNTIF(p.score > 40)": (pl.col("score") > 40).sum(),
    "LOGICAL_OR(p.is_verified_user)": pl.col("is_verified_user").any(),
    "STDDEV_SAMP(p.score)": pl.col("score").std(),
    "SUM(p.score * p.provider_user_id)": (pl.col("score") * pl.col("provider_user_id")).sum(),
}
FILTERS = {
    "TRUE": pl.lit(True),
    "p.score > 20": pl.col("score") > 20,
    "u.age < 40 AND p.city <> 'city 1'": (pl.col("age") < 40) & (pl.col("city") != "city 1"),
    "u.id <= 120": pl.col("id") <= 120,
}
KEY = st.sampled_from(sorted(KEYS))
SAFE = st.tuples(
    st.lists(KEY, min_size=1, max_size=3, unique=True),
    st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=4, unique=True),
    st.sampled_from(sorted(FILTERS)),
    st.integers(made.THRESHOLD, 90),
)


@FEW
@given(SAFE)
def test_a_safe_query_gives_the_reference_without_small_groups(
    clean_room: CleanRoom, query: tuple[list[str], list[str], str, int]
) -> None:
    keys, values, where, least = query
    names = [f"v{i}" for i in range(len(values))]
    shown = ", ".join([*keys, *(f"{v} AS {n}" for v, n in zip(values, names, strict=True))])
    sql = f"""SELECT WITH AGGREGATION_THRESHOLD OPTIONS(threshold={least}) {shown}
        FROM `{P}.provider_users` AS p JOIN `{M}.users` AS u ON p.email = u.email
        WHERE {where} GROUP BY {", ".join(keys)}"""
    expected = (
        made.provider_users()
        .join(made.users(), on="email")
        .filter(FILTERS[where])
        .group_by([KEYS[key] for key in keys])
        .agg(
            *(VALUES[v].alias(n) for v, n in zip(values, names, strict=True)),
            pl.col("email").n_unique().alias("units"),
        )
        .filter(pl.col("units") >= least)
        .drop("units")
    )
    got = clean_room.run(sql, "merchant")
    assert got.columns == expected.columns
    assert_frame_equal(got, expected, check_row_order=False, check_dtypes=False)


PIECES = st.sampled_from(
    [
        "p.account_tier",
        "p.city",
        "p.score",
        "p.email",
        "u.email",
        "u.id",
        "u.gender",
        "*",
        "COUNT(*)",
        "SUM(p.score)",
        "MAX(p.score)",
        "COUNT(DISTINCT p.account_tier)",
        "COUNT(DISTINCT p.email)",
        "COUNTIF(p.account_tier = 'Canary')",
        "p.account_tier || u.gender",
        "IF(p.score > 1000, p.account_tier, 'x')",
        "ROW_NUMBER() OVER (ORDER BY p.score)",
        "(SELECT MAX(score) FROM `wallet.ewallet_provider.open_users`)",
        "1",
    ]
)
CONDITIONS = st.sampled_from(
    [
        "TRUE",
        "p.account_tier = 'Canary'",
        "p.score > 1000 OR p.score = 5",
        f"p.email = '{CANARY}'",
        f"u.email = '{CANARY}'",
        "u.id = 0",
        "COUNT(*) > 0",
        "COUNT(*) < 3",
        "SUM(p.score) > 700000",
        "p.email IS NOT NULL",
        "EXISTS (SELECT 1 FROM `wallet.ewallet_provider.open_users` AS q WHERE q.score > 1000)",
    ]
)
RANDOM = st.fixed_dictionaries(
    {
        "clause": st.sampled_from(["", "WITH AGGREGATION_THRESHOLD", "DISTINCT"]),
        "shown": st.lists(PIECES, min_size=1, max_size=3),
        "view": st.sampled_from(["open_users", "provider_users"]),
        "how": st.sampled_from(["JOIN", "JOIN", "LEFT JOIN", "RIGHT JOIN", "CROSS JOIN"]),
        "on": st.sampled_from(["ON p.email = u.email", "USING (email)", "ON TRUE", ""]),
        "where": CONDITIONS,
        "group": st.lists(PIECES, max_size=2),
        "having": CONDITIONS,
        "order": PIECES,
        "around": st.sampled_from(
            [
                "{}",
                "SELECT * FROM ({}) AS x",
                "WITH x AS ({}) SELECT * FROM x",
                "WITH x AS ({}) SELECT * FROM x UNION ALL SELECT * FROM x",
                "{} LIMIT 5",
            ]
        ),
    }
)


@pytest.fixture(scope="module")
def without_canary(tmp_path_factory: pytest.TempPathFactory) -> CleanRoom:
    people = made.provider_users().filter(pl.col("email") != CANARY)
    return made.clean_room(tmp_path_factory.mktemp("neighbour"), people)


def _sql(parts: dict[str, object]) -> str:
    shown, group = (", ".join(parts[name]) for name in ("shown", "group"))  # type: ignore[call-overload]
    query = (
        f"SELECT {parts['clause']} {shown} FROM `{P}.{parts['view']}` AS p "
        f"{parts['how']} `{M}.users` AS u {parts['on']} WHERE {parts['where']} "
        + (f"GROUP BY {group} HAVING {parts['having']} ORDER BY {parts['order']}" if group else "")
    )
    return str(parts["around"]).format(query)


def _outcome(clean_room: CleanRoom, sql: str) -> pl.DataFrame | str:
    try:
        return clean_room.run(sql, "merchant")
    except RefusedError as refused:
        return str(refused)


@settings(FEW, max_examples=40)
@given(RANDOM)
def test_no_query_tells_whether_the_canary_is_there(
    clean_room: CleanRoom, without_canary: CleanRoom, parts: dict[str, object]
) -> None:
    """The canary is alone in its tier: queries by tier are the same on the neighbouring data."""
    sql = _sql(parts)
    there, gone = _outcome(clean_room, sql), _outcome(without_canary, sql)
    if isinstance(there, str) or isinstance(gone, str):
        assert there == gone
        return
    shown = there.select(pl.all().cast(pl.String)).rows()
    assert not any("Canary" in str(cell) or "777777" in str(cell) for row in shown for cell in row)
    if "p.account_tier" in parts["group"]:  # type: ignore[operator]
        assert_frame_equal(there, gone, check_row_order=False)


def test_the_random_queries_are_not_all_refused(clean_room: CleanRoom) -> None:
    parts = {
        "clause": "WITH AGGREGATION_THRESHOLD",
        "shown": ["p.account_tier", "COUNT(*)"],
        "view": "provider_users",
        "how": "JOIN",
        "on": "ON p.email = u.email",
        "where": "TRUE",
        "group": ["p.account_tier"],
        "having": "COUNT(*) > 0",
        "order": "p.account_tier",
        "around": "WITH x AS ({}) SELECT * FROM x",
    }
    got = _outcome(clean_room, _sql(parts))
    assert isinstance(got, pl.DataFrame)
    assert got.height == 2


@pytest.mark.parametrize("least", [49, 50, 51])
def test_the_threshold_is_met_exactly(tmp_path: Path, least: int) -> None:
    people = made.provider_users().head(50).with_columns(city=pl.lit("x"))
    # Fifty units, one of them twice and two rows of no unit: neither counts as more.
    odd = pl.concat([people, people.head(1), people.head(2).with_columns(email=pl.lit(None, str))])
    clean_room = made.clean_room(tmp_path, odd)
    sql = f"""SELECT WITH AGGREGATION_THRESHOLD OPTIONS(threshold={max(least, 50)}) city, COUNT(*)
              AS n FROM `{P}.open_users` GROUP BY city"""
    got = clean_room.run(sql, "merchant")
    assert got["n"].to_list() == ([53] if least <= 50 else [])
