"""Aggregates with bounded contributions: their bounds, sensitivity and noise.

Bounds are those that a query names, or are found by a noisy histogram. Which units and groups are
in a release is decided in ``differential_privacy``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction

import polars as pl
from sqlglot import exp

from synth_assets.domains.clean_room.analysis_rules.clauses import BOUNDED, BOUNDS
from synth_assets.domains.clean_room.analysis_rules.errors import (
    NotProvablySafeError,
    PrivacyOptionError,
)
from synth_assets.domains.clean_room.analysis_rules.noise import discrete_laplace
from synth_assets.domains.clean_room.analysis_rules.select_block import guarded

# Steps of the grid up to the largest contribution; noise is far coarser.
GRID_STEPS = 2**20
MOST_BOUND = 1e11
# Least and greatest power of two of the histogram that finds bounds.
SMALLEST, GREATEST = -20, 36
# The probability that noise alone widens the bounds.
FALSE_BOUND_PROBABILITY = 1e-3


@dataclass(frozen=True)
class BoundedAggregate:
    """One aggregate with bounds for the contribution of one unit to one group.

    ``function`` is COUNT, SUM or AVG, ``argument`` is None for ``COUNT(*)``, ``unknown`` means
    that the query names no bounds.
    """

    function: str
    argument: exp.Expr | None
    low: float = 0.0
    high: float = 0.0
    unknown: bool = False

    def with_noisy_bounds(self, column: pl.Series, scale: Fraction) -> BoundedAggregate:
        """The aggregate with bounds that hold most contributions, found privately.

        Contributions are counted by sign and power of two, with noise. The bounds span all buckets
        with counts that noise alone does not explain; if there is none, the bucket with the largest
        count.

        Args:
            column: One contribution per unit and group.
            scale: The scale of the noise for one unit.
        """
        values = column.cast(pl.Float64).fill_nan(None).drop_nulls().clip(-MOST_BOUND, MOST_BOUND)
        counts = dict.fromkeys(_buckets(), 0)
        for value in values:
            counts[_bucket(value)] += 1
        noisy = {edges: count + discrete_laplace(scale) for edges, count in counts.items()}
        least = float(scale) * math.log(len(noisy) / FALSE_BOUND_PROBABILITY)
        found = [edges for edges, count in noisy.items() if count > least]
        found = found or [max(noisy, key=noisy.__getitem__)]
        low, high = min(low for low, _ in found), max(high for _, high in found)
        return replace(self, low=low, high=high, unknown=False)

    @property
    def midpoint(self) -> float:
        """The origin of AVG's contributions, which makes the sensitivity smallest; else 0."""
        return (self.low + self.high) / 2 if self.function == "AVG" else 0.0

    @property
    def grid_step(self) -> Fraction:
        """The distance of the grid to which contributions are rounded; 1 for COUNT."""
        if self.function == "COUNT":
            return Fraction(1)
        largest = max(
            abs(Fraction(bound) - Fraction(self.midpoint)) for bound in (self.low, self.high)
        )
        return (largest or Fraction(1)) / GRID_STEPS

    @property
    def sensitivity(self) -> int:
        """The most that one unit changes in one group, in grid steps."""
        ends = (Fraction(bound) - Fraction(self.midpoint) for bound in (self.low, self.high))
        return max(1, *(math.ceil(abs(end) / self.grid_step) for end in ends))

    def contribution(self) -> exp.Expr:
        """The expression that computes one unit's contribution to one group."""
        if self.argument is None:
            return exp.Count(this=exp.Star())
        value = guarded(self.argument)
        if self.function == "COUNT":
            return exp.Count(this=value)
        number = exp.Anonymous(this="TRY", expressions=[exp.cast(value, "DOUBLE")])
        return exp.Sum(this=number) if self.function == "SUM" else exp.Avg(this=number)

    def in_grid_steps(self, column: str) -> pl.Expr:
        """Clamped contributions in grid steps; NULL where a unit has none.

        Args:
            column: The column of contributions.
        """
        value = pl.col(column).cast(pl.Float64).fill_nan(None)
        clamped = value.clip(self.low, self.high) - self.midpoint
        steps = (clamped / float(self.grid_step)).round()
        return steps.clip(-self.sensitivity, self.sensitivity).cast(pl.Int64)

    def with_noise(self, total: int, count: int, scale: Fraction) -> float | int:
        """The group's value with noise that hides one unit.

        Args:
            total: The sum of contributions, in grid steps.
            count: The number of contributions.
            scale: The scale of the noise for one unit.
        """
        if self.function == "AVG":
            total += discrete_laplace(2 * self.sensitivity * scale)
            count += discrete_laplace(2 * scale)
            mean = self.midpoint + float(total * self.grid_step / max(count, 1))
            return min(max(mean, self.low), self.high)
        total += discrete_laplace(self.sensitivity * scale)
        if self.function == "COUNT":
            return min(max(total, -(2**63)), 2**63 - 1)
        return float(total * self.grid_step)


