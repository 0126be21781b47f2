"""A table: everything there is to know about it, declared once.

To add a table, write its file in the domain's folder: what a row is, the schema, the rules,
the function that makes it, the ``Table`` that ties them together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl

from synth_assets.generation.batches import batched
from synth_assets.generation.rulebook import (
    as_written,
    foreign_key,
    one_scenario,
    schema_holds,
    unique,
)
from synth_assets.generation.rules import Rule
from synth_assets.generation.schema import columns_of, polars_schema
from synth_assets.generation.slicing import Slice, Slicing, Whole
from synth_assets.generation.stored import Receipt, Stored

# Slices that lie next to each other are generated together up to so many rows: planning a
# query costs more than computing a small slice.
ROWS_AT_ONCE = 500_000


@dataclass(frozen=True)
class Placement:
    """A place in a schema that is not the domain's.

    With ``suffixes`` slices are tables by themselves, each called what the table is and the
    suffix of its key; without, they share one table as they do everywhere. ``prefix`` is what the
    names of tables begin with in the domain, and not there.
    """

    schema: str
    suffixes: Mapping[str, str] | None = None
    prefix: str = ""


@dataclass(frozen=True)
class Table:
    """A generated table.

    ``rows_before(scenario, step)`` counts the rows that lie before a step of the slicing's
    axis; ``generate(scenario, piece)`` makes the rows of a slice, of a batch of one, or of
    neighbouring slices, with at least the schema's columns and ``row``, in order of ``row``.
    A table that comes from stored ones has ``derive(stored, key)`` instead of both: the rows of
    a slice, made of what ``stored.other`` tells.
    A table that BigQuery makes, or that is copied from there, has neither, but the ``query``
    whose rows it holds; ``{key}`` in it stands for the slice's key, ``{digits}`` for what of it
    are digits. Of several statements the last is the query.
    ``parents`` binds the roles that the schema's foreign keys name
    to tables of the domain; ``follows`` are further tables shown upstream in the graph.
    ``blocking`` False turns every rule of the table into a warning. ``code_version`` changes
    whenever the rows do. ``cluster_by`` are the columns by which rows are looked up, most
    telling first; without any, the keys are. ``placement`` says where the slices lie that are not
    in the domain's schema, or do not share a table; parents then lie in the same place.
    ``pictures`` makes Markdown, by name, of a slice's first rows, which is shown with it.
    ``notes`` tells of a slice, by its key, what shall stand with it besides.
    ``on_stored`` is called with the home of the data and the receipt of each slice that was stored.
    ``store`` is the kind of store that the table lies in, whatever the others do.
    ``rows_at_once`` are made together at most; fewer where rows are wide.
    """

    domain: str
    name: str
    doc: str
    schema: type[dy.Schema]
    slicing: Slicing
    rows_before: Callable[[Any, int], int] = lambda scenario, step: 0
    generate: Callable[[Any, Slice], pl.LazyFrame] | None = None
    derive: Callable[[Stored, str], pl.LazyFrame] | None = None
    query: str | None = None
    rules: Sequence[Rule] = ()
    parents: Mapping[str, str] = field(default_factory=dict)
    follows: Sequence[str] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    blocking: bool = True
    code_version: str = "1"
    cluster_by: Sequence[str] = ()
    placement: Placement | None = None
    pictures: Callable[[pl.DataFrame], Mapping[str, str]] | None = None
    notes: Callable[[str], Mapping[str, str]] | None = None
    on_stored: Callable[[Path, Receipt], None] | None = None
    store: str | None = None
    rows_at_once: int | None = None

    @property
    def path(self) -> str:
        """``domain/table``: asset key, schema.table and folder alike."""
        return f"{self.domain}/{self.name}"

    @property
    def parent_names(self) -> list[str]:
        """Tables upstream of this one, without repeats."""
        return list(dict.fromkeys([*self.parents.values(), *self.follows]))

    @property
    def clustering(self) -> list[str]:
        """What a store may sort, cluster or index by: as declared, else the keys, primary first."""
        columns = columns_of(self.schema)
        keys = [c.name for c in columns if c.primary_key]
        keys += [c.name for c in columns if c.foreign_key and not c.primary_key]
        return list(self.cluster_by or keys)

    @cached_property
    def all_rules(self) -> list[Rule]:
        """The rules every table has, then its own."""
        columns = columns_of(self.schema)
        keys = [c.name for c in columns if c.primary_key]
        rules = [schema_holds(), as_written(), one_scenario()]
        if keys:
            rules.append(unique(keys, name="primary_key"))
        for column in columns:
            if column.foreign_key is not None:
                role, parent_column = column.foreign_key
                rules.append(foreign_key(column.name, self.parents[role], parent_column))
        own = {rule.name for rule in self.rules}
        rules = [rule for rule in rules if rule.name not in own] + list(self.rules)
        return rules if self.blocking else [rule.warning() for rule in rules]

    def slice(self, scenario: Any, key: str) -> Slice:
        """The slice of a partition key; ``UserError`` for a key outside the slicing."""
        first, last = self.slicing.steps(key)
        start, stop = self.rows_before(scenario, first), self.rows_before(scenario, last)
        return Slice(key, start, stop, first, last)

    @property
    def apart(self) -> bool:
        """Whether slices are tables by themselves."""
        return self.placement is not None and self.placement.suffixes is not None

    def moved(self) -> Table:
        """The one table that all slices share, as it lies where the ``placement`` says."""
        assert self.placement is not None
        prefix = self.placement.prefix
        return replace(
            self,
            domain=self.placement.schema,
            name=self.name.removeprefix(prefix),
            parents={role: parent.removeprefix(prefix) for role, parent in self.parents.items()},
            follows=(),
            placement=None,
        )

    def query_of(self, key: str) -> str:
        """The query whose rows are those of a slice; ``UserError`` for a key there is not."""
        assert self.query is not None
        self.slicing.steps(key)
        digits = "".join(filter(str.isdigit, key))
        return self.query.replace("{key}", key).replace("{digits}", digits)

    def placed(self, key: str) -> Table:
        """The table that a slice is by itself, by the ``placement``."""
        assert self.placement is not None
        assert self.placement.suffixes is not None
        suffix = self.placement.suffixes[key]
        return replace(
            self,
            domain=self.placement.schema,
            name=self.name + suffix,
            slicing=Whole(),
            parents={role: parent + suffix for role, parent in self.parents.items()},
            follows=(),
            placement=None,
        )

    def stored_tables(self) -> list[Table]:
        """The tables that a store has for this one: itself, or one for each slice."""
        if self.placement is None:
            return [self]
        if self.placement.suffixes is None:
            return [self.moved()]
        return [self.placed(key) for key in self.placement.suffixes]

    def __post_init__(self) -> None:
        if sum(made is not None for made in (self.generate, self.derive, self.query)) != 1:
            raise TypeError(f"{self.path} needs one of generate, derive and query")

    def frame(self, scenario: Any, piece: Slice) -> pl.LazyFrame:
        """The rows of a slice, with exactly the schema's columns and types.

        Large slices come in batches, so that memory does not grow with them.
        """
        if piece.stop - piece.start <= self._most_rows:
            return self._rows(scenario, piece).select(self._columns())

        def make(batch: Slice) -> pl.LazyFrame:
            return self._rows(scenario, batch).select(self._columns())

        return batched(make, piece, polars_schema(self.schema), most_rows=self._most_rows)

    def frames(self, scenario: Any, keys: Sequence[str]) -> Iterator[tuple[Slice, pl.LazyFrame]]:
        """Each key's slice with its rows; small neighbours are generated in one go."""
        pieces = [self.slice(scenario, key) for key in keys]
        for group in _neighbours(pieces, self._most_rows):
            if len(group) == 1:
                yield group[0], self.frame(scenario, group[0])
                continue
            head, tail = group[0], group[-1]
            together = replace(head, key=f"{head.key}..{tail.key}", stop=tail.stop, last=tail.last)
            frame = self._rows(scenario, together).select("row", *self._columns()).collect()
            bounds = pl.Series([p.start for p in group] + [tail.stop])
            starts = frame["row"].search_sorted(bounds)
            rows = frame.drop("row")
            for piece, start, stop in zip(group, starts, starts[1:], strict=False):
                yield piece, rows[start:stop].lazy()

    def derived(self, stored: Stored) -> Iterator[tuple[Slice, pl.LazyFrame]]:
        """Each slice under ``stored.keys`` with its rows, of a table with ``derive``."""
        for key in stored.keys:
            assert self.derive is not None
            made = self.derive(stored, key).select(self._columns())
            yield Slice(key, 0, 0, *self.slicing.steps(key)), made

    @property
    def _most_rows(self) -> int:
        return self.rows_at_once or ROWS_AT_ONCE

    def _rows(self, scenario: Any, piece: Slice) -> pl.LazyFrame:
        assert self.generate is not None
        return self.generate(scenario, piece)

    def _columns(self) -> list[pl.Expr]:
        return [pl.col(n).cast(dtype) for n, dtype in polars_schema(self.schema).items()]


def _neighbours(pieces: Sequence[Slice], rows_at_once: int) -> Iterator[list[Slice]]:
    group: list[Slice] = []
    for piece in pieces:
        adjoins = group and piece.start == group[-1].stop and piece.first == group[-1].last
        if adjoins and piece.stop - group[0].start <= rows_at_once:
            group.append(piece)
        else:
            if group:
                yield group
            group = [piece]
    if group:
        yield group


def evenly(slicing: Slicing, rows: Callable[[Any], int]) -> Callable[[Any, int], int]:
    """``rows_before`` of a table that knows how many ``rows(scenario)`` it has in all."""
    return lambda scenario, step: slicing.position(step, rows(scenario))


def row_numbers(piece: Slice) -> pl.LazyFrame:
    """The frame every generator begins with: column ``row`` (Int64), the slice's row numbers."""
    return pl.LazyFrame().select(row=pl.int_range(piece.start, piece.stop, dtype=pl.Int64))
