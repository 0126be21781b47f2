"""A policy has the contents of BigQuery's JSON, or is refused with a message."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_assets.core.errors import UserError
from synth_assets.domains.clean_room.analysis_rules import (
    AggregationThresholdPolicy,
    CleanRoom,
    Party,
    PrivacyPolicy,
    ProtectedView,
)
from synth_assets.domains.clean_room.analysis_rules.errors import PolicyError
from synth_assets_tests.domains.clean_room.analysis_rules.made import (
    VIEWS,
    join,
    private,
    threshold,
    users,
)

COLUMN = st.from_regex(r"\A[a-z_][a-z0-9_]{0,8}\Z")
JOINS = st.one_of(
    st.just(join("JOIN_BLOCKED")),
    st.builds(
        lambda how, columns: join(how, *columns),
        st.sampled_from(["JOIN_ANY", "JOIN_ALL", "JOIN_NOT_REQUIRED"]),
        st.lists(COLUMN, min_size=1, max_size=3, unique=True),
    ),
)
RULES = st.one_of(
    st.builds(threshold, COLUMN, st.integers(1, 10**6)),
    st.builds(
        lambda epsilon: private(max_epsilon_per_query=epsilon, epsilon_budget=epsilon * 3),
        st.floats(0.001, 1e10),
    ),
)
POLICIES = st.one_of(JOINS, RULES, st.builds(lambda one, other: {**one, **other}, JOINS, RULES))


@given(POLICIES)
def test_json_goes_in_and_out(policy: dict[str, object]) -> None:
    read = PrivacyPolicy.from_json(json.dumps(policy))
    assert json.loads(read.to_json()) == policy
    assert PrivacyPolicy.from_json(read.to_json()) == read


def test_both_spellings_of_the_unit_are_read() -> None:
    for value in ("email", ["email"]):
        policy = {"threshold": 3, "privacy_unit_columns": value}
        read = PrivacyPolicy.from_json(json.dumps({"aggregation_threshold_policy": policy}))
        assert read.unit == "email"


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ({}, "names no policy"),
        ([], "privacy_policy"),
        ({"threshold": 3}, "threshold"),
        (threshold(least=0), "greater than or equal to 1"),
        (threshold(least=-5), "greater than or equal to 1"),
        (threshold(least=True), "threshold"),  # type: ignore[arg-type]
        (threshold(least=2.5), "threshold"),  # type: ignore[arg-type]
        (threshold(least="50"), "threshold"),  # type: ignore[arg-type]
        (threshold(unit="a b"), "privacy_unit_column"),
        (threshold(unit=""), "privacy_unit_column"),
        ({"aggregation_threshold_policy": {"threshold": 5}}, "privacy_unit_column"),
        (
            {"aggregation_threshold_policy": {"threshold": 5, "privacy_unit_columns": ["a", "b"]}},
            "exactly one column",
        ),
        (
            {"aggregation_threshold_policy": {"threshold": 5, "privacy_unit_columns": []}},
            "exactly one column",
        ),
        (
            {
                "aggregation_threshold_policy": {
                    "threshold": 5,
                    "privacy_unit_columns": ["a"],
                    "privacy_unit_column": "a",
                }
            },
            "not both",
        ),
        ({**threshold(), "more": {}}, "more"),
        ({**threshold(), **private()}, "not both"),
        (join("JOIN_SOME", "a"), "JOIN_ANY"),
        (join("JOIN_ANY"), "At least one allowed column must be specified"),
        (
            join("JOIN_NOT_REQUIRED"),
            "At least one allowed column must be specified with "
            "join_condition = 'JOIN_NOT_REQUIRED'.",
        ),
        (join("JOIN_BLOCKED", "a"), "must be empty"),
        (join("JOIN_ANY", "a", "A"), "twice"),
        (private(max_epsilon_per_query=0), "max_epsilon_per_query"),
        (private(max_epsilon_per_query=1e16), "max_epsilon_per_query"),
        (private(epsilon_budget=1.0), "must not be below"),
        (private(delta_per_query=2), "delta_per_query"),
        (private(delta_budget=1001), "delta_budget"),
        (private(max_groups_contributed=-1), "max_groups_contributed"),
    ],
)
def test_what_is_no_policy_is_refused(policy: object, said: str) -> None:
    with pytest.raises(PolicyError) as refused:
        PrivacyPolicy.from_json(json.dumps(policy))
    assert said in str(refused.value)
    assert "pydantic" not in str(refused.value)


def test_text_that_is_no_json_is_refused() -> None:
    with pytest.raises(PolicyError, match="not valid"):
        PrivacyPolicy.from_json("{threshold: 5")


def test_a_policy_made_in_code_is_held_to_the_same() -> None:
    with pytest.raises(PolicyError, match="threshold"):
        AggregationThresholdPolicy(threshold=0, privacy_unit_column="email")
    with pytest.raises(PolicyError, match="names no policy"):
        PrivacyPolicy()


def test_a_policy_must_fit_its_view() -> None:
    policy = PrivacyPolicy.from_json(json.dumps(threshold("nobody")))
    view = ProtectedView("p.d.v", "SELECT * FROM `p.d.t`", policy)
    with pytest.raises(PolicyError, match=r"nobody.*email"):
        CleanRoom([Party("one", {"p.d.t": users()}, (view,))])


@pytest.mark.parametrize(
    "query", ["SELECT * FROM `p.d.other`", "SELECT 1 AS email", "SELECT nope AS email FROM `p.d.t`"]
)
def test_a_view_must_read_tables_of_its_owner(query: str) -> None:
    view = ProtectedView("p.d.v", query, PrivacyPolicy.from_json(json.dumps(threshold())))
    other = Party("two", {"p.d.other": users()})
    with pytest.raises(PolicyError, match="view"):
        CleanRoom([Party("one", {"p.d.t": users()}, (view,)), other])


@pytest.mark.parametrize("query", ["DROP TABLE x", "SELECT 1; SELECT 2", "SELECT FROM", ""])
def test_a_view_is_one_query(query: str) -> None:
    with pytest.raises(PolicyError, match=r"p\.d\.v"):
        ProtectedView("p.d.v", query, PrivacyPolicy.from_json(json.dumps(threshold())))


def test_an_unknown_party_is_named(clean_room: CleanRoom) -> None:
    with pytest.raises(UserError, match=r"unknown party 'stranger'.*merchant, provider"):
        clean_room.run("SELECT 1", "stranger")


def test_the_made_policies_are_told_apart() -> None:
    prints = {PrivacyPolicy.from_json(json.dumps(one)).fingerprint for _, one in VIEWS.values()}
    assert len(prints) == len({json.dumps(one) for _, one in VIEWS.values()})
