"""The rules of a clean room, and the engine that enforces them over DuckDB.

An owner describes what may be queried through a view (``policy``, ``views``; ``ddl`` writes the
same for BigQuery). ``engine`` is the entry point: it runs a party's query. The privacy clause is
removed from the query (``clauses``), the rest is checked against the allowed syntax (``grammar``,
``allowed_nodes``; texts by ``forms``), translated to DuckDB's meaning (``dialect``) and evaluated
SELECT by SELECT (``query_session``, ``query_tree``). A SELECT over protected views becomes a
``select_block`` of plain relations and column equalities. ``required_clause`` checks its clause,
``joins`` its joins, and ``release``, ``threshold`` or ``differential_privacy`` (with
``bounded_aggregate`` and ``noise``) decides which rows may leave. ``strict`` (with
``strict_forms``) checks each aggregate of a threshold release separately, if the owner requires it.
The statement that computes a release is rebuilt (``statement``) and runs in a database that holds
only its columns (``protected_database``). Everything around a release (HAVING, ORDER BY, outer
queries) reads the released rows only, in a ``sandbox`` of its own. ``limits`` stops queries that
take too long, ``privacy_budget`` records what was spent, ``errors`` explains refusals.
"""

from __future__ import annotations

from synth_assets.domains.clean_room.analysis_rules.ddl import bigquery_script, create_view
from synth_assets.domains.clean_room.analysis_rules.engine import CleanRoom
from synth_assets.domains.clean_room.analysis_rules.policy import (
    AggregationThresholdPolicy,
    DifferentialPrivacyPolicy,
    JoinCondition,
    JoinRestrictionPolicy,
    PrivacyPolicy,
    StrictMode,
)
from synth_assets.domains.clean_room.analysis_rules.privacy_budget import PrivacyBudgets
from synth_assets.domains.clean_room.analysis_rules.views import Party, ProtectedView

__all__ = [
    "AggregationThresholdPolicy",
    "CleanRoom",
    "DifferentialPrivacyPolicy",
    "JoinCondition",
    "JoinRestrictionPolicy",
    "Party",
    "PrivacyBudgets",
    "PrivacyPolicy",
    "ProtectedView",
    "StrictMode",
    "bigquery_script",
    "create_view",
]
