"""The privacy clause that the views of a SELECT require."""

from __future__ import annotations

from collections.abc import Mapping

from synth_assets.domains.clean_room.analysis_rules.clauses import (
    PRIVACY,
    THRESHOLD,
    PrivacyClause,
)
from synth_assets.domains.clean_room.analysis_rules.errors import (
    NotProvablySafeError,
    PrivacyClauseRequiredError,
    PrivacyOptionError,
)
from synth_assets.domains.clean_room.analysis_rules.select_block import Source


def check_clause(sources: Mapping[str, Source], clause: PrivacyClause | None) -> None:
    """Refuse a SELECT without the clause that its views require.

    Args:
        sources: The relations of the SELECT.
        clause: Its privacy clause, if it has one.

    Raises:
        NotProvablySafeError: The views require different clauses.
        PrivacyClauseRequiredError: The required clause is missing.
        PrivacyOptionError: The clause is for views with a policy that none of them has.
    """
    policies = [source.policy for source in sources.values() if source.policy]
    needed = {THRESHOLD for one in policies if one.aggregation_threshold_policy}
    needed |= {PRIVACY for one in policies if one.differential_privacy_policy}
    if len(needed) > 1:
        raise NotProvablySafeError(
            "views with an aggregation threshold and views with differential privacy cannot be "
            "read by the same SELECT"
        )
    for kind in needed:
        if clause is None or clause.kind != kind:
            raise PrivacyClauseRequiredError(kind)
    if clause and clause.kind == PRIVACY and not needed:
        raise PrivacyOptionError(
            "SELECT WITH DIFFERENTIAL_PRIVACY is for views that have a differential privacy policy"
        )
