"""How declared noise and anomalies change the true columns of a table.

Noise is applied first, then anomalies, each in order of the file. The changes are selected by
streams of their own names, so that another one changes no other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import polars as pl

from synth_assets.declarative.changes import (
    AnomalyBase,
    ExpressionAnomaly,
    Noise,
    RepeatAnomaly,
    SetAnomaly,
)
from synth_assets.declarative.overflow import checked
from synth_assets.declarative.plan import Plan, Scope
from synth_assets.declarative.repeats import origin
from synth_assets.declarative.simulation import Simulation
from synth_assets.declarative.sql_values import assigned
from synth_assets.declarative.typed_values import typed
from synth_assets.randomness.noise import Corruption, at_rate
from synth_assets.randomness.noise import Noise as Corruptions
from synth_assets.randomness.splitmix64 import u64

Named = Callable[[str], str]
ROW = pl.col("row")
# Ways to mistype a word.
TYPOS = 3


def corruptions(simulation: Simulation, table: str, plan: Plan, schema: pl.Schema) -> Corruptions:
    """The changes of a table.

    Args:
        simulation: The simulation.
        table: The table's name.
        plan: The plan of its columns, to which what anomalies need is added.
        schema: Types of the columns.
    """
    changes = _Changes(simulation, table, plan, schema)
    own = Rows(plan.scope, ROW, lambda name: name)
    return Corruptions([changes.corruption(number, own) for number in range(len(changes))])


def computed(anomaly: ExpressionAnomaly, named: Named, dtype: pl.DataType) -> pl.Expr:
    """The value that an expression gives a row that it changes.

    Args:
        anomaly: The anomaly.
        named: A column to the name that it has in the frame.
        dtype: The type of the column.
    """
    return assigned(checked(anomaly.sql, named), dtype)


@dataclass(frozen=True)
class Rows:
    """Rows that are changed: those of the table, or those whose values they repeat.

    Attributes:
        scope: The rows in the plan.
        number: Their numbers.
        named: A column to the name that it has in the frame, with the changes so far.
    """

    scope: Scope
    number: pl.Expr
    named: Named


class _Changes:
    """The changes of a table by their numbers: noise, then anomalies."""

    def __init__(self, simulation: Simulation, table: str, plan: Plan, schema: pl.Schema) -> None:
        spec = simulation.table(table)
        self._simulation, self._table, self._plan, self._schema = simulation, table, plan, schema
        self._declared: list[Noise | AnomalyBase] = [*spec.noise, *spec.anomalies]

    def __len__(self) -> int:
        return len(self._declared)

    def corruption(self, number: int, rows: Rows) -> Corruption:
        """A change of rows.

        Args:
            number: The number of the change.
            rows: The rows, with the changes before it.
        """
        change = self._declared[number]
        if isinstance(change, Noise):
            return self._noise(change, rows)
        if isinstance(change, RepeatAnomaly):
            return self._repeat(number, change, rows)
        hit = self._hit(change, rows.number, lambda: self._plan.day(rows.scope))
        value = self._value(change, rows.named)
        return Corruption(change.name, change.column, hit, value)

    def _noise(self, noise: Noise, rows: Rows) -> Corruption:
        streams = self._simulation.stream(self._table, "noise")
        stream, column = streams.substream(noise.kind, noise.column), rows.named(noise.column)
        hit = at_rate(stream, rows.number, noise.rate, among=column)
        bits = stream.substream("value").bits(rows.number)
        return Corruption(noise.kind, noise.column, hit, _noisy(noise.kind, pl.col(column), bits))

    def _repeat(self, number: int, anomaly: RepeatAnomaly, rows: Rows) -> Corruption:
        day = partial(self._plan.layout(rows.scope).day, ROW)
        repeated = self._hit(anomaly, ROW, day)
        origins = self._plan.others(
            rows.scope, f"#{anomaly.name}", lambda: origin(self._plan.row(rows.scope), repeated)
        )
        value = pl.col(self._changed(number, origins, anomaly.column))
        hit = self._plan.row(origins) != rows.number
        return Corruption(anomaly.name, anomaly.column, hit, value)

    def _changed(self, number: int, scope: Scope, column: str) -> str:
        """The name in the frame of a column with the changes before one."""
        earlier = [n for n in range(number) if self._declared[n].column == column]
        if not earlier:
            return self._plan.column(scope, column).meta.output_name()
        last = earlier[-1]

        def named(name: str) -> str:
            return self._changed(last, scope, name)

        def compute() -> pl.Expr:
            made = self.corruption(last, Rows(scope, self._plan.row(scope), named))
            return pl.when(made.hit).then(made.value).otherwise(pl.col(named(column)))

        return self._plan.step(f"{scope.prefix}#{last}>{column}", compute).meta.output_name()

    def _hit(
        self, anomaly: AnomalyBase, row: pl.Expr, day: Callable[[], pl.Expr | None]
    ) -> pl.Expr:
        stream = self._simulation.stream(self._table, "anomalies", anomaly.name)
        hit = at_rate(stream, row, anomaly.rate)
        if anomaly.days == 1:
            return hit
        struck = day()
        assert struck is not None
        return hit & stream.substream("days").bernoulli(struck, anomaly.days)

    def _value(self, anomaly: AnomalyBase, named: Named) -> pl.Expr:
        dtype = self._schema[anomaly.column]
        match anomaly:
            case SetAnomaly():
                return pl.lit(typed([anomaly.value], dtype).item(), dtype=dtype)
            case ExpressionAnomaly():
                return computed(anomaly, named, dtype)
        return pl.lit(None, dtype=dtype)


def _noisy(kind: str, text: pl.Expr, bits: pl.Expr) -> pl.Expr:
    """Another value than the text, unless the kind cannot change it."""
    even, length = bits % u64(2) == 0, text.str.len_chars().cast(pl.UInt64)
    match kind:
        case "typo":
            return _mistyped(text, length, bits)
        case "case":
            upper, lower = text.str.to_uppercase(), text.str.to_lowercase()
            to_upper = (even | (text == lower)) & (text != upper)
            return pl.when(to_upper).then(upper).otherwise(lower)
        case "spaces":
            return pl.when(even).then(pl.lit(" ") + text).otherwise(text + pl.lit(" "))
        case "truncate":
            # At least the half that is not cut off remains.
            kept = length - 1 - bits % (length // 2)
            return pl.when(length > 1).then(text.str.slice(0, kept)).otherwise(text)
    return pl.lit(None)


def _mistyped(text: pl.Expr, length: pl.Expr, bits: pl.Expr) -> pl.Expr:
    at = (bits // u64(TYPOS)) % pl.max_horizontal(length, pl.lit(2, pl.UInt64)).sub(1)
    at = at.cast(pl.Int64)
    head, letter, following = (
        text.str.slice(0, at),
        text.str.slice(at, 1),
        text.str.slice(at + 1, 1),
    )
    rest = text.str.slice(at + 2)
    swapped, left_out = head + following + letter + rest, head + following + rest
    doubled = head + letter + letter + following + rest
    way = bits % u64(TYPOS)
    # Two equal letters cannot be swapped, and a single one is not left out.
    made = pl.when((way == 0) & (swapped != text)).then(swapped)
    return made.when((way == 1) & (length > 1)).then(left_out).otherwise(doubled)
