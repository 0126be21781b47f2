"""The entry point of the clean room: parties with their data go in, answers to queries come out.

Every query runs on empty tables first (the dry run). Errors of the query appear there, where a
message reveals no data and no budget is spent. Then the budget is charged and the query runs on
the data.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace

import duckdb
import polars as pl
import pyarrow as pa
from sqlglot import exp

from synth_assets.core.errors import UnknownNameError, UserError
from synth_assets.domains.clean_room.analysis_rules.catalogue import secret_name
from synth_assets.domains.clean_room.analysis_rules.clauses import QueryText
from synth_assets.domains.clean_room.analysis_rules.errors import PolicyError, RefusedError
from synth_assets.domains.clean_room.analysis_rules.grammar import parsed
from synth_assets.domains.clean_room.analysis_rules.limits import Limits, Watchdog
from synth_assets.domains.clean_room.analysis_rules.privacy_budget import PrivacyBudgets, Spend
from synth_assets.domains.clean_room.analysis_rules.query_session import QuerySession
from synth_assets.domains.clean_room.analysis_rules.sandbox import Sandbox
from synth_assets.domains.clean_room.analysis_rules.select_block import Source
from synth_assets.domains.clean_room.analysis_rules.views import (
    Party,
    ProtectedView,
    dotted,
    relation,
)

COULD_NOT = "the query could not be computed over the data; no detail is given, since it would tell"
FAULT = "the query cannot be computed here: it leads to a fault of the engine; write it differently"


class CleanRoom:
    """Parties, what they share, and the only method to query it.

    Args:
        parties: The parties, with their tables and the views that they share.
        budget: The privacy budgets; without them no differentially private query can run.
        limits: Time and memory of a query; by default those of the environment.
    """

    def __init__(
        self,
        parties: Iterable[Party],
        budget: PrivacyBudgets | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._limits = limits or Limits.from_environment()
        self._parties = {party.name: party for party in parties}
        self._budget = budget
        self._tables: dict[str, tuple[Party, pl.LazyFrame]] = {}
        self._views: dict[str, tuple[Party, ProtectedView]] = {}
        for party in self._parties.values():
            for name, frame in party.tables.items():
                self._refuse_second(name)
                self._tables[name] = (party, frame.lazy())
            for view in party.views:
                self._refuse_second(view.name)
                self._views[view.name] = (party, view)
        self._internal = {name: f"relation_{i}" for i, name in enumerate(self._names)}
        # Each table and view computed over empty tables, for dry runs.
        self._without_rows: dict[str, pa.Table] = {}
        self._sources = self._described()

    def run(self, sql: str, party: str) -> pl.DataFrame:
        """Run a party's query under the rules.

        Args:
            sql: One SELECT in BigQuery's SQL.
            party: The name of the querying party.

        Returns:
            The rows that may leave the clean room.

        Raises:
            UnknownNameError: There is no such party.
            RefusedError: The query is not allowed or cannot be computed; the text says why.
        """
        if party not in self._parties:
            raise UnknownNameError("party", party, sorted(self._parties))
        watchdog = Watchdog(self._limits)
        try:
            return watchdog.run(lambda: self._answer(sql, party, watchdog))
        except (UserError, KeyboardInterrupt):
            raise
        except BaseException:  # a panic is no Exception, and a traceback can show data
            raise RefusedError(FAULT) from None

    def _answer(self, sql: str, party: str, watchdog: Watchdog) -> pl.DataFrame:
        query_text = QueryText(sql)
        readable = {
            name: replace(source, internal=secret_name())
            for name, source in self._sources.items()
            if source.policy or source.owner == party
        }
        named = {dotted(table) for table in parsed(query_text).find_all(exp.Table)} & set(readable)
        own = {name: readable[name] for name in named & set(self._tables)}
        _, spends = self._read(query_text, party, readable, own, watchdog, empty=True)
        self._pay(spends)
        return self._read(query_text, party, readable, own, watchdog, empty=False)[0]

    def _pay(self, spends: list[Spend]) -> None:
        if spends and self._budget is None:
            raise UserError("this clean room has no budget ledger, so no budget can be spent in it")
        if self._budget is not None:
            self._budget.spend(spends)

    def _read(
        self,
        query_text: QueryText,
        party: str,
        readable: dict[str, Source],
        own: dict[str, Source],
        watchdog: Watchdog,
        empty: bool,
    ) -> tuple[pl.DataFrame, list[Spend]]:
        """Run the query once; gives its rows and what it costs of privacy budgets."""

        def read_columns(source: Source, columns: list[str]) -> pa.Table:
            if empty and columns:
                return self._without_rows[source.name].select(columns)
            with closing(Sandbox(watchdog)) as owner_database:
                self._fill(owner_database, [source.name], empty)
                return owner_database.copy(self._internal[source.name], columns)

        with closing(Sandbox(watchdog)) as client:
            try:
                for name, source in own.items():
                    client.register(source.internal, self._data(name, empty))
                session = QuerySession(query_text, party, readable, read_columns, client, watchdog)
                return session.answer(), session.spends
            except UserError:
                raise
            except BaseException as error:
                watchdog.check()
                raise _refusal(error, empty, watchdog) from None

    def _data(self, table: str, empty: bool) -> pl.DataFrame:
        frame = self._tables[table][1]
        return pl.DataFrame(schema=frame.collect_schema()) if empty else frame.collect()

    def _fill(self, sandbox: Sandbox, names: Iterable[str], empty: bool) -> None:
        views = [name for name in names if name in self._views]
        tables = {name for name in names if name in self._tables}
        for view in views:
            tables |= set(self._bases(view))
        for name in tables:
            sandbox.register(self._internal[name], self._data(name, empty))
        for view in views:
            query = self._views[view][1].definition
            for table in list(query.find_all(exp.Table)):
                if dotted(table) in self._internal:
                    internal = self._internal[dotted(table)]
                    table.replace(relation(internal, table.alias_or_name))
            sandbox.register_view(self._internal[view], query)

    def _bases(self, view: str) -> list[str]:
        """The tables that a view reads: at least one, and only its owner's."""
        party, definition = self._views[view]
        ctes = {cte.alias for cte in definition.definition.find_all(exp.CTE)}
        named = {dotted(table) for table in definition.definition.find_all(exp.Table)} - ctes
        if not named or not named <= set(party.tables):
            raise PolicyError(
                f"view {view} must read tables of {party.name}: known are "
                f"{', '.join(sorted(party.tables))}, got {', '.join(sorted(named)) or 'none'}"
            )
        return sorted(named)

    def _described(self) -> dict[str, Source]:
        """All relations with their columns; a policy must name columns of its view."""
        sandbox = Sandbox()
        sources: dict[str, Source] = {}
        try:
            self._fill(sandbox, self._names, empty=True)
            described = {n: sandbox.columns(self._internal[n]) for n in self._names}
            for name, columns in described.items():
                rows = sandbox.copy(self._internal[name], list(columns))
                self._without_rows[name] = rows.rename_columns(list(columns))
        except duckdb.Error as error:
            message = str(error).splitlines()[0]
            raise PolicyError(f"a view cannot be made over its tables: {message}") from None
        for name, columns in described.items():
            policy = self._views[name][1].policy if name in self._views else None
            party = (self._views if name in self._views else self._tables)[name][0]
            missing = sorted((policy.columns if policy else set()) - set(columns))
            if missing:
                raise PolicyError(
                    f"the policy of view {name} names {', '.join(missing)}, which the view does "
                    f"not have: its columns are {', '.join(columns)}"
                )
            sources[name] = Source(name, self._internal[name], party.name, columns, policy)
        return sources

    @property
    def _names(self) -> list[str]:
        return [*self._tables, *self._views]

    def _refuse_second(self, name: str) -> None:
        if name in self._tables or name in self._views:
            raise PolicyError(f"{name} is named twice: tables and views need names of their own")


def _refusal(error: BaseException, empty: bool, watchdog: Watchdog) -> RefusedError:
    """What the user reads of an error, over empty tables or over data."""
    if isinstance(error, duckdb.OutOfMemoryException | MemoryError):
        return watchdog.too_large()
    if not empty:  # the message could reveal data
        return RefusedError(COULD_NOT)
    expected = isinstance(error, duckdb.Error | pl.exceptions.PolarsError | ArithmeticError)
    if not expected or isinstance(error, duckdb.InternalException | duckdb.FatalException):
        return RefusedError(FAULT)
    message = str(error).splitlines()[0]
    return RefusedError(f"the query does not fit the tables it reads: {message}")
