"""One ``create table``, with what later statements add to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlglot import exp

from synth_assets.importing.conditions import identifier, narrowed, plain_sql
from synth_assets.importing.found import FoundColumn, FoundReference, FoundTable
from synth_assets.importing.types import bounds_of, enumerated, found_type
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
        """Applies the actions of ``alter table``.

        Args:
            actions: The actions.
        """
        for action in actions:
            match action:
                case exp.AddConstraint():
                    for part in action.expressions:
                        self._take(part)
                case exp.AlterRename():
                    self.name = identifier(action.this.this)
                case exp.RenameColumn():
                    self._rename(identifier(action.this), identifier(action.args["to"]))
                case exp.ModifyColumn():
                    self._modify(action.this, action.args.get("rename_from"))
                case exp.AlterColumn():
                    self._alter_column(action)
                case exp.Drop(kind="COLUMN"):
                    self._drop(identifier(action.this))
                case exp.DropPrimaryKey():
                    self._key = ()
                case exp.Drop():
                    what = f"table `{self.name}`: `{action.this.name}` is not dropped"
                    self.notes.append(f"{what}: it is known by no name")
                case _:
                    self._take(action)

    def follow(self, before: str, after: str) -> None:
        """Refers to another table by its new name.

        Args:
            before: The name that the table had.
            after: The name that it has.
        """
        self._references = [
            replace(r, parent=after) if r.parent == before else r for r in self._references
        ]

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
            case exp.Identifier():  # SQLite's columns need no type
                self._add_column(exp.ColumnDef(this=part))
                what = f"column `{identifier(part)}` of table `{self.name}`"
                self.notes.append(f"{what} is text here: it has no type")
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
        low, high = bounds_of(given)
        self._columns[name] = FoundColumn(name, kind, values=values, low=low, high=high)
        for constraint in constraints:
            self._constrain(name, constraint)

    def _modify(self, definition: exp.ColumnDef, before: exp.Expr | None) -> None:
        name = identifier(definition.this)
        self._rename(identifier(before) if before else name, name)
        self._add_column(definition)

    def _alter_column(self, action: exp.AlterColumn) -> None:
        name = identifier(action.this)
        if name not in self._columns:
            return
        if (given := action.args.get("dtype")) is not None:
            kind = found_type(given, self._types.dialect)
            self._columns[name] = replace(self._columns[name], type=kind, values=enumerated(given))
        if (nullable := action.args.get("allow_null")) is not None:
            self._columns[name] = replace(self._columns[name], nullable=bool(nullable))

    def _drop(self, name: str) -> None:
        """A column is dropped with the keys, references and conditions that have it."""
        self._columns.pop(name, None)
        self._key = () if name in self._key else self._key
        self._references = [r for r in self._references if name not in r.columns]
        self._uniques = [names for names in self._uniques if name not in names]
        self._conditions = [c for c in self._conditions if name not in _named(c)]

    def _rename(self, before: str, after: str) -> None:
        def renamed(names: Sequence[str]) -> tuple[str, ...]:
            return tuple(after if name == before else name for name in names)

        self._columns = {
            name: replace(column, name=name)
            for name, column in zip(
                renamed(tuple(self._columns)), self._columns.values(), strict=True
            )
        }
        self._key = renamed(self._key)
        self._references = [replace(r, columns=renamed(r.columns)) for r in self._references]
        self._uniques = [renamed(names) for names in self._uniques]
        for condition in self._conditions:
            for column in condition.find_all(exp.Column):
                if identifier(column.this) == before:
                    column.set("this", exp.to_identifier(after, quoted=True))

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


def _named(condition: exp.Expr) -> set[str]:
    return {identifier(column.this) for column in condition.find_all(exp.Column)}
