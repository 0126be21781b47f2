"""Which columns the values of a column are computed from, of all tables: no circle, no long chain.

A column may use columns of its own row and of the rows to which references lead. A reference has
two parts, since its key may be computed from more than the number of the parent's row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from synth_assets.declarative.base import ColumnBase
from synth_assets.declarative.columns import (
    CopyColumn,
    ExpressionColumn,
    ReferenceColumn,
    SwitchColumn,
)
from synth_assets.declarative.model import DomainSpec
from synth_assets.declarative.problem import Problem
from synth_assets.declarative.sql import parsed
from synth_assets.declarative.times import LaterColumn, TimestampColumn

# Most columns in a chain of which each is computed from the one before; cases of a switch in a case
# of another count as columns.
MOST_STEPS = 64


@dataclass(frozen=True)
class Node:
    """A column of a table, or of a reference only the number of the parent's row.

    Attributes:
        table: The table's name.
        column: The column's name.
        row: Whether it is the number of the parent's row.
    """

    table: str
    column: str
    row: bool = False

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"


def of_dependencies(spec: DomainSpec) -> Iterator[Problem]:
    """Columns that depend on themselves, and chains that are too long.

    Args:
        spec: The declaration, in which every name exists.
    """
    graph = {
        node: list(_used(spec, node))
        for table, declared in spec.tables.items()
        for name in declared.columns
        for node in (Node(table, name), Node(table, name, row=True))
    }
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        yield _circle(list(graph), error.args[1])
        return
    steps: dict[Node, int] = {}
    for node in order:
        own = 0 if node.row else _depth(_declared(spec, node))
        steps[node] = own + max((steps[used] for used in graph[node]), default=0)
    for node in order:
        if steps[node] > MOST_STEPS:
            # Those after it in the chain have the same fault.
            yield Problem(
                ("tables", node.table, "columns", node.column),
                f"ends a chain of {steps[node]} columns, each computed from the one before: at "
                f"most {MOST_STEPS} are possible",
            )
            return


def _circle(nodes: list[Node], circle: list[Node]) -> Problem:
    # The sorter names each node before those that use it, and the first one twice.
    path = circle[:0:-1]
    first = path.index(min(path, key=nodes.index))
    path = path[first:] + path[: first + 1]
    named = list(dict.fromkeys(map(str, path[:-1])))
    return Problem(
        ("tables", path[0].table, "columns", path[0].column),
        f"columns depend on each other: {' -> '.join([*named, named[0]])}",
    )


def _declared(spec: DomainSpec, node: Node) -> ColumnBase:
    return spec.tables[node.table].columns[node.column]


def _used(spec: DomainSpec, node: Node) -> Iterator[Node]:
    """The columns that a column is computed from."""
    column = _declared(spec, node)
    if isinstance(column, ReferenceColumn) and not node.row:
        parents = spec.tables[column.to].columns
        key = column.column or next(name for name, each in parents.items() if each.primary_key)
        yield Node(node.table, node.column, row=True)
        yield Node(column.to, key)
        return
    for name, through in _read(column):
        if through is None:
            yield Node(node.table, name)
            continue
        reference = spec.tables[node.table].columns[through]
        assert isinstance(reference, ReferenceColumn)
        yield Node(node.table, through, row=True)
        yield Node(reference.to, name)


def _read(column: ColumnBase | None) -> Iterator[tuple[str, str | None]]:
    """The columns that a declaration names, with the reference that leads to each."""
    if column is not None and column.only_when is not None:
        yield from ((name, None) for name in parsed(column.only_when).columns)
    match column:
        case ExpressionColumn():
            yield from ((name, None) for name in parsed(column.sql).columns)
        case CopyColumn():
            yield column.column, column.through
        case LaterColumn():
            yield column.than, column.through
        case TimestampColumn() if column.after is not None:
            yield column.after, column.through
        case SwitchColumn():
            yield column.on, None
            for case in (*column.cases.values(), column.otherwise):
                yield from _read(case)


def _depth(column: ColumnBase | None) -> int:
    if not isinstance(column, SwitchColumn):
        return 1
    return 1 + max(map(_depth, (*column.cases.values(), column.otherwise)))
