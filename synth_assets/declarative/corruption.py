"""How declared noise and anomalies change the true columns of a table.

Noise is applied first, then anomalies, each in order of the file. The changes are selected by
streams of their own names, so that another one changes no other.
"""

from __future__ import annotations

import polars as pl

from synth_assets.declarative.changes import (
    AnomalyBase,
    ExpressionAnomaly,
    Noise,
    RepeatAnomaly,
    SetAnomaly,
)
from synth_assets.declarative.overflow import checked
from synth_assets.declarative.plan import Plan
from synth_assets.declarative.simulation import Simulation
from synth_assets.declarative.sql_values import assigned
from synth_assets.declarative.typed_values import typed
from synth_assets.randomness.noise import Corruption, at_rate
from synth_assets.randomness.noise import Noise as Corruptions
from synth_assets.randomness.splitmix64 import u64
from synth_assets.randomness.streams import RandomStream

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
    spec = simulation.table(table)
    found = [_noise(simulation.stream(table, "noise"), noise) for noise in spec.noise]
    for anomaly in spec.anomalies:
        stream = simulation.stream(table, "anomalies", anomaly.name)
        hit = at_rate(stream, ROW, anomaly.rate)
        if anomaly.days < 1:
            day = plan.day(plan.scope)
            assert day is not None
            hit &= stream.substream("days").bernoulli(day, anomaly.days)
        value = changed_value(anomaly, plan, schema[anomaly.column])
        found.append(Corruption(anomaly.name, anomaly.column, hit, value))
    return Corruptions(found)


def changed_value(anomaly: AnomalyBase, plan: Plan, dtype: pl.DataType) -> pl.Expr:
    """The value that an anomaly gives a row that it changes.

    Args:
        anomaly: The anomaly.
        plan: The plan of the table's columns, to which what it needs is added.
        dtype: The type of the column.
    """
    match anomaly:
        case SetAnomaly():
            return pl.lit(typed([anomaly.value], dtype).item(), dtype=dtype)
        case ExpressionAnomaly():
            return assigned(checked(anomaly.sql, lambda name: name), dtype)
        case RepeatAnomaly():
            return plan.before(anomaly.column)
    return pl.lit(None, dtype=dtype)


def _noise(streams: RandomStream, noise: Noise) -> Corruption:
    stream = streams.substream(noise.kind, noise.column)
    hit = at_rate(stream, ROW, noise.rate, among=noise.column)
    bits = stream.substream("value").bits(ROW)
    return Corruption(noise.kind, noise.column, hit, _noisy(noise.kind, pl.col(noise.column), bits))


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
