"""Who shares what with whom: the parties' tables, their protected views, and the room.

A table is ``<project>.<schema>.<table>``, as in BigQuery. The view through which another party
sees it is called the same, in a data set that has the use case's name; so a query that was
written for the tables needs no more than the data set changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from string import Formatter

import polars as pl

from synth_assets.core.model import TableView
from synth_assets.domains.clean_room.analysis_rules import (
    CleanRoom,
    Party,
    PrivacyBudgets,
    PrivacyPolicy,
    ProtectedView,
)
from synth_assets.domains.clean_room.scenario import SPLITS, CleanRoomScenario, scenario_of
from synth_assets.domains.clean_room.snapshot.window import SUFFIXES, of_split
from synth_assets.domains.clean_room.tables import (
    order_items,
    orders,
    provider_users,
    transactions,
    users,
)

MERCHANT, PROVIDER = "merchant", "provider"
# Whoever has made the data on one machine.
OWNER_OF_BOTH = "the owner of both"
OWNED = {
    MERCHANT: (users.NAME, orders.NAME, order_items.NAME),
    PROVIDER: (provider_users.NAME, transactions.NAME),
}
OWNER = {table: party for party, tables in OWNED.items() for table in tables}
TABLES = tuple(OWNER)
# Reads a table's split.
Read = Callable[[str, str], pl.LazyFrame]


@dataclass(frozen=True)
class UseCase:
    """A question that a party asks of the other's data.

    ``policies`` has the policy of each table that the other party shares for it, ``columns`` what
    it shares of a table whose rows leave as they are. ``query`` has the name of a table wherever
    it stands in braces, and ``{clause}`` where a privacy clause has its place; ``clause`` is the
    one that its policies ask for.
    """

    name: str
    asker: str
    policies: dict[str, PrivacyPolicy]
    query: str
    clause: str = ""
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def tables(self) -> set[str]:
        """The tables that the query reads."""
        return {field for _, field, _, _ in Formatter().parse(self.query) if field in OWNER}

    def printed(self, scenario: CleanRoomScenario, split: str) -> str:
        """The query over the tables themselves, without a clause."""
        names = {table: base_name(scenario, table, split) for table in TABLES}
        return self.query.format(clause="", **_quoted(names))

    def protected(
        self, scenario: CleanRoomScenario, split: str, *, with_clause: bool = True
    ) -> str:
        """The query over the asker's own tables and the other party's views."""
        names = {
            table: view_name(scenario, self, table, split)
            if table in self.policies
            else base_name(scenario, table, split)
            for table in TABLES
        }
        clause = f" {self.clause}" if self.clause and with_clause else ""
        return self.query.format(clause=clause, **_quoted(names))

    def answer(self, stored: TableView, split: str) -> pl.LazyFrame:
        """What the room answers about a split; in no order."""
        scenario = scenario_of(stored)
        room = open_room([self], scenario, lambda table, key: of_split(stored, table, key), [split])
        return room.run(self.protected(scenario, split), self.asker).lazy()


def open_room(
    use_cases: Sequence[UseCase],
    scenario: CleanRoomScenario,
    read: Read,
    splits: Sequence[str] = SPLITS,
    budget: PrivacyBudgets | None = None,
) -> CleanRoom:
    """A room in which the views of these use cases are shared."""
    return CleanRoom(parties(use_cases, scenario, read, splits), budget)


def open_unprotected(scenario: CleanRoomScenario, read: Read) -> CleanRoom:
    """A room of one party, who owns the tables of both: nothing in it is protected."""
    tables = {base_name(scenario, t, s): read(t, s) for t in TABLES for s in SPLITS}
    return CleanRoom([Party(OWNER_OF_BOTH, tables)])


def parties(
    use_cases: Sequence[UseCase],
    scenario: CleanRoomScenario,
    read: Read,
    splits: Sequence[str] = SPLITS,
) -> list[Party]:
    """The merchant and the provider, with their tables and the views that they share."""
    return [
        Party(
            party,
            {base_name(scenario, t, split): read(t, split) for t in tables for split in splits},
            tuple(
                _shared(scenario, use_case, table, split)
                for use_case in use_cases
                for table in use_case.policies
                if OWNER[table] == party
                for split in splits
            ),
        )
        for party, tables in OWNED.items()
    ]


def _shared(
    scenario: CleanRoomScenario, use_case: UseCase, table: str, split: str
) -> ProtectedView:
    columns = ", ".join(use_case.columns.get(table, ("*",)))
    return ProtectedView(
        view_name(scenario, use_case, table, split),
        f"SELECT {columns} FROM `{base_name(scenario, table, split)}`",
        _policy(scenario, use_case, table),
        f"{table} of the {OWNER[table]}, shared for {use_case.name.replace('_', ' ')}.",
    )


def _policy(scenario: CleanRoomScenario, use_case: UseCase, table: str) -> PrivacyPolicy:
    policy = use_case.policies[table]
    if scenario.policy_mode == "strict":
        return policy
    return policy.model_copy(update={"strict_mode": None})


def base_name(scenario: CleanRoomScenario, table: str, split: str) -> str:
    """The name of a table's split, by which its owner reads it."""
    party = OWNER[table]
    place = f"{scenario.project_of(party)}.{scenario.data_set_of(party)}"
    return f"{place}.{table}{SUFFIXES[split]}"


def view_name(scenario: CleanRoomScenario, use_case: UseCase, table: str, split: str) -> str:
    """The name of the view through which a table's split is shared for a use case."""
    return f"{scenario.project_of(OWNER[table])}.{use_case.name}.{table}{SUFFIXES[split]}"


def _quoted(names: dict[str, str]) -> dict[str, str]:
    return {table: f"`{name}`" for table, name in names.items()}
