"""The clean room of the console: opened as ``synth clean-room query`` opens it.

The engine, its limits, its privacy budgets and the words of its refusals are those of the domain.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
import streamlit as st

from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain, TableView
from synth_assets.core.schema import polars_schema
from synth_assets.domains.clean_room.analysis_rules import (
    CleanRoom,
    Party,
    PrivacyBudgets,
    PrivacyPolicy,
    bigquery_script,
)
from synth_assets.domains.clean_room.analysis_rules.errors import (
    BudgetExhaustedError,
    DeltaTooHighError,
    EpsilonTooHighError,
    JoinRestrictedError,
    PrivacyClauseRequiredError,
    RefusedError,
    StrictModeError,
)
from synth_assets.domains.clean_room.domain import SHARED
from synth_assets.domains.clean_room.scenario import DOMAIN, scenario_of
from synth_assets.domains.clean_room.snapshot.window import of_split
from synth_assets.domains.clean_room.use_cases import budgets
from synth_assets.domains.clean_room.use_cases.guidance import guide
from synth_assets.domains.clean_room.use_cases.sharing import (
    OWNED,
    OWNER,
    Read,
    UseCase,
    base_name,
    open_clean_room,
    parties,
    view_name,
)
from synth_assets.studio.context import Studio, current

PARTIES = tuple(OWNED)
# Refusals with a message that is BigQuery's own.
IN_BIGQUERYS_WORDS = (
    PrivacyClauseRequiredError,
    JoinRestrictedError,
    EpsilonTooHighError,
    DeltaTooHighError,
    BudgetExhaustedError,
)


@dataclass(frozen=True)
class Relation:
    """A table or view that a party may name in a query.

    Attributes:
        name: Its name in queries.
        columns: Its columns with their types.
        policy: What its owner allows; None for a table of the party itself.
        description: What it is shared for.
    """

    name: str
    columns: dict[str, str]
    policy: PrivacyPolicy | None = None
    description: str = ""


@dataclass(frozen=True)
class Room:
    """An open clean room, with the budgets that its queries spend."""

    engine: CleanRoom
    budgets: PrivacyBudgets
    stored: TableView
    splits: tuple[str, ...]


@st.cache_resource(ttl=60, max_entries=2, show_spinner="The clean room opens …")
def open_room(home: str, *, read_only: bool) -> Room:
    """The clean room over what is stored.

    Args:
        home: The home.
        read_only: Whether queries may spend nothing of a budget.
    """
    studio = current()
    stored = view_of(studio)
    scenario = scenario_of(stored)
    splits = tuple(stored.partition_stats)
    accounts = budgets.privacy_budgets(studio.home, SHARED, stored)

    def read(table: str, split: str) -> pl.LazyFrame:
        return of_split(stored, table, split)

    engine = open_clean_room(SHARED, scenario, read, splits, budget=None if read_only else accounts)
    return Room(engine, accounts, stored, splits)


def view_of(studio: Studio) -> TableView:
    """A view of a table that both splits of a snapshot are read through.

    Args:
        studio: Where tables are stored.
    """
    domain = studio.domain(DOMAIN)
    table = domain.table(OWNED[PARTIES[0]][0])
    return TableView(domain, table, (), studio.open_stores(), domain.scenario)


def ask(room: Room, party: str, sql: str) -> pl.DataFrame:
    """The rows that may leave the clean room.

    Args:
        room: The clean room.
        party: Who asks.
        sql: The query.

    Raises:
        UserError: The query is refused.
    """
    guide(sql, party, SHARED, scenario_of(room.stored))
    return room.engine.run(sql, party)


def refusal(error: UserError) -> tuple[str, str]:
    """The rule that refused a query, and what BigQuery would say of it.

    Args:
        error: The refusal.
    """
    rule = "" if type(error) is UserError else (type(error).__doc__ or "").strip().splitlines()[0]
    if isinstance(error, IN_BIGQUERYS_WORDS):
        return rule, f"The same: {str(error).partition(' (')[0]}"
    if isinstance(error, StrictModeError):
        return rule, "BigQuery answers it; views here have a policy in strict mode."
    if isinstance(error, RefusedError):
        return rule, (
            "BigQuery refuses it in its own words, or answers where it can prove what this engine "
            "cannot: the rules are stricter here, never weaker."
        )
    return rule, "Nothing: the query did not reach a rule."


def own_tables(domain: Domain, party: str, splits: tuple[str, ...]) -> list[Relation]:
    """The tables of a party.

    Args:
        domain: The clean room.
        party: The party.
        splits: The splits that are stored.
    """
    scenario = scenario_of(domain)
    return [
        Relation(base_name(scenario, table, split), _columns(domain, table))
        for split in splits
        for table in OWNED[party]
    ]


def views_for(domain: Domain, party: str, splits: tuple[str, ...]) -> list[Relation]:
    """The views that the other party shares with a party.

    Args:
        domain: The clean room.
        party: The party that asks.
        splits: The splits that are stored.
    """
    shared = parties(SHARED, scenario_of(domain), _empty(domain), splits)
    found = {v.name: v for other in shared if other.name != party for v in other.views}
    relations = []
    for split in splits:
        for use_case, table in shared_with(party):
            name = view_name(scenario_of(domain), use_case, table, split)
            kept = use_case.columns.get(table)
            columns = _columns(domain, table)
            shown = {n: t for n, t in columns.items() if kept is None or n in kept}
            relations.append(Relation(name, shown, found[name].policy, found[name].description))
    return relations


def shared_with(party: str) -> list[tuple[UseCase, str]]:
    """The use cases with the tables that others share for them.

    Args:
        party: The party that asks.
    """
    return [(use, table) for use in SHARED for table in use.policies if OWNER[table] != party]


def ddl(domain: Domain, party: str) -> str:
    """The statements that create the views of a party in BigQuery.

    Args:
        domain: The clean room.
        party: The party that shares them.
    """
    shared: list[Party] = parties(SHARED, scenario_of(domain), _empty(domain))
    return bigquery_script([one for one in shared if one.name == party])


def _empty(domain: Domain) -> Read:
    """Reads every table without its rows."""
    return lambda table, split: pl.LazyFrame(schema=polars_schema(domain.table(table).schema))


def _columns(domain: Domain, table: str) -> dict[str, str]:
    return {name: str(t) for name, t in polars_schema(domain.table(table).schema).items()}
