"""One SELECT in the form that the rules check: plain relations and equalities of columns.

Names are resolved against the known columns, so an alias cannot hide another column. Joins must be
INNER JOINs on conjunctions of ``column = column``; joins that could add rows, multiply them or
compare in other ways are refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify

from synth_assets.domains.clean_room.analysis_rules.clauses import PRIVACY, PrivacyClause
from synth_assets.domains.clean_room.analysis_rules.errors import NotProvablySafeError
from synth_assets.domains.clean_room.analysis_rules.grammar import check_protected_select
from synth_assets.domains.clean_room.analysis_rules.policy import PrivacyPolicy
from synth_assets.domains.clean_room.analysis_rules.views import relation

NUMBERS = {"BIGINT", "DOUBLE"}
ColumnName = tuple[str, str]

# Each reference to the name of another output column may double the length of the expanded query.
MOST_REUSED = 8


@dataclass(frozen=True)
class Source:
    """A relation that a query may read.

    ``name`` is the name in queries and ``internal`` the name in sandboxes. ``columns`` maps names
    in lower case to DuckDB's types. A relation without a ``policy`` is not protected.
    """

    name: str
    internal: str
    owner: str
    columns: dict[str, str] = field(hash=False)
    policy: PrivacyPolicy | None = None


class SelectBlock:
    """A SELECT over relations only, with every column resolved to one of them.

    Args:
        select: The SELECT; it is copied.
        sources: Its relations by alias, in lower case.
        clause: Its privacy clause, if it has one.

    Raises:
        NotProvablySafeError: The SELECT has a construct that is not allowed over protected views.
    """

    def __init__(
        self, select: exp.Select, sources: dict[str, Source], clause: PrivacyClause | None
    ) -> None:
        self.sources = sources
        self.clause = clause
        bounded = clause is not None and clause.kind == PRIVACY
        check_protected_select(select, bounded)
        self.select = _qualified(select, sources)
        check_protected_select(self.select, bounded)  # resolving names can add other nodes
        self.equalities = [pair for join in self.joins for pair in self._equalities(join)]
        self._inline_group_aliases()

    @property
    def joins(self) -> list[exp.Join]:
        """The joins, in order."""
        return self.select.args.get("joins") or []

    @cached_property
    def protected(self) -> dict[str, Source]:
        """The sources that have a policy."""
        return {alias: one for alias, one in self.sources.items() if one.policy}

    def columns(self, node: exp.Expr) -> Iterator[exp.Column]:
        """The columns of sources below a node, without references to output columns.

        Args:
            node: Any expression of the block.
        """
        return (column for column in node.find_all(exp.Column) if column.table in self.sources)

    def body(self) -> exp.Select:
        """An empty SELECT over the block's joined sources, without its filter."""
        body = exp.Select()
        for part in ("from_", "joins"):
            value = self.select.args.get(part)
            if isinstance(value, list):
                body.set(part, [one.copy() for one in value])
            elif value is not None:
                body.set(part, value.copy())
        for table in body.find_all(exp.Table):
            table.set("this", exp.to_identifier(self.sources[table.alias].internal, quoted=True))
        return body

    def filtered(self) -> exp.Select:
        """The body with the block's filter; a comparison that fails counts as not met."""
        where = self.select.args.get("where")
        return self.body().where(guarded(where.this)) if where else self.body()

    def equal(self, one: ColumnName, other: ColumnName) -> bool:
        """Whether the joins make two columns equal, directly or through other columns.

        Args:
            one: Alias and column name.
            other: Alias and column name.
        """
        same, grown = {one}, True
        while grown:
            found = {c for pair in self.equalities for c in pair if set(pair) & same}
            grown = not found <= same
            same |= found
        return other in same

    def _equalities(self, join: exp.Join) -> Iterator[tuple[ColumnName, ColumnName]]:
        if join.side or join.kind.upper() not in ("", "INNER"):
            raise NotProvablySafeError(
                f"{' '.join((join.side, join.kind)).strip() or 'this'} JOIN is not allowed over "
                "protected views: only INNER JOIN … ON column = column is"
            )
        condition = join.args.get("on")
        for part in condition.flatten() if isinstance(condition, exp.And) else [condition]:
            sides = [part.left, part.right] if isinstance(part, exp.EQ) else []
            columns = [side for side in sides if isinstance(side, exp.Column)]
            if len(columns) < 2:
                raise NotProvablySafeError(
                    "a join over protected views must be INNER JOIN … ON column = column "
                    "[AND column = column …]; put filters into WHERE"
                )
            left, right = ((side.table, side.name) for side in columns)
            if join.alias_or_name not in (left[0], right[0]) or left[0] == right[0]:
                raise NotProvablySafeError(
                    "each = in ON must compare the joined table with another one"
                )
            self._same_type(left, right)
            yield left, right

    def _same_type(self, left: ColumnName, right: ColumnName) -> None:
        """Refuse comparisons of texts with numbers: a failing conversion would reveal a value."""
        types = {self.sources[table].columns[name] for table, name in (left, right)}
        if len(types) > 1 and not types <= NUMBERS:
            raise NotProvablySafeError(
                f"{'.'.join(left)} and {'.'.join(right)} are of different types: "
                f"{' and '.join(sorted(types))}"
            )

    def _inline_group_aliases(self) -> None:
        """Replace output names in GROUP BY by their expressions."""
        outputs = {one.alias: one.unalias() for one in self.select.expressions}
        group = self.select.args.get("group")
        for key in list(group.expressions) if group else []:
            plain = isinstance(key, exp.Column | exp.Identifier)
            if plain and not getattr(key, "table", "") and key.name in outputs:
                key.replace(outputs[key.name].copy())


