"""One run of a query, over empty tables or over data: SELECT by SELECT, innermost first.

A SELECT that reads a protected view or has a privacy clause is checked and answered separately; its
released rows replace it. The rest is the party's own SQL over the party's own tables and released
rows. ``query_tree`` finds the parts of a query.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

import polars as pl
import pyarrow as pa
from sqlglot import exp

from synth_assets.domains.clean_room.analysis_rules import joins
from synth_assets.domains.clean_room.analysis_rules.catalogue import secret_name
from synth_assets.domains.clean_room.analysis_rules.clauses import (
    BOUNDS,
    PRIVACY,
    PrivacyClause,
    QueryText,
)
from synth_assets.domains.clean_room.analysis_rules.differential_privacy import private_release
from synth_assets.domains.clean_room.analysis_rules.errors import (
    JoinRestrictedError,
    NotProvablySafeError,
    PrivacyClauseRequiredError,
    PrivacyOptionError,
    UnknownRelationError,
)
from synth_assets.domains.clean_room.analysis_rules.grammar import in_expression, parsed
from synth_assets.domains.clean_room.analysis_rules.limits import Watchdog
from synth_assets.domains.clean_room.analysis_rules.privacy_budget import Spend
from synth_assets.domains.clean_room.analysis_rules.protected_database import (
    ReadColumns,
    run_on_protected_data,
)
from synth_assets.domains.clean_room.analysis_rules.query_tree import (
    combining_nodes,
    sources_of,
    tables_in_expressions,
)
from synth_assets.domains.clean_room.analysis_rules.release import RELEASED, split_row_by_row
from synth_assets.domains.clean_room.analysis_rules.required_clause import check_clause
from synth_assets.domains.clean_room.analysis_rules.sandbox import Sandbox
from synth_assets.domains.clean_room.analysis_rules.select_block import SelectBlock, Source
from synth_assets.domains.clean_room.analysis_rules.strict import StrictCheck
from synth_assets.domains.clean_room.analysis_rules.threshold import threshold_release
from synth_assets.domains.clean_room.analysis_rules.views import dotted, relation


class QuerySession:
    """One run of a query. ``spends`` lists what the answer costs of privacy budgets.

    Args:
        query_text: The query with its privacy clauses.
        reader: The querying party.
        sources: The relations that the party may read, by name.
        read_columns: Returns columns of an owner's view.
        client: The client database, with the party's own tables.
        watchdog: The limits of the query.
    """

    def __init__(
        self,
        query_text: QueryText,
        reader: str,
        sources: Mapping[str, Source],
        read_columns: ReadColumns,
        client: Sandbox,
        watchdog: Watchdog,
    ) -> None:
        self._query = parsed(query_text)
        # Kept alive for as long as their ids are used.
        self._selects = list(self._query.find_all(exp.Select))
        self._clauses = {id(one): found for one in self._selects if (found := query_text.take(one))}
        self._reader = reader
        self._sources = sources
        self._combining = [id(one) for one in combining_nodes(self._query, self._has_policy)]
        self._read_columns = read_columns
        self._client = client
        self._strict = StrictCheck(reader, sources, client)
        self._watchdog = watchdog
        self._named: dict[str, Source] = {}
        self.spends: list[Spend] = []

    def answer(self) -> pl.DataFrame:
        """Check and run the query.

        Returns:
            The rows that may leave the clean room.

        Raises:
            RefusedError: The query is not allowed.
        """
        names = self._query.named_selects
        self._keep_out_of_expressions()
        with_ = self._query.args.get("with_")
        self._query.set("with_", None)
        for cte in with_.expressions if with_ else []:
            name = cte.alias.lower()
            if name in self._named:
                raise NotProvablySafeError(f"WITH names {cte.alias} twice")
            self._named[name] = self._keep(
                cte.alias, self._client.execute(self._rewritten(cte.this))
            )
        found = self._client.execute(self._rewritten(self._query))
        if len(names) != found.width or "*" in names:
            return found
        # As the query spells them; resolving names has changed them to lower case.
        spelled = {old: new for old, new in zip(found.columns, names, strict=True) if new}
        return found.rename(spelled)

    def _keep_out_of_expressions(self) -> None:
        for node in self._query.find_all(exp.Table, exp.Select):
            if in_expression(node) and (
                id(node) in self._clauses
                or (isinstance(node, exp.Table) and self._is_protected(node))
            ):
                raise NotProvablySafeError(
                    "a protected view can be read in FROM only, not by a query in an expression"
                )

    def _rewritten(self, query: exp.Expr) -> exp.Query:
        """A query over the client database only, with the released rows in place of views."""
        if isinstance(query, exp.Subquery | exp.SetOperation):
            for part in ("this", "expression"):
                if query.args.get(part):
                    query.set(part, self._rewritten(query.args[part]))
            return query
        if not isinstance(query, exp.Select):
            raise NotProvablySafeError(
                f"{query.key.upper()} is not a query that can be proven safe"
            )
        tables = sources_of(query)
        clause = self._clauses.get(id(query))
        if clause or any(self._is_protected(table) for table in tables):
            return self._protected(query, tables, clause)
        if query.find(exp.Anonymous):
            raise PrivacyOptionError(f"{BOUNDS} is for SELECT WITH DIFFERENTIAL_PRIVACY")
        for table in tables:
            if isinstance(table, exp.Subquery):
                table.set("this", self._rewritten(table.this))
            else:
                self._place(table)
        for table in tables_in_expressions(query):
            self._place(table)
        return query

    def _place(self, table: exp.Expr) -> None:
        """Replace a table of the party's own SQL by its relation in the client database."""
        assert isinstance(table, exp.Table)
        table.replace(relation(self._found(table).internal, table.alias_or_name))

    def _protected(
        self, select: exp.Select, tables: list[exp.Expr], clause: PrivacyClause | None
    ) -> exp.Select:
        """Check and answer a SELECT over protected views; returns the SELECT over its rows."""
        sources: dict[str, Source] = {}
        for table in tables:
            alias = table.alias_or_name.lower()
            if not alias or alias in sources or alias == RELEASED:
                raise NotProvablySafeError(
                    "each table in FROM needs a name of its own: give it an alias"
                )
            if isinstance(table, exp.Subquery):
                sources[alias] = self._keep(
                    alias, self._client.execute(self._rewritten(table.this))
                )
                table.replace(relation(sources[alias].internal, alias))
            elif isinstance(table, exp.Table):
                sources[alias] = self._found(table)
        try:
            check_clause(sources, clause)
        except PrivacyClauseRequiredError:
            # If both are wrong, BigQuery reports the join.
            with suppress(NotProvablySafeError):
                joins.check(SelectBlock(select, sources, clause), self._reader)
            raise
        block = SelectBlock(select, sources, clause)
        joins.check(block, self._reader)
        self._joined_nowhere_else(block, select)
        frame, outer = self._released(block)
        kept = self._keep(RELEASED, frame)
        outer.set("from_", exp.From(this=relation(kept.internal, RELEASED)))
        return outer

    def _released(self, block: SelectBlock) -> tuple[pl.DataFrame, exp.Select]:
        """The rows that a block releases, and the SELECT over them."""
        if block.clause and block.clause.kind == PRIVACY:
            if self.spends:
                raise NotProvablySafeError("a query can have one SELECT WITH DIFFERENTIAL_PRIVACY")
            private = private_release(block, block.clause, self._reader)
            self.spends += private.spends
            return private.add_noise(self._computed(block, private.inner)), private.outer
        inner, outer = (
            threshold_release(block, self._strict) if block.clause else split_row_by_row(block)
        )
        return self._computed(block, inner), outer

    def _computed(self, block: SelectBlock, statement: exp.Select) -> pl.DataFrame:
        return run_on_protected_data(block, statement, self._columns_of, self._watchdog)

    def _columns_of(self, source: Source, columns: list[str]) -> pa.Table:
        """Columns of an owner's view or of the party's own relations."""
        if source.policy:
            return self._read_columns(source, columns)
        return self._client.copy(source.internal, columns)

    def _joined_nowhere_else(self, block: SelectBlock, select: exp.Select) -> None:
        """Refuse a query that joins the released rows of a view with restricted joins."""
        for view in block.protected.values():
            policy = view.policy.join_restriction_policy if view.policy else None
            if policy is None or (block.clause and policy.required):
                continue
            if any(one != id(select) for one in self._combining):
                raise JoinRestrictedError.occurring(view.name, policy.join_allowed_columns)

    def _has_policy(self, name: str) -> bool:
        return name in self._sources and self._sources[name].policy is not None

    def _is_protected(self, table: exp.Expr) -> bool:
        return isinstance(table, exp.Table) and self._found(table, early=True).policy is not None

    def _found(self, table: exp.Table, early: bool = False) -> Source:
        """The relation of a name in FROM; CTEs come first, as everywhere in SQL."""
        name = dotted(table)
        if "." not in name and name.lower() in self._named:
            return self._named[name.lower()]
        if name in self._sources:
            return self._sources[name]
        if early and "." not in name:
            return Source(name, name, self._reader, {})
        readable = ", ".join(sorted(self._sources))
        raise UnknownRelationError(f"table {name!r} cannot be read here: known are {readable}")

    def _keep(self, name: str, frame: pl.DataFrame) -> Source:
        """Register released rows in the client database as the party's own."""
        internal = secret_name()
        self._client.register(internal, frame)
        return Source(name, internal, self._reader, self._client.columns(internal))
