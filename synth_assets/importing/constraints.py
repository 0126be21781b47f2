"""The constraints of one table by their names, by which later statements drop them.

Names are in lower case: most databases do not distinguish them by case.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from sqlglot import exp

from synth_assets.importing.condition_trees import identifier
from synth_assets.importing.found import FoundReference

Names = tuple[str, ...]


@dataclass
class Constraints:
    """The constraints of a table; one without a name has that which a database gives it.

    Attributes:
        keys: The columns of the primary key, if there is one.
        references: The references.
        uniques: Columns that are unique together, by constraint or by index.
        conditions: The conditions.
    """

    keys: dict[str, Names] = field(default_factory=dict)
    references: dict[str, FoundReference] = field(default_factory=dict)
    uniques: dict[str, Names] = field(default_factory=dict)
    conditions: dict[str, exp.Expr] = field(default_factory=dict)

    @property
    def key(self) -> Names:
        """The columns of the primary key; none if there is none."""
        return next(iter(self.keys.values()), ())

    def name(self, given: str, *words: str) -> str:
        """The name of a new constraint.

        Args:
            given: Its name; empty if it has none.
            words: The words of the name that it has otherwise: in PostgreSQL the table, columns and
                the kind.
        """
        taken = {*self.keys, *self.references, *self.uniques, *self.conditions}
        name = (given or "_".join(words)).lower()
        numbered = (f"{name}{number}" for number in range(1, len(taken) + 1))
        return next(each for each in (name, *numbered) if each not in taken)

    def drop(self, name: str) -> bool:
        """Drops a constraint.

        Args:
            name: Its name.

        Returns:
            Whether there is one of that name.
        """
        kinds = (self.keys, self.references, self.uniques, self.conditions)
        return any(kind.pop(name.lower(), None) is not None for kind in kinds)

    def drop_column(self, column: str) -> None:
        """Drops every constraint that has a column.

        Args:
            column: Name of the column.
        """
        having = [
            *(key for key, names in (self.keys | self.uniques).items() if column in names),
            *(key for key, reference in self.references.items() if column in reference.columns),
            *(key for key, condition in self.conditions.items() if column in columns_of(condition)),
        ]
        for key in having:
            self.drop(key)

    def rename_column(self, before: str, after: str) -> None:
        """Has a column by its new name.

        Args:
            before: The name that it had.
            after: The name that it has.
        """

        def renamed(names: Sequence[str]) -> Names:
            return tuple(after if name == before else name for name in names)

        self.keys = {key: renamed(names) for key, names in self.keys.items()}
        self.uniques = {key: renamed(names) for key, names in self.uniques.items()}
        self._refer(lambda r: replace(r, columns=renamed(r.columns)))
        for condition in self.conditions.values():
            for column in condition.find_all(exp.Column):
                if identifier(column.this) == before:
                    column.set("this", exp.to_identifier(after, quoted=True))

    def rename_parent(self, before: str, after: str) -> None:
        """Refers to another table by its new name.

        Args:
            before: The name that it had.
            after: The name that it has.
        """
        self._refer(lambda r: replace(r, parent=after) if r.parent == before else r)

    def _refer(self, changed: Callable[[FoundReference], FoundReference]) -> None:
        self.references = {key: changed(each) for key, each in self.references.items()}


def columns_of(condition: exp.Expr) -> set[str]:
    """The columns that a condition names.

    Args:
        condition: The condition.
    """
    return {identifier(column.this) for column in condition.find_all(exp.Column)}
