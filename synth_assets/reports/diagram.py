"""The integrity diagram: tables as boxes, foreign keys as arrows with the number of orphans.

Parents are left of their children. Only positions are computed here; the template draws them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import isfinite
from statistics import fmean

from synth_assets.reports.gate import Reference, Status, TableOutcome

# Sizes in pixels; a label is cut after so many characters.
WIDTH, HEIGHT, GAP, COLUMN = 196, 34, 14, 300
LABEL = 27


@dataclass(frozen=True)
class Box:
    """A table.

    Attributes:
        table: The table.
        label: Its name without the domain.
        x: Left edge.
        y: Upper edge.
    """

    table: TableOutcome
    label: str
    x: int
    y: int


@dataclass(frozen=True)
class Arrow:
    """A foreign key, from the child to the parent.

    Attributes:
        child: Path of the child.
        reference: The foreign key.
        status: Status of the check that counts orphans.
        orphans: Rows without a parent in all partitions; None if they were not counted.
        path: The line, as the ``d`` of an SVG path.
        x: Middle of the label.
        y: Middle of the label.
    """

    child: str
    reference: Reference
    status: Status
    orphans: int | None
    path: str
    x: float
    y: float


@dataclass(frozen=True)
class Diagram:
    """The positions of all boxes and arrows.

    Attributes:
        boxes: The tables that refer to others or are referred to.
        arrows: The foreign keys.
        width: Width of the drawing.
        height: Height of the drawing.
    """

    boxes: Sequence[Box]
    arrows: Sequence[Arrow]
    width: int
    height: int


def diagram(tables: Sequence[TableOutcome]) -> Diagram:
    """The integrity diagram of tables; foreign keys to tables that are not among them are left out.

    Args:
        tables: The tables.
    """
    by_path = {table.table: table for table in tables}
    edges = [
        (table, reference)
        for table in tables
        for reference in table.references
        if reference.parent in by_path and reference.parent != table.table
    ]
    linked = {t.table for t, _ in edges} | {r.parent for _, r in edges}
    boxes = _boxes([table for table in tables if table.table in linked], edges)
    placed = {box.table.table: box for box in boxes}
    arrows = [_arrow(table, r, placed, _lane(edges, table, r)) for table, r in edges]
    width = max((box.x for box in boxes), default=0) + WIDTH + 2
    height = max((box.y for box in boxes), default=0) + HEIGHT + 2
    return Diagram(boxes, arrows, width, height)


def _boxes(
    tables: Sequence[TableOutcome], edges: Sequence[tuple[TableOutcome, Reference]]
) -> list[Box]:
    """Boxes in columns by the longest path to a table without parents, near their parents."""
    parents: dict[str, list[str]] = {table.table: [] for table in tables}
    for table, reference in edges:
        parents[table.table].append(reference.parent)

    @cache
    def depth(path: str) -> int:
        return 1 + max(map(depth, parents[path]), default=-1)

    columns: dict[int, list[TableOutcome]] = {}
    for table in tables:
        columns.setdefault(depth(table.table), []).append(table)
    boxes: dict[str, Box] = {}
    for column in sorted(columns):
        preferred = {
            t.table: _level(parents[t.table], boxes, n) for n, t in enumerate(columns[column])
        }
        y = 1
        for table in sorted(columns[column], key=lambda t: preferred[t.table]):
            y = max(y, round(preferred[table.table]))
            label = table.table.partition("/")[2]
            cut = label if len(label) <= LABEL else label[: LABEL - 1] + "…"
            boxes[table.table] = Box(table, cut, 1 + column * COLUMN, y)
            y += HEIGHT + GAP
    return list(boxes.values())


def _level(parents: Sequence[str], boxes: Mapping[str, Box], position: int) -> float:
    """Where a box should be: beside its parents, or at its position if it has none."""
    if not parents:
        return 1 + position * (HEIGHT + GAP)
    return fmean(boxes[path].y for path in parents)


def _lane(
    edges: Sequence[tuple[TableOutcome, Reference]], table: TableOutcome, reference: Reference
) -> float:
    """Where an arrow leaves its box, from 0 to 1, so that arrows of a table do not coincide."""
    own = [r for t, r in edges if t.table == table.table]
    return (own.index(reference) + 1) / (len(own) + 1)


def _arrow(
    table: TableOutcome, reference: Reference, placed: Mapping[str, Box], lane: float
) -> Arrow:
    child, parent = placed[table.table], placed[reference.parent]
    x1, y1 = child.x, child.y + HEIGHT * lane
    x2, y2 = parent.x + WIDTH, parent.y + HEIGHT / 2
    bend = (x1 - x2) / 2
    path = f"M{x1} {y1:.1f}C{x1 - bend:.1f} {y1:.1f} {x2 + bend:.1f} {y2:.1f} {x2 + 7} {y2:.1f}"
    check = table.check(reference.check)
    status: Status = check.status if check else "missing"
    counted = [r.measured for r in check.results if isfinite(r.measured)] if check else []
    orphans = round(sum(counted)) if counted else None
    # Near the child, where arrows of several children have not met yet.
    return Arrow(table.table, reference, status, orphans, path, x1 - 26, y1)
