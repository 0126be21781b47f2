"""One ``create table``, with what later statements add to it; its columns are ``ddl_columns``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import sqlglot
from sqlglot import exp

from synth_assets.importing.condition_trees import identifier
from synth_assets.importing.conditions import narrowed
from synth_assets.importing.constraints import Constraints, columns_of
from synth_assets.importing.ddl_columns import Columns, is_description
from synth_assets.importing.divisions import truncating
from synth_assets.importing.formula_types import NO_TYPE, with_formula_types
from synth_assets.importing.found import FoundColumn, FoundReference, FoundTable
from synth_assets.importing.parsing import tree_of
from synth_assets.importing.sequences import Sequences
from synth_assets.importing.user_types import UserTypes

# How dialects treat names without quotes that keep their letters as they are written.
KEPT = ("CASE_SENSITIVE", "CASE_INSENSITIVE")


class TableStatement:
    """The table that a ``create table`` makes.

    Args:
        statement: The statement.
        types: The types of the user's own that there are.
        sequences: The sequences that there are.
        find: Finds another table by its name.

    Attributes:
        schema: Its schema; empty if it is not named.
        name: Its name.
        partition_of: Name of the table of which it is a partition; empty if it is none.
        constraints: Its constraints and unique indexes.
    """

    def __init__(
        self,
        statement: exp.Create,
        types: UserTypes,
        sequences: Sequences,
        find: Callable[[exp.Expr | None], TableStatement | None],
    ) -> None:
        table = statement.this.this
        schema = table.args.get("db")
        self.schema = identifier(schema) if schema else ""
        self.name = identifier(table.this)
        self._types, self._find = types, find
        self._lowered = [written] if (written := self._written(table)) else []
        self._columns = Columns(types.dialect, sequences)
        self.constraints = Constraints()
        self._doc = self.partition_of = ""
        self._notes: list[str] = []
        options = statement.args.get("properties") or ()
        # MySQL has the first number of a column as an option of its table.
        first = next((o for o in options if isinstance(o, exp.AutoIncrementProperty)), None)
        self._columns.number_from(first and first.this)
        for inherited in (o for o in options if isinstance(o, exp.InheritsProperty)):
            for parent in inherited.expressions:
                self._copy(parent, "CONSTRAINTS")
        for part in statement.this.expressions:
            self._take(part)
        for option in options:
            if isinstance(option, exp.SchemaCommentProperty):
                self.comment(option.this.name)
            elif is_description(option):
                self.comment(option.args["value"].name)

    @property
    def notes(self) -> list[str]:
        """What was left out or renamed."""
        notes, table = [*self._notes], f"table `{self.name}`"
        if self._lowered:
            names = ", ".join(f"`{name}`" for name in self._lowered)
            notes.append(f"{table}: names in lower case here: {names}")
        if not self._columns.found.keys() >= set(self.constraints.key):
            notes.append(f"{table}: its key left out: it is of unknown columns")
        return notes

    def add(self, parts: Sequence[exp.Expr]) -> None:
        """Adds columns and constraints; a column that there is gets another type.

        Args:
            parts: What ``create table`` lists of them.
        """
        for part in parts:
            self._take(part)

    def alter(self, actions: Sequence[exp.Expr]) -> None:
        """Applies the actions of ``alter table``.

        Args:
            actions: The actions.
        """
        for action in actions:
            match action:
                case exp.AlterRename():
                    self.name = identifier(action.this.this)
                case exp.RenameColumn():
                    self._rename(identifier(action.this), identifier(action.args["to"]))
                case exp.ModifyColumn():
                    self._modify(action.this, action.args.get("rename_from"))
                case exp.AlterColumn():
                    self._columns.alter(action)
                case exp.Drop(kind="COLUMN"):
                    self._drop(identifier(action.this))
                case exp.AutoIncrementProperty():
                    self._columns.number_from(action.this)
                case exp.DropPrimaryKey():
                    self.constraints.keys.clear()
                case exp.Drop():
                    found = self.constraints.drop(identifier(action.this))
                    if not found and not action.args.get("exists"):
                        what = f"table `{self.name}`: `{action.this.name}` is not dropped"
                        self._notes.append(f"{what}: it is known by no name")

    def unique_index(self, index: exp.Index) -> None:
        """Applies a unique index; one of expressions or of some rows only is noted.

        Args:
            index: The index, as ``indexes`` writes it.
        """
        parameters = index.args["params"]
        columns = [ordered.this for ordered in parameters.args["columns"]]
        name = identifier(index.this) if index.this else ""
        if parameters.args.get("where") or not all(isinstance(c, exp.Column) for c in columns):
            what = f"table `{self.name}`: unique index {f'`{name}` ' * bool(name)}left out"
            self._notes.append(f"{what}: it is of expressions or of some rows")
            return
        self._unique(self._names(columns), name)

    def comment(self, text: str, column: str | None = None) -> None:
        """Sets the description of the table or of a column.

        Args:
            text: The description.
            column: The column.
        """
        if column is None:
            self._doc = text
        else:
            self._columns.describe(column, text)

    def found(self) -> FoundTable:
        """The table as a whole."""
        columns = dict(self._columns.found)
        checks: list[str] = []
        constraints = self.constraints
        uniques = constraints.uniques.values()
        for name in filter(columns.get, constraints.key):
            columns[name] = replace(columns[name], nullable=False)
        for name in filter(columns.get, (names[0] for names in uniques if len(names) == 1)):
            columns[name] = replace(columns[name], unique=True)
        columns = with_formula_types(self._with_readable_formulas(columns))
        for condition in constraints.conditions.values():
            columns, rest = narrowed(columns, condition)
            checks += filter(self._is_readable, rest)
        dialect = self._types.dialect
        computed = {
            name: replace(column, formula=truncating(column.formula, columns, dialect))
            for name, column in columns.items()
            if column.formula
        }
        checks = [truncating(check, columns, dialect) for check in checks]
        return FoundTable(
            self.name,
            tuple((columns | computed).values()),
            primary_key=tuple(filter(columns.get, constraints.key)),
            references=tuple(constraints.references.values()),
            uniques=tuple(names for names in uniques if len(names) > 1),
            checks=tuple(checks),
            doc=self._doc,
            schema=self.schema,
        )

    def _with_readable_formulas(self, columns: Mapping[str, FoundColumn]) -> dict[str, FoundColumn]:
        """Columns without the formulas that PostgreSQL has no SQL for."""
        return {
            name: column
            if not column.formula or self._is_readable(column.formula)
            else replace(column, formula="")
            for name, column in columns.items()
        }

    def _is_readable(self, sql: str) -> bool:
        """Whether a formula or a condition is SQL of PostgreSQL; a note if it is not."""
        found = tree_of(sql, "postgres") is not None
        note = f"table `{self.name}`: `{sql}` left out: it cannot be read"
        self._notes += [] if found or note in self._notes else [note]
        return found

    def _written(self, named: exp.Expr) -> str:
        """A name without quotes as it is written, if its dialect keeps the case; else empty."""
        dialect = sqlglot.Dialect.get_or_raise(self._types.dialect)
        written = named.this if isinstance(named.this, exp.Identifier) else None
        is_kept = dialect.NORMALIZATION_STRATEGY.value in KEPT
        changed = written is not None and is_kept and identifier(written) != written.name
        return str(written.name) if written is not None and changed else ""

    def _take(self, part: exp.Expr, given: str = "") -> None:
        """Takes a part of the statement over; a constraint has a name that is given, or none."""
        match part:
            case exp.ColumnDef():
                self._add_column(part)
            case exp.Identifier():  # SQLite's columns need no type
                self._add_column(exp.ColumnDef(this=part))
                what = f"column `{identifier(part)}` of table `{self.name}`"
                self._notes.append(f"{what} is text here: it has no type")
            case exp.LikeProperty():
                self._copy(part.this, *(str(option.args["value"]) for option in part.expressions))
            case exp.Constraint():
                for inner in part.expressions:
                    self._take(inner, identifier(part.this))
            case exp.PrimaryKey():
                self._set_key(self._names(part.expressions), given)
            case exp.ForeignKey():
                self._refer(self._names(part.expressions), part.args["reference"], given)
            case exp.UniqueColumnConstraint() if isinstance(part.this, exp.Schema):
                own = identifier(part.this.this) if part.this.this else ""
                self._unique(self._names(part.this.expressions), given or own)
            case exp.Check() | exp.CheckColumnConstraint():
                self._condition(part.this, given)
            case exp.ExcludeColumnConstraint():
                self._notes.append(f"table `{self.name}`: an exclusion constraint left out")

    def _add_column(self, definition: exp.ColumnDef) -> None:
        name = identifier(definition.this)
        given, constraints = self._types.resolved(definition)
        if name not in self._columns.found and (written := self._written(definition)):
            self._lowered.append(written)
        self._columns.add(name, given)
        if not isinstance(definition.args.get("kind"), exp.DataType):
            self._columns.spell(name, NO_TYPE)
        for constraint in constraints:
            own = constraint.this
            self._columns.constrain(name, constraint.args["kind"])
            self._constrain(name, constraint.args["kind"], identifier(own) if own else "")

    def _modify(self, definition: exp.ColumnDef, before: exp.Expr | None) -> None:
        name = identifier(definition.this)
        self._rename(identifier(before) if before else name, name)
        self._add_column(definition)

    def _drop(self, name: str) -> None:
        """A column is dropped with the keys, references and conditions that have it."""
        self._columns.found.pop(name, None)
        self.constraints.drop_column(name)

    def _rename(self, before: str, after: str) -> None:
        self._columns.rename(before, after)
        self.constraints.rename_column(before, after)

    def _copy(self, other: exp.Expr, *including: str) -> None:
        """Takes over the columns of another table, and of its constraints what is included."""
        table = self._find(other)
        if table is None:
            self._notes.append(
                f"table `{self.name}`: columns of `{other.name}` left out: there is no such table"
            )
            return
        included = {"CONSTRAINTS", "INDEXES"} if "ALL" in including else set(including)
        self._columns.found |= table._columns.found
        if "CONSTRAINTS" in included:
            for name, condition in table.constraints.conditions.items():
                self._condition(condition.copy(), name)
        if "INDEXES" in included:
            for names in table.constraints.keys.values():
                self._set_key(names)
            for names in table.constraints.uniques.values():
                self._unique(names)

    def _constrain(self, name: str, kind: exp.Expr, given: str) -> None:
        match kind:
            case exp.PrimaryKeyColumnConstraint():
                self._set_key((name,), given)
            case exp.UniqueColumnConstraint():
                self._unique((name,), given)
            case exp.CheckColumnConstraint():
                self._condition(kind.this, given)
            case exp.Reference():
                self._refer((name,), kind, given)

    def _set_key(self, columns: tuple[str, ...], given: str = "") -> None:
        columns = self._of_index(columns)
        self.constraints.keys.clear()  # there is one at most
        self.constraints.keys[self.constraints.name(given, self.name, "pkey")] = columns

    def _unique(self, columns: tuple[str, ...], given: str = "") -> None:
        columns = self._of_index(columns)
        # MySQL names an index by its first column, others as PostgreSQL does or by random letters.
        words = columns[:1] if self._types.dialect == "mysql" else (self.name, *columns, "key")
        name = self.constraints.name(given, *words)
        self.constraints.uniques[name] = columns

    def _of_index(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """The columns of a constraint; those of an index that it names in place of columns."""
        is_index = len(names) == 1 and names[0] not in self._columns.found
        return self.constraints.uniques.pop(names[0].lower(), names) if is_index else names

    def _condition(self, condition: exp.Expr, given: str) -> None:
        named = columns_of(condition)
        words = (*named, "check") if len(named) == 1 else ("check",)
        self.constraints.conditions[self.constraints.name(given, self.name, *words)] = condition

    def _refer(self, columns: tuple[str, ...], reference: exp.Expr, given: str) -> None:
        target = reference.this
        parent_columns: tuple[str, ...] = ()
        if isinstance(target, exp.Schema):
            parent_columns, target = self._names(target.expressions), target.this
        schema = target.args.get("db")
        name = self.constraints.name(given, self.name, *columns, "fkey")
        self.constraints.references[name] = FoundReference(
            columns,
            identifier(target.this),
            parent_columns,
            identifier(schema) if schema else "",
        )

    @staticmethod
    def _names(nodes: Sequence[exp.Expr]) -> tuple[str, ...]:
        return tuple(identifier(node) for node in nodes)
