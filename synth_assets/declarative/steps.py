"""Expressions by name, in an order in which each comes after those that it uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import polars as pl


class Steps:
    """Expressions that are added one by one; what one uses is added while it is computed.

    Args:
        given: The expressions that use no other.
    """

    def __init__(self, given: Mapping[str, pl.Expr]) -> None:
        self._steps = {name: (0, expression) for name, expression in given.items()}
        # The level of what the expression that is being computed has used so far.
        self._used = 0

    def __contains__(self, name: object) -> bool:
        return name in self._steps

    def add(self, name: str, compute: Callable[[], pl.Expr]) -> pl.Expr:
        """A step by its name, computed if it is not there.

        Args:
            name: The name that it has in the frame.
            compute: Gives the expression, and adds what it uses.
        """
        if name not in self._steps:
            outer, self._used = self._used, 0
            expression = compute()
            self._steps[name] = (self._used + 1, expression)
            self._used = outer
        return self.use(name)

    def use(self, name: str) -> pl.Expr:
        """A step that is there.

        Args:
            name: Its name.
        """
        self._used = max(self._used, self._steps[name][0])
        return pl.col(name)

    def __iter__(self) -> Iterator[tuple[str, pl.Expr]]:
        """Each step, after those that it uses."""
        return ((name, expression) for name, (_, expression) in self._steps.items())

    def frame(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """Rows with every step as a column.

        Args:
            rows: What the given expressions are about.
        """
        levels: dict[int, list[pl.Expr]] = {}
        for name, (level, expression) in self._steps.items():
            # A column may be called as an argument is, such as `self`.
            levels.setdefault(level, []).append(expression.alias(name))
        for level in sorted(levels):
            rows = rows.with_columns(levels[level])
        return rows
