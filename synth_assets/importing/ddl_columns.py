"""The columns of one ``create table``: their types, and the constraints that are of one column.

Keys, references and conditions, which may be of several columns, are in ``constraints``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from sqlglot import exp

from synth_assets.importing.condition_trees import identifier, plain_sql
from synth_assets.importing.found import FoundColumn, Kind
from synth_assets.importing.parsing import SAME_TYPE
from synth_assets.importing.sequences import Sequences
from synth_assets.importing.types import bounds_of, enumerated, found_type


@dataclass
class Columns:
    """The columns of a table by their names.

    Attributes:
        dialect: The dialect of the statements.
        sequences: The sequences that there are.
        found: The columns.
        first_number: The first number of a column that the database numbers.
    """

    dialect: str
    sequences: Sequences
    found: dict[str, FoundColumn] = field(default_factory=dict)
    first_number: int = 1
    _numbered: str = ""

    def add(self, name: str, given: exp.DataType) -> None:
        """Adds a column; one that there is gets another type.

        Args:
            name: Its name.
            given: Its type.
        """
        kind = found_type(given, self.dialect)
        if name not in self.found or kind.spelled != SAME_TYPE:
            low, high = bounds_of(given)
            values = enumerated(given)
            self.found[name] = FoundColumn(name, kind, values=values, low=low, high=high)

    def spell(self, name: str, text: str) -> None:
        """Says how the source spells the type of a column.

        Args:
            name: Its name.
            text: The type.
        """
        self._change(name, type=replace(self.found[name].type, spelled=text))

    def alter(self, action: exp.AlterColumn) -> None:
        """Changes the type, the default or the nulls of a column that there is.

        Args:
            action: An action of ``alter table``.
        """
        name = identifier(action.this)
        if name not in self.found:
            return
        if (given := action.args.get("dtype")) is not None:
            self._change(name, type=found_type(given, self.dialect), values=enumerated(given))
        if (default := action.args.get("default")) is not None:
            self._default(name, default)
        if (nullable := action.args.get("allow_null")) is not None:
            self._change(name, nullable=bool(nullable))

    def rename(self, before: str, after: str) -> None:
        """Renames a column, which keeps its place.

        Args:
            before: The name that it has.
            after: The name that it gets.
        """
        self.found = {
            column.name: column
            for column in (
                replace(column, name=after) if name == before else column
                for name, column in self.found.items()
            )
        }

    def describe(self, name: str, text: str) -> None:
        """Sets the description of a column, if there is such a column.

        Args:
            name: Its name.
            text: The description.
        """
        if name in self.found:
            self._change(name, doc=text)

    def number_from(self, first: exp.Expr | None) -> None:
        """Sets the first number of the column that the database numbers.

        Args:
            first: The number, 1 without it.
        """
        self.first_number = whole(first) or 1
        if self._numbered in self.found:
            self._number(self._numbered, self.first_number, 1)

    def constrain(self, name: str, kind: exp.Expr) -> None:
        """Applies a constraint, if it is of one column.

        Args:
            name: The column.
            kind: The constraint.
        """
        match kind:
            case exp.NotNullColumnConstraint() if not kind.args.get("allow_null"):
                self._change(name, nullable=False)
            case exp.CommentColumnConstraint():
                self._change(name, doc=kind.this.name)
            case exp.ComputedColumnConstraint():
                self._change(name, formula=self._formula(kind.this))
            case exp.DefaultColumnConstraint():
                self._default(name, kind.this)
            case exp.AutoIncrementColumnConstraint():
                self._numbered = name
                self._number(name, self.first_number, 1)
            case exp.GeneratedAsIdentityColumnConstraint() if not kind.expression:
                numbers = (whole(kind.args.get(word)) for word in ("start", "increment"))
                self._number(name, *(1 if number is None else number for number in numbers))
            case exp.GeneratedAsIdentityColumnConstraint():
                # How sqlglot reads a computed column that is not said to be stored.
                self._change(name, formula=self._formula(kind.expression))
            case exp.Properties():
                for option in filter(is_description, kind.expressions):
                    self._change(name, doc=option.args["value"].name)

    def _change(self, name: str, **values: object) -> None:
        self.found[name] = replace(self.found[name], **values)  # type: ignore[arg-type]

    def _default(self, name: str, default: exp.Expr) -> None:
        """Numbers the rows in a column whose default asks a sequence."""
        numbers = self.sequences.asked_by(default)
        if numbers is not None:
            self._number(name, *numbers)

    def _number(self, name: str, start: int, step: int) -> None:
        """Numbers the rows in a column; from 1 in steps of 1 is how keys are numbered anyway."""
        self._change(name, numbered=None if (start, step) == (1, 1) else (start, step))

    def _formula(self, formula: exp.Expr) -> str:
        """A formula as SQL; with the types of bits that are truth values where bits are such."""
        formula = formula.copy()
        for given in formula.find_all(exp.DataType):
            if found_type(given, self.dialect).kind is Kind.BOOLEAN:
                given.set("this", exp.DataType.Type.BOOLEAN)
        return plain_sql(formula)


def is_description(option: exp.Expr) -> bool:
    """Whether an option of BigQuery describes a table or a column.

    Args:
        option: The option.
    """
    return isinstance(option, exp.Property) and option.name == "description"


def whole(node: exp.Expr | None) -> int | None:
    """A whole number; None if there is none.

    Args:
        node: What may be one.
    """
    text = node.sql() if node is not None else ""
    return int(text) if re.fullmatch(r"-?\d+", text) else None
