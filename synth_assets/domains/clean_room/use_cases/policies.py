"""The policies under which the parties share."""

from __future__ import annotations

from synth_assets.domains.clean_room.analysis_rules import (
    AggregationThresholdPolicy,
    DifferentialPrivacyPolicy,
    JoinCondition,
    JoinRestrictionPolicy,
    PrivacyPolicy,
    StrictMode,
)

# Least number of users in a released group, and the column that identifies a user.
THRESHOLD, UNIT = 50, "email"
CLAUSE = "WITH AGGREGATION_THRESHOLD"


def list_overlap(*columns: str) -> PrivacyPolicy:
    """Rows are released to a party that joins them with its own rows on one of the columns.

    Args:
        columns: The columns that may be joined on.
    """
    return PrivacyPolicy(join_restriction_policy=_join(*columns))


def threshold(*keys: str) -> PrivacyPolicy:
    """Aggregates over enough users, joined on their e-mail addresses; in strict mode.

    Args:
        keys: Further columns that identify rows or people.
    """
    return PrivacyPolicy(
        aggregation_threshold_policy=AggregationThresholdPolicy(
            threshold=THRESHOLD, privacy_unit_column=UNIT
        ),
        join_restriction_policy=_join(UNIT),
        strict_mode=StrictMode(key_columns=keys),
    )


def private() -> PrivacyPolicy:
    """Aggregates with noise, limited by a privacy budget."""
    return PrivacyPolicy(
        differential_privacy_policy=DifferentialPrivacyPolicy(
            privacy_unit_column=UNIT,
            max_epsilon_per_query=1.0,
            epsilon_budget=10.0,
            delta_per_query=1e-6,
            delta_budget=1e-4,
        )
    )


def _join(*columns: str) -> JoinRestrictionPolicy:
    return JoinRestrictionPolicy(join_condition=JoinCondition.ANY, join_allowed_columns=columns)
