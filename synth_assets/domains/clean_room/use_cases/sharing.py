"""What each party shares: the parties' tables, their protected views, and the clean room.

A table is ``<project>.<schema>.<table>``, as in BigQuery. The view of it for the other party has
the same name in a data set with the use case's name. A query over the tables therefore becomes a
query over the views by a change of data sets.
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
# The user who has generated the data of both parties on one machine.
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
    """A query of a party, the ``asker``, over the other party's data.

    ``policies`` has the policy of each table that the other party shares for it, ``columns`` the
    shared columns of tables with rows that are released unchanged. ``query`` has table names in
    braces, and ``{clause}`` in the place of the privacy clause; ``clause`` is the one that the
    policies require.
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
        """The query over the tables themselves, without a clause.

        Args:
            scenario: The scenario, which has the names of projects and data sets.
            split: The split.
        """
        names = {table: base_name(scenario, table, split) for table in TABLES}
        return self.query.format(clause="", **_quoted(names))

    def protected(
        self, scenario: CleanRoomScenario, split: str, *, with_clause: bool = True
    ) -> str:
        """The query over the asker's own tables and the other party's views.

        Args:
            scenario: The scenario, which has the names of projects and data sets.
            split: The split.
            with_clause: Whether the query has its privacy clause.
        """
        names = {
            table: view_name(scenario, self, table, split)
            if table in self.policies
            else base_name(scenario, table, split)
            for table in TABLES
        }
        clause = f" {self.clause}" if self.clause and with_clause else ""
        return self.query.format(clause=clause, **_quoted(names))

    def answer(self, stored: TableView, split: str) -> pl.LazyFrame:
        """The clean room's answer for a split, in no particular order.

        Args:
            stored: Any table of the domain.
            split: The split.
        """
        scenario = scenario_of(stored)

        def read(table: str, key: str) -> pl.LazyFrame:
            return of_split(stored, table, key)

        clean_room = open_clean_room([self], scenario, read, [split])
        return clean_room.run(self.protected(scenario, split), self.asker).lazy()


def open_clean_room(
    use_cases: Sequence[UseCase],
    scenario: CleanRoomScenario,
    read: Read,
    splits: Sequence[str] = SPLITS,
    budget: PrivacyBudgets | None = None,
) -> CleanRoom:
    """A clean room in which the views of some use cases are shared.

    Args:
        use_cases: The use cases.
        scenario: The scenario, which has names and the policy mode.
        read: Reads a table's split.
        splits: The splits that are shared.
        budget: The privacy budgets; needed for differentially private views only.
    """
    return CleanRoom(parties(use_cases, scenario, read, splits), budget)


def open_unprotected(scenario: CleanRoomScenario, read: Read) -> CleanRoom:
    """A clean room of one party, which owns all tables: nothing in it is protected.

    Args:
        scenario: The scenario, which has the names of projects and data sets.
        read: Reads a table's split.
    """
    tables = {base_name(scenario, t, s): read(t, s) for t in TABLES for s in SPLITS}
    return CleanRoom([Party(OWNER_OF_BOTH, tables)])


def parties(
    use_cases: Sequence[UseCase],
    scenario: CleanRoomScenario,
    read: Read,
    splits: Sequence[str] = SPLITS,
) -> list[Party]:
    """The merchant and the provider, with their tables and the views that they share.

    Args:
        use_cases: The use cases.
        scenario: The scenario, which has names and the policy mode.
        read: Reads a table's split.
        splits: The splits that are shared.
    """
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
    """The name of a table's split in queries of its owner.

    Args:
        scenario: The scenario, which has the names of projects and data sets.
        table: A party's table.
        split: The split.
    """
    party = OWNER[table]
    place = f"{scenario.project_of(party)}.{scenario.data_set_of(party)}"
    return f"{place}.{table}{SUFFIXES[split]}"


def view_name(scenario: CleanRoomScenario, use_case: UseCase, table: str, split: str) -> str:
    """The name of the view of a table's split for a use case.

    Args:
        scenario: The scenario, which has the names of projects.
        use_case: The use case.
        table: The owner's table.
        split: The split.
    """
    return f"{scenario.project_of(OWNER[table])}.{use_case.name}.{table}{SUFFIXES[split]}"


def _quoted(names: dict[str, str]) -> dict[str, str]:
    return {table: f"`{name}`" for table, name in names.items()}