def bounded_aggregate(node: exp.Expr) -> BoundedAggregate:
    """Read an aggregate of a query.

    Args:
        node: COUNT, SUM or AVG, with or without bounds.

    Raises:
        NotProvablySafeError: The aggregate is another one, or has other arguments.
        PrivacyOptionError: Its bounds are not two numbers in order.
    """
    if isinstance(node, exp.Count | exp.Sum | exp.Avg):
        name = node.key.upper()
        return BoundedAggregate(name, _argument(name, node.this), unknown=True)
    name = node.name.upper().removeprefix(BOUNDED) if isinstance(node, exp.Anonymous) else ""
    if name not in ("COUNT", "SUM", "AVG"):
        raise NotProvablySafeError(
            f"{node.sql('bigquery')} is not a differentially private aggregate here: allowed are "
            f"COUNT, SUM and AVG(expression, {BOUNDS} => (lowest, highest)), also without bounds"
        )
    arguments = list(node.expressions)
    bounds = arguments.pop() if arguments else None
    if not isinstance(bounds, exp.Kwarg) or len(arguments) != 1:
        raise NotProvablySafeError(f"{name} takes one expression and {BOUNDS} => (lowest, highest)")
    low, high = _numbers(bounds.expression)
    return BoundedAggregate(name, _argument(name, arguments[0]), low, high)


def _argument(name: str, argument: exp.Expr) -> exp.Expr | None:
    """The aggregated expression; None for ``*``."""
    if isinstance(argument, exp.Distinct):
        raise NotProvablySafeError(
            f"{name}(DISTINCT …) is not a differentially private aggregate here"
        )
    if isinstance(argument, exp.Star) and name != "COUNT":
        raise NotProvablySafeError(f"{name} needs an expression")
    return None if isinstance(argument, exp.Star) else argument


def _buckets() -> list[tuple[float, float]]:
    """One bucket around zero, and on both sides one from each power of two to the next."""
    above = [(2.0**power, 2.0 ** (power + 1)) for power in range(SMALLEST, GREATEST + 1)]
    return [(-(2.0**SMALLEST), 2.0**SMALLEST), *above, *((-high, -low) for low, high in above)]


def _bucket(value: float) -> tuple[float, float]:
    if abs(value) <= 2.0**SMALLEST:
        return -(2.0**SMALLEST), 2.0**SMALLEST
    power = math.frexp(abs(value))[1] - 1
    low, high = 2.0**power, 2.0 ** (power + 1)
    return (low, high) if value > 0 else (-high, -low)


def _numbers(pair: exp.Expr) -> tuple[float, float]:
    values = []
    for one in pair.expressions if isinstance(pair, exp.Tuple) else []:
        sign, number = (-1, one.this) if isinstance(one, exp.Neg) else (1, one)
        if isinstance(number, exp.Literal) and not number.is_string:
            values.append(sign * float(number.this))
    if len(values) != 2 or values[0] > values[1] or max(map(abs, values)) > MOST_BOUND:
        raise PrivacyOptionError(
            f"{BOUNDS} must be two numbers (lowest, highest) within {MOST_BOUND:g} of 0"
        )
    return values[0], values[1]