def guarded(expression: exp.Expr) -> exp.Expr:
    """Wrap an expression so that it gives NULL instead of an error, which would reveal a row.

    Args:
        expression: Any expression; it is copied.
    """
    if isinstance(expression, exp.Column | exp.Literal | exp.Star):
        return expression.copy()
    return exp.Anonymous(this="TRY", expressions=[expression.copy()])


def _refuse_chains(select: exp.Select) -> None:
    """Refuse long chains of output columns that use each other: each step can double the length."""
    known: set[str] = set()
    uses = 0
    for one in select.expressions:
        names = (column for column in one.find_all(exp.Column) if not column.table)
        uses += sum(column.name.lower() in known for column in names)
        known.add(one.alias_or_name.lower())
    if uses > MOST_REUSED:
        raise NotProvablySafeError(
            f"a SELECT may use the names that it gives itself at most {MOST_REUSED} times"
        )


def _qualified(select: exp.Select, sources: dict[str, Source]) -> exp.Select:
    _refuse_chains(select)
    plain = select.copy()
    for table in plain.find_all(exp.Table):
        alias = table.alias_or_name.lower()
        table.replace(relation(sources[alias].internal, alias))
    schema: dict[str, object] = {
        one.internal: dict.fromkeys(one.columns, "UNKNOWN") for one in sources.values()
    }
    for node in plain.find_all(exp.Column):
        node.set("table", exp.to_identifier(node.table.lower()) if node.table else None)
    try:
        done = qualify(
            plain, schema=schema, dialect="bigquery", infer_schema=False, quote_identifiers=False
        )
    except (SqlglotError, RecursionError) as error:
        # The message of sqlglot names columns and tables of the query, never values.
        raise NotProvablySafeError(f"the query's names cannot be resolved: {error}") from None
    except Exception:
        # sqlglot raises other errors at names in unexpected places.
        raise NotProvablySafeError("the query's names cannot be resolved") from None
    assert isinstance(done, exp.Select)
    known = {alias: set(source.columns) for alias, source in sources.items()}
    outputs = {one.alias for one in done.expressions}
    for name in done.find_all(exp.Identifier):
        # Only resolved names of output columns may be without a table.
        whole = isinstance(name.parent, exp.Column | exp.Table | exp.TableAlias | exp.Alias)
        if not whole and not isinstance(name.parent, exp.Group | exp.Ordered):
            raise NotProvablySafeError(f"the name {name.name} cannot be resolved here")
    for column in done.find_all(exp.Column):
        for part in column.parts:
            # Quoted everywhere, so that equal expressions have equal texts.
            if isinstance(part, exp.Identifier):
                part.set("quoted", True)
        if column.table:
            found = column.name in known.get(column.table, set())
        else:
            sorted_or_grouped = column.find_ancestor(exp.Order, exp.Group) is not None
            found = column.name in outputs and sorted_or_grouped
        if not found:
            raise NotProvablySafeError(f"column {column.sql('bigquery')} is not known here")
    return done
