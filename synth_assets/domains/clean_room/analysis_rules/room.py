"""The door of the clean room: parties come in with data, and a query goes out with an answer.

Every query is rehearsed on empty tables first. What is wrong with it comes out there, where no
data can be told from the error and no budget is spent; only then is it paid for and run.
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
from synth_assets.domains.clean_room.analysis_rules.block import Source
from synth_assets.domains.clean_room.analysis_rules.budget import BudgetLedger, Spend
from synth_assets.domains.clean_room.analysis_rules.catalogue import secret_name
from synth_assets.domains.clean_room.analysis_rules.clauses import Cut
from synth_assets.domains.clean_room.analysis_rules.enclosure import Enclosure
from synth_assets.domains.clean_room.analysis_rules.errors import PolicyError, RefusedError
from synth_assets.domains.clean_room.analysis_rules.grammar import parsed
from synth_assets.domains.clean_room.analysis_rules.limits import Limits, Watch
from synth_assets.domains.clean_room.analysis_rules.reading import Reading
from synth_assets.domains.clean_room.analysis_rules.views import (
    Party,
    ProtectedView,
    dotted,
    relation,
)

COULD_NOT = "the query could not be computed over the data; no detail is given, since it would tell"
FAULT = "the query cannot be computed here: it leads to a fault of the engine; write it differently"


class CleanRoom:
    """Parties, what they share, and the one way to ask for it.

    Args:
        parties: Who is in the room.
        budget: Where what was spent of privacy budgets is kept.
        limits: What a query may take; by default what the environment says.
    """

    def __init__(
        self,
        parties: Iterable[Party],
        budget: BudgetLedger | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._limits = limits or Limits.from_environment()
        self._parties = {party.name: party for party in parties}
        self._budget = budget
        self._tables: dict[str, tuple[Party, pl.LazyFrame]] = {}
        self._views: dict[str, tuple[Party, ProtectedView]] = {}
        for party in self._parties.values():
            for name, frame in party.tables.items():
                self._taken(name)
                self._tables[name] = (party, frame.lazy())
            for view in party.views:
                self._taken(view.name)
                self._views[view.name] = (party, view)
        self._internal = {name: f"relation_{i}" for i, name in enumerate(self._names)}
        # What each table and view is over tables without rows, for rehearsals.
        self._without_rows: dict[str, pa.Table] = {}
        self._sources = self._described()

    def run(self, sql: str, party: str) -> pl.DataFrame:
        """A party's query, answered under the rules, or refused with the reason."""
        if party not in self._parties:
            raise UnknownNameError("party", party, sorted(self._parties))
        watch = Watch(self._limits)
        try:
            return watch.run(lambda: self._answer(sql, party, watch))
        except (UserError, KeyboardInterrupt):
            raise
        except BaseException:  # a panic is no Exception, and a traceback can show what it was about
            raise RefusedError(FAULT) from None

    def _answer(self, sql: str, party: str, watch: Watch) -> pl.DataFrame:
        cut = Cut(sql)
        readable = {
            name: replace(source, internal=secret_name())
            for name, source in self._sources.items()
            if source.policy or source.owner == party
        }
        wanted = {dotted(table) for table in parsed(cut).find_all(exp.Table)} & set(readable)
        own = {name: readable[name] for name in wanted & set(self._tables)}
        _, spends = self._read(cut, party, readable, own, watch, empty=True)
        self._pay(spends)
        return self._read(cut, party, readable, own, watch, empty=False)[0]

    def _pay(self, spends: list[Spend]) -> None:
        if spends and self._budget is None:
            raise UserError("this clean room has no budget ledger, so no budget can be spent in it")
        if self._budget is not None:
            self._budget.spend(spends)

    def _read(
        self,
        cut: Cut,
        party: str,
        readable: dict[str, Source],
        own: dict[str, Source],
        watch: Watch,
        empty: bool,
    ) -> tuple[pl.DataFrame, list[Spend]]:
        """The answer over the party's own tables and what others share, and what it costs."""

        def share(source: Source, columns: list[str]) -> pa.Table:
            if empty and columns:
                return self._without_rows[source.name].select(columns)
            with closing(Enclosure(watch)) as owners:
                self._fill(owners, [source.name], empty)
                return owners.copy(self._internal[source.name], columns)

        with closing(Enclosure(watch)) as bench:
            try:
                for name, source in own.items():
                    bench.hold(source.internal, self._data(name, empty))
                reading = Reading(cut, party, readable, share, bench, watch)
                return reading.answer(), reading.spends
            except UserError:
                raise
            except BaseException as error:
                watch.check()
                raise _refusal(error, empty, watch) from None

    def _data(self, table: str, empty: bool) -> pl.DataFrame:
        frame = self._tables[table][1]
        return pl.DataFrame(schema=frame.collect_schema()) if empty else frame.collect()

    def _fill(self, enclosure: Enclosure, names: Iterable[str], empty: bool) -> None:
        views = [name for name in names if name in self._views]
        tables = {name for name in names if name in self._tables}
        for view in views:
            tables |= set(self._bases(view))
        for name in tables:
            enclosure.hold(self._internal[name], self._data(name, empty))
        for view in views:
            query = self._views[view][1].definition
            for table in list(query.find_all(exp.Table)):
                if dotted(table) in self._internal:
                    internal = self._internal[dotted(table)]
                    table.replace(relation(internal, table.alias_or_name))
            enclosure.define(self._internal[view], query)

    def _bases(self, view: str) -> list[str]:
        """The tables a view is over: its owner's, and at least one."""
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
        """What can be read, with its columns; a policy must name columns of its view."""
        enclosure = Enclosure()
        sources: dict[str, Source] = {}
        try:
            self._fill(enclosure, self._names, empty=True)
            described = {n: enclosure.columns(self._internal[n]) for n in self._names}
            for name, columns in described.items():
                rows = enclosure.copy(self._internal[name], list(columns))
                self._without_rows[name] = rows.rename_columns(list(columns))
        except duckdb.Error as error:
            said = str(error).splitlines()[0]
            raise PolicyError(f"a view cannot be made over its tables: {said}") from None
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

    def _taken(self, name: str) -> None:
        if name in self._tables or name in self._views:
            raise PolicyError(f"{name} is named twice: tables and views need names of their own")


def _refusal(error: BaseException, empty: bool, watch: Watch) -> RefusedError:
    """What to say of an error over tables that are empty, or not."""
    if isinstance(error, duckdb.OutOfMemoryException | MemoryError):
        return watch.too_large()
    if not empty:  # it could tell on the data
        return RefusedError(COULD_NOT)
    expected = isinstance(error, duckdb.Error | pl.exceptions.PolarsError | ArithmeticError)
    if not expected or isinstance(error, duckdb.InternalException | duckdb.FatalException):
        return RefusedError(FAULT)
    said = str(error).splitlines()[0]
    return RefusedError(f"the query does not fit the tables it reads: {said}")
