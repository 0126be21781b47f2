"""One pass of a query over one stage of the data, SELECT by SELECT, from the inside out.

A SELECT that reads a protected view, or has a privacy clause, is checked and answered by itself;
its released rows take its place. All the rest is the party's own SQL over the party's own tables
and released rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress

import polars as pl
import pyarrow as pa
from sqlglot import exp

from synth_assets.domains.clean_room.analysis_rules import joins
from synth_assets.domains.clean_room.analysis_rules.block import Block, Source
from synth_assets.domains.clean_room.analysis_rules.budget import Spend
from synth_assets.domains.clean_room.analysis_rules.catalogue import secret_name
from synth_assets.domains.clean_room.analysis_rules.clauses import (
    BOUNDS,
    PRIVACY,
    THRESHOLD,
    Cut,
    PrivacyClause,
)
from synth_assets.domains.clean_room.analysis_rules.differential_privacy import private_release
from synth_assets.domains.clean_room.analysis_rules.enclosure import Enclosure
from synth_assets.domains.clean_room.analysis_rules.errors import (
    JoinRestrictedError,
    NotProvablySafeError,
    PrivacyClauseRequiredError,
    PrivacyOptionError,
    UnknownRelationError,
)
from synth_assets.domains.clean_room.analysis_rules.grammar import in_expression, parsed
from synth_assets.domains.clean_room.analysis_rules.limits import Watch
from synth_assets.domains.clean_room.analysis_rules.release import RELEASED, row_by_row
from synth_assets.domains.clean_room.analysis_rules.strict import StrictCheck
from synth_assets.domains.clean_room.analysis_rules.threshold import threshold_release
from synth_assets.domains.clean_room.analysis_rules.vault import Share, computed
from synth_assets.domains.clean_room.analysis_rules.views import dotted, relation


class Reading:
    """A query on its way: what its owners share, a bench, and a watch over time and memory."""

    def __init__(
        self,
        cut: Cut,
        reader: str,
        sources: Mapping[str, Source],
        share: Share,
        bench: Enclosure,
        watch: Watch,
    ) -> None:
        self._query = parsed(cut)
        # Held for as long as their ids are used.
        self._selects = list(self._query.find_all(exp.Select))
        self._clauses = {id(one): found for one in self._selects if (found := cut.take(one))}
        self._reader = reader
        self._sources = sources
        self._combined = [id(one) for one in self._combinations()]
        self._share = share
        self._bench = bench
        self._strict = StrictCheck(reader, sources, bench)
        self._watch = watch
        self._named: dict[str, Source] = {}
        self.spends: list[Spend] = []

    def answer(self) -> pl.DataFrame:
        """The rows that may leave."""
        names = self._query.named_selects
        self._keep_out_of_expressions()
        with_ = self._query.args.get("with_")
        self._query.set("with_", None)
        for cte in with_.expressions if with_ else []:
            name = cte.alias.lower()
            if name in self._named:
                raise NotProvablySafeError(f"WITH names {cte.alias} twice")
            self._named[name] = self._keep(cte.alias, self._bench.ask(self._rewritten(cte.this)))
        found = self._bench.ask(self._rewritten(self._query))
        if len(names) != found.width or "*" in names:
            return found
        # As the query spells them; resolving names has put them in lower case.
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
        """A query over the bench alone that gives what the query may give."""
        if isinstance(query, exp.Subquery | exp.SetOperation):
            for part in ("this", "expression"):
                if query.args.get(part):
                    query.set(part, self._rewritten(query.args[part]))
            return query
        if not isinstance(query, exp.Select):
            raise NotProvablySafeError(
                f"{query.key.upper()} is not a query that can be proven safe"
            )
        tables = _from(query)
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
        for table in _in_expressions(query):
            self._place(table)
        return query

    def _place(self, table: exp.Expr) -> None:
        """Let a table of the party's own SQL read from the bench."""
        assert isinstance(table, exp.Table)
        table.replace(relation(self._found(table).internal, table.alias_or_name))

    def _protected(
        self, select: exp.Select, tables: list[exp.Expr], clause: PrivacyClause | None
    ) -> exp.Select:
        """Check and answer a SELECT over protected views; returns what is left to do."""
        sources: dict[str, Source] = {}
        for table in tables:
            alias = table.alias_or_name.lower()
            if not alias or alias in sources or alias == RELEASED:
                raise NotProvablySafeError(
                    "each table in FROM needs a name of its own: give it an alias"
                )
            if isinstance(table, exp.Subquery):
                sources[alias] = self._keep(alias, self._bench.ask(self._rewritten(table.this)))
                table.replace(relation(sources[alias].internal, alias))
            elif isinstance(table, exp.Table):
                sources[alias] = self._found(table)
        try:
            _clause_fits(sources, clause)
        except PrivacyClauseRequiredError:
            # Of two faults BigQuery tells the join's first.
            with suppress(NotProvablySafeError):
                joins.check(Block(select, sources, clause), self._reader)
            raise
        block = Block(select, sources, clause)
        joins.check(block, self._reader)
        self._joined_nowhere_else(block, select)
        frame, outer = self._released(block)
        kept = self._keep(RELEASED, frame)
        outer.set("from_", exp.From(this=relation(kept.internal, RELEASED)))
        return outer

    def _released(self, block: Block) -> tuple[pl.DataFrame, exp.Select]:
        """The rows that a block may give away, and what is to be made of them."""
        if block.clause and block.clause.kind == PRIVACY:
            if self.spends:
                raise NotProvablySafeError("a query can have one SELECT WITH DIFFERENTIAL_PRIVACY")
            private = private_release(block, block.clause, self._reader)
            self.spends += private.spends
            return private.blur(self._computed(block, private.inner)), private.outer
        inner, outer = threshold_release(block, self._strict) if block.clause else row_by_row(block)
        return self._computed(block, inner), outer

    def _computed(self, block: Block, statement: exp.Select) -> pl.DataFrame:
        return computed(block, statement, self._columns_of, self._watch)

    def _columns_of(self, source: Source, columns: list[str]) -> pa.Table:
        """Columns of an owner's view, or of the party's own relations."""
        if source.policy:
            return self._share(source, columns)
        return self._bench.copy(source.internal, columns)

    def _joined_nowhere_else(self, block: Block, select: exp.Select) -> None:
        """Released rows of a view whose joins are restricted are not to be joined outside."""
        for view in block.protected.values():
            policy = view.policy.join_restriction_policy if view.policy else None
            if policy is None or (block.clause and policy.required):
                continue
            if any(one != id(select) for one in self._combined):
                raise JoinRestrictedError.occurring(view.name, policy.join_allowed_columns)

    def _combinations(self) -> Iterator[exp.Expr | None]:
        """Every SELECT that joins, and whatever else compares the rows of two relations.

        UNION ALL is among them: whoever counts its rows by value knows which occur on both
        sides. Parts of WITH that read the party's own tables alone are left out.
        """
        shown: set[str] = set()
        for part in (*self._query.find_all(exp.CTE), self._query):
            tables = [one for one in part.find_all(exp.Table) if _part_of(one) is part]
            names = [dotted(one) for one in tables]
            if not any(self._has_policy(name) or name.lower() in shown for name in names):
                continue
            shown.add(part.alias.lower())
            for node in part.find_all(exp.Join, exp.SetOperation, exp.Select):
                if _part_of(node) is part:
                    if isinstance(node, exp.Join):
                        yield node.parent
                    elif not isinstance(node, exp.Select) or in_expression(node):
                        yield node

    def _has_policy(self, name: str) -> bool:
        return name in self._sources and self._sources[name].policy is not None

    def _is_protected(self, table: exp.Expr) -> bool:
        return isinstance(table, exp.Table) and self._found(table, early=True).policy is not None

    def _found(self, table: exp.Table, early: bool = False) -> Source:
        """What a name in FROM stands for; CTEs come first, as everywhere in SQL."""
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
        """Hold released rows as the party's own."""
        internal = secret_name()
        self._bench.hold(internal, frame)
        return Source(name, internal, self._reader, self._bench.columns(internal))


def _clause_fits(sources: Mapping[str, Source], clause: PrivacyClause | None) -> None:
    """Refuse a SELECT that has not the clause its views ask for."""
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


def _from(select: exp.Select) -> list[exp.Expr]:
    """The sources of one SELECT, in order."""
    first = select.args.get("from_")
    return [part.this for part in [first, *(select.args.get("joins") or [])] if part]


def _part_of(node: exp.Expr) -> exp.Expr:
    """The part of WITH that a node is in, or else the whole query."""
    return node.find_ancestor(exp.CTE) or node.root()


def _in_expressions(select: exp.Select) -> list[exp.Table]:
    """The tables that queries in a SELECT's expressions read."""
    parts = [value for name, value in select.args.items() if name not in ("from_", "joins")]
    parts += [join.args.get("on") for join in select.args.get("joins") or []]
    roots = [one for part in parts for one in (part if isinstance(part, list) else [part])]
    nodes = (root for root in roots if isinstance(root, exp.Expr))
    return [table for root in nodes for table in root.find_all(exp.Table)]
