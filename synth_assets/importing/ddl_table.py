"""One ``create table``, with what later statements add to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlglot import exp

from synth_assets.importing.conditions import identifier, narrowed, plain_sql
from synth_assets.importing.found import FoundColumn, FoundReference, FoundTable
from synth_assets.importing.types import enumerated, found_type
from synth_assets.importing.user_types import UserTypes


class TableStatement:
    """The table that a ``create table`` makes.

    Args:
        statement: The statement.
        types: The types of the user's own that there are.
        find: Finds another table by its name.

    Attributes:
        schema: Its schema; empty if it is not named.
        name: Its name.
        notes: What was left out.
    """

    def __init__(
        self,
        statement: exp.Create,
        types: UserTypes,
        find: Callable[[exp.Expr | None], TableStatement | None],
    ) -> None:
        table = statement.this.this
        schema = table.args.get("db")
        self.schema = identifier(schema) if schema else ""
        self.name = identifier(table.this)
        self._types, self._find = types, find
        self._columns: dict[str, FoundColumn] = {}
        self._key: tuple[str, ...] = ()
        self._references: list[FoundReference] = []
        self._uniques: list[tuple[str, ...]] = []
        self._conditions: list[exp.Expr] = []
        self._doc = ""
        self.notes: list[str] = []
        options = statement.args.get("properties") or ()
        for inherited in (o for o in options if isinstance(o, exp.InheritsProperty)):
            for parent in inherited.expressions:
                self._copy(parent, "CONSTRAINTS")
        for part in statement.this.expressions:
            self._take(part)
        for option in options:
            if isinstance(option, exp.SchemaCommentProperty):
                self.comment(option.this.name)
            elif _is_description(option):
                self.comment(option.args["value"].name)

    def alter(self, actions: Sequence[exp.Expr]) -> None:
        """Applies the actions of ``alter table``: columns and constraints that are added.

        Args:
            actions: The actions.
        """
        for action in actions:
            for part in action.expressions if isinstance(action, exp.AddConstraint) else [action]:
                self._take(part)

    def unique_index(self, index: exp.Expr) -> None:
        """Applies a unique index; one of expressions or of some rows only says nothing here.

        Args:
            index: The index.
        """
        parameters = index.args.get("params")
        columns = [ordered.this for ordered in (parameters and parameters.args["columns"]) or ()]
        partial = parameters is not None and parameters.args.get("where")
        if columns and not partial and all(isinstance(c, exp.Column) for c in columns):
            self._unique(tuple(identifier(column.this) for column in columns))

    def comment(self, text: str, column: str | None = None) -> None:
        """Sets the description of the table or of a column.

        Args:
            text: The description.
            column: The column.
        """
        if column is None:
            self._doc = text
        elif column in self._columns:
            self._columns[column] = replace(self._columns[column], doc=text)

    def found(self) -> FoundTable:
        """The table as a whole."""
        columns, checks = dict(self._columns), []
        for name in self._key:
            if name in columns:
                columns[name] = replace(columns[name], nullable=False)
        for condition in self._conditions:
            columns, rest = narrowed(columns, condition)
            checks += rest
        return FoundTable(
            self.name,
            tuple(columns.values()),
            primary_key=tuple(name for name in self._key if name in columns),
            references=tuple(self._references),
            uniques=tuple(self._uniques),
            checks=tuple(checks),
            doc=self._doc,
            schema=self.schema,
        )

    def _take(self, part: exp.Expr) -> None:
        match part:
            case exp.ColumnDef():
                self._add_column(part)
            case exp.LikeProperty():
                self._copy(part.this, *(str(option.args["value"]) for option in part.expressions))
            case exp.Constraint():
                for inner in part.expressions:
                    self._take(inner)
            case exp.PrimaryKey():
                self._key = self._names(part.expressions)
            case exp.ForeignKey():
                self._refer(self._names(part.expressions), part.args["reference"])
            case exp.UniqueColumnConstraint() if isinstance(part.this, exp.Schema):
                self._unique(self._names(part.this.expressions))
            case exp.Check() | exp.CheckColumnConstraint():
                self._conditions.append(part.this)

    def _add_column(self, definition: exp.ColumnDef) -> None:
        name = identifier(definition.this)
        given, constraints = self._types.resolved(definition)
        kind, values = found_type(given, self._types.dialect), enumerated(given)
        self._columns[name] = FoundColumn(name, kind, values=values)
        for constraint in constraints:
            self._constrain(name, constraint)

    def _copy(self, other: exp.Expr, *including: str) -> None:
        """Takes over the columns of another table, and of its constraints what is included."""
        table = self._find(other)
        if table is None:
            self.notes.append(
                f"table `{self.name}`: columns of `{other.name}` left out: there is no such table"
            )
            return
        included = {"CONSTRAINTS", "INDEXES"} if "ALL" in including else set(including)
        with_keys = "INDEXES" in included
        for name, column in table._columns.items():
            self._columns[name] = replace(column, unique=column.unique and with_keys)
        self._conditions += table._conditions if "CONSTRAINTS" in included else []
        if with_keys:
            self._key, self._uniques = table._key, [*self._uniques, *table._uniques]

    def _constrain(self, name: str, kind: exp.Expr) -> None:
        column = self._columns[name]
        match kind:
            case exp.NotNullColumnConstraint() if not kind.args.get("allow_null"):
                self._columns[name] = replace(column, nullable=False)
            case exp.PrimaryKeyColumnConstraint():
                self._key = (name,)
            case exp.UniqueColumnConstraint():
                self._unique((name,))
            case exp.CheckColumnConstraint():
                self._conditions.append(kind.this)
            case exp.CommentColumnConstraint():
                self.comment(kind.this.name, name)
            case exp.ComputedColumnConstraint():
                self._columns[name] = replace(column, formula=plain_sql(kind.this))
            case exp.GeneratedAsIdentityColumnConstraint() if kind.expression:
                # How sqlglot reads a computed column that is not said to be stored.
                self._columns[name] = replace(column, formula=plain_sql(kind.expression))
            case exp.Properties():
                for option in filter(_is_description, kind.expressions):
                    self.comment(option.args["value"].name, name)
            case exp.Reference():
                self._refer((name,), kind)

    def _refer(self, columns: tuple[str, ...], reference: exp.Expr) -> None:
        target = reference.this
        parent_columns: tuple[str, ...] = ()
        if isinstance(target, exp.Schema):
            parent_columns, target = self._names(target.expressions), target.this
        schema = target.args.get("db")
        self._references.append(
            FoundReference(
                columns,
                identifier(target.this),
                parent_columns,
                identifier(schema) if schema else "",
            )
        )

    def _unique(self, columns: tuple[str, ...]) -> None:
        if len(columns) > 1:
            self._uniques.append(columns)
        elif columns[0] in self._columns:
            self._columns[columns[0]] = replace(self._columns[columns[0]], unique=True)

    @staticmethod
    def _names(nodes: Sequence[exp.Expr]) -> tuple[str, ...]:
        return tuple(identifier(node) for node in nodes)


def _is_description(option: exp.Expr) -> bool:
    """Whether an option of BigQuery describes a table or a column."""
    return isinstance(option, exp.Property) and option.name == "description"
