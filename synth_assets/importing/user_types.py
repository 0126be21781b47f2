"""Types of the user's own in DDL: enumerations, and domains with their conditions."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp

from synth_assets.importing.condition_trees import identifier
from synth_assets.importing.parsing import statement_tree
from synth_assets.importing.statements import Statement

# How the conditions of a domain name a value.
VALUE = "value"


@dataclass
class UserTypes:
    """The types that statements of DDL have created.

    Attributes:
        dialect: Their dialect of SQL.
    """

    dialect: str
    _columns: dict[str, exp.ColumnDef] = field(default_factory=dict)

    def add(self, name: str, given: exp.DataType) -> None:
        """Adds an enumeration.

        Args:
            name: Its name.
            given: The enumeration.
        """
        self._columns[name] = exp.ColumnDef(this=exp.to_identifier(VALUE), kind=given)

    def add_domain(self, name: str, text: str) -> None:
        """Adds a domain; one that cannot be read is a type that is not known.

        Args:
            name: Its name.
            text: Its type and constraints.
        """
        statement = Statement(f"create table d ({VALUE} {text})", 0)
        tree = statement_tree(statement, self.dialect, [])
        found = tree and tree.find(exp.ColumnDef)
        if isinstance(found, exp.ColumnDef):
            self._columns[name] = found

    def resolved(self, definition: exp.ColumnDef) -> tuple[exp.DataType, list[exp.Expr]]:
        """The type of a column, and its constraints with those of its domain.

        Args:
            definition: The column.
        """
        kind = definition.args.get("kind")
        given = kind if isinstance(kind, exp.DataType) else exp.DataType.build("text")
        constraints = list(definition.args.get("constraints") or ())
        known = self._columns.get(_last(given)) if _is_users(given) else None
        if known is None:
            return given, constraints
        base, of_domain = self.resolved(known)
        own = exp.column(exp.to_identifier(identifier(definition.this), quoted=True))
        return base, [*(_of(own, each) for each in of_domain), *constraints]


def _of(column: exp.Column, constraint: exp.Expr) -> exp.Expr:
    """A constraint of a domain as one of a column."""

    def renamed(node: exp.Expr) -> exp.Expr:
        is_value = isinstance(node, exp.Column) and identifier(node.this) == VALUE
        return column.copy() if is_value else node

    return constraint.copy().transform(renamed)


def _is_users(given: exp.DataType) -> bool:
    return bool(given.this == exp.DataType.Type.USERDEFINED)


def _last(given: exp.DataType) -> str:
    """The name of a type of the user's own, without its schema."""
    name = given.args.get("kind")
    last = name.expression if isinstance(name, exp.Dot) else name
    return identifier(last) if isinstance(last, exp.Expr) else str(last or "").lower()
