"""The rules of a clean room, and the engine that enforces them over DuckDB.

An owner describes what may be asked of a view (``policy``, ``views``; ``ddl`` says the same to
BigQuery). ``room`` is the door: it runs a party's query. On its way a query is freed of its
privacy clause (``clauses``), held against what is understood (``grammar``; texts by ``forms``), put
into the words that mean the same to DuckDB (``dialect``) and read SELECT by SELECT (``reading``).
A SELECT over protected views becomes a ``block`` of plain relations and column equalities;
``joins`` checks its joins, and one of ``overlap``, ``threshold`` and ``differential_privacy``
releases what may leave; ``strict`` looks at each aggregate of a threshold release by itself, where
the owner wants that. What a release computes is written anew (``statement``) and runs in a database
that holds its columns alone (``vault``). Everything around a release (HAVING, ORDER BY, outer
queries) sees the release alone, in a connection of its own (``enclosure``). ``limits`` ends what
takes too long, ``budget`` remembers what was spent, ``errors`` says why something was refused.
"""

from __future__ import annotations

from synth_assets.domains.clean_room.analysis_rules.budget import BudgetLedger
from synth_assets.domains.clean_room.analysis_rules.ddl import bigquery_script, create_view
from synth_assets.domains.clean_room.analysis_rules.policy import (
    AggregationThresholdPolicy,
    DifferentialPrivacyPolicy,
    JoinCondition,
    JoinRestrictionPolicy,
    PrivacyPolicy,
    StrictMode,
)
from synth_assets.domains.clean_room.analysis_rules.room import CleanRoom
from synth_assets.domains.clean_room.analysis_rules.views import Party, ProtectedView

__all__ = [
    "AggregationThresholdPolicy",
    "BudgetLedger",
    "CleanRoom",
    "DifferentialPrivacyPolicy",
    "JoinCondition",
    "JoinRestrictionPolicy",
    "Party",
    "PrivacyPolicy",
    "ProtectedView",
    "StrictMode",
    "bigquery_script",
    "create_view",
]
