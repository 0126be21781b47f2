"""Differential privacy: bounded contributions, noise, and no group that few units are in.

What one unit can change is bounded first: it keeps at most ``max_groups_contributed`` groups,
chosen at random, and in each its contribution is clamped to the bounds the query names, or to those
that a noisy histogram finds for half of the aggregate's epsilon. Then each aggregate gets discrete
Laplace noise for its share of epsilon. Groups are released only if a
noisy count of their units passes what one unit could reach with chance delta. Values are whole
multiples of a fine grid, so sums are exact and the noise is too.
"""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass, replace
from fractions import Fraction

import polars as pl
from sqlglot import exp

from synth_assets.domains.clean_room.analysis_rules.block import Block, guarded
from synth_assets.domains.clean_room.analysis_rules.budget import Spend
from synth_assets.domains.clean_room.analysis_rules.clauses import BOUNDED, BOUNDS, PrivacyClause
from synth_assets.domains.clean_room.analysis_rules.errors import (
    DeltaTooHighError,
    EpsilonTooHighError,
    NotProvablySafeError,
    PrivacyOptionError,
)
from synth_assets.domains.clean_room.analysis_rules.noise import discrete_laplace
from synth_assets.domains.clean_room.analysis_rules.release import grouped, keep_units_hidden
from synth_assets.domains.clean_room.analysis_rules.threshold import the_unit

UNIT = "unit"
# How finely the largest contribution is cut; noise is far coarser.
STEPS = 2**20
MOST_BOUND = 1e11
# Powers of two that magnitudes are counted between when bounds are looked for.
SMALLEST, GREATEST = -20, 36
# How likely noise alone may be to widen the bounds.
CHANCE = 1e-3
LEAST_EPSILON, LEAST_DELTA, MOST_GROUPS = 1e-6, 1e-15, 10**6


@dataclass(frozen=True)
class Bounded:
    """One aggregate: its function, what it is over, and what one unit may add to a group."""

    function: str
    argument: exp.Expr | None
    low: float = 0.0
    high: float = 0.0
    unknown: bool = False

    def within(self, column: pl.Series, scale: Fraction) -> Bounded:
        """The aggregate with bounds that hold most contributions, found without telling on one.

        Noisy counts of contributions by sign and power of two; the bounds reach from the lowest
        to the highest that noise alone does not explain, or else around the largest.
        """
        values = column.cast(pl.Float64).fill_nan(None).drop_nulls().clip(-MOST_BOUND, MOST_BOUND)
        counts = dict.fromkeys(_buckets(), 0)
        for value in values:
            counts[_bucket(value)] += 1
        noisy = {edges: count + discrete_laplace(scale) for edges, count in counts.items()}
        least = float(scale) * math.log(len(noisy) / CHANCE)
        found = [edges for edges, count in noisy.items() if count > least]
        found = found or [max(noisy, key=noisy.__getitem__)]
        low, high = min(low for low, _ in found), max(high for _, high in found)
        return replace(self, low=low, high=high, unknown=False)

    @property
    def middle(self) -> float:
        """What AVG measures from, so that as little as possible is to be hidden."""
        return (self.low + self.high) / 2 if self.function == "AVG" else 0.0

    @property
    def step(self) -> Fraction:
        """The grid on which contributions lie; whole for COUNT."""
        if self.function == "COUNT":
            return Fraction(1)
        reach = max(abs(Fraction(bound) - Fraction(self.middle)) for bound in (self.low, self.high))
        return (reach or Fraction(1)) / STEPS

    @property
    def reach(self) -> int:
        """The most that one unit changes in one group, in steps."""
        ends = (Fraction(bound) - Fraction(self.middle) for bound in (self.low, self.high))
        return max(1, *(math.ceil(abs(end) / self.step) for end in ends))

    def partial(self) -> exp.Expr:
        """What is computed of one unit's rows in one group."""
        if self.argument is None:
            return exp.Count(this=exp.Star())
        value = guarded(self.argument)
        if self.function == "COUNT":
            return exp.Count(this=value)
        number = exp.Anonymous(this="TRY", expressions=[exp.cast(value, "DOUBLE")])
        return exp.Sum(this=number) if self.function == "SUM" else exp.Avg(this=number)

    def steps(self, column: str) -> pl.Expr:
        """Clamped contributions in steps; NULL where a unit has none."""
        value = pl.col(column).cast(pl.Float64).fill_nan(None)
        clamped = value.clip(self.low, self.high) - self.middle
        return (clamped / float(self.step)).round().clip(-self.reach, self.reach).cast(pl.Int64)

    def noisy(self, total: int, count: int, scale: Fraction) -> float | int:
        """The group's value, with noise for one unit's share of it."""
        if self.function == "AVG":
            total += discrete_laplace(2 * self.reach * scale)
            count += discrete_laplace(2 * scale)
            mean = self.middle + float(total * self.step / max(count, 1))
            return min(max(mean, self.low), self.high)
        total += discrete_laplace(self.reach * scale)
        if self.function == "COUNT":
            return min(max(total, -(2**63)), 2**63 - 1)
        return float(total * self.step)


@dataclass(frozen=True)
class PrivateRelease:
    """A differentially private SELECT: what it costs, what to compute per unit, how to blur it."""

    inner: exp.Select
    outer: exp.Select
    spends: tuple[Spend, ...]
    keys: tuple[str, ...]
    aggregates: dict[str, Bounded]
    epsilon: float
    delta: float
    groups: int

    def blur(self, partials: pl.DataFrame) -> pl.DataFrame:
        """From one row per unit and group to noisy groups."""
        kept = _some_groups(partials, self.groups)
        # Without groups there is nothing to hide by leaving it out, so nothing is spent on that.
        share = Fraction(self.epsilon) / (len(self.aggregates) + bool(self.keys))
        scale = self.groups / share
        # Where bounds are looked for, that takes half of the share, and the noise has the rest.
        scales = {name: scale * (1 + one.unknown) for name, one in self.aggregates.items()}
        aggregates = {
            name: one.within(kept[name], scales[name]) if one.unknown else one
            for name, one in self.aggregates.items()
        }
        totals = [pl.len().alias(UNIT)]
        for name, one in aggregates.items():
            steps = one.steps(name)
            totals += [steps.sum().alias(name), steps.count().alias(f"{name}_count")]
        exact = kept.group_by(self.keys).agg(totals) if self.keys else kept.select(totals)
        rows = []
        for row in exact.iter_rows(named=True):
            if self.keys and row[UNIT] + discrete_laplace(scale) < self._least(scale):
                continue
            values = {
                name: one.noisy(row[name] or 0, row[f"{name}_count"], scales[name])
                for name, one in aggregates.items()
            }
            rows.append({**{key: row[key] for key in self.keys}, **values})
        # The order in which groups were found must not tell which came first.
        secrets.SystemRandom().shuffle(rows)
        types = {key: exact.schema[key] for key in self.keys}
        for name, one in self.aggregates.items():
            types[name] = pl.Int64() if one.function == "COUNT" else pl.Float64()
        return pl.DataFrame(rows, schema=types)

    def _least(self, scale: Fraction) -> int:
        """The noisy count that a group of one unit reaches with chance delta at most."""
        return 1 + math.ceil(float(scale) * math.log(self.groups / self.delta))


def private_release(block: Block, clause: PrivacyClause, reader: str) -> PrivateRelease:
    """Check the options against the policies, and cut the block in two."""
    unit, hidden = the_unit(block)
    keep_units_hidden(block, hidden)
    epsilon, delta, groups = _parameters(block, clause)
    cut = grouped(block)
    aggregates = {name: _bounded(one) for name, one in cut.aggregates.items()}
    parts = {UNIT: unit, **{name: guarded(key) for name, key in cut.keys.items()}}
    inner = block.filtered().where(exp.Not(this=exp.Is(this=unit.copy(), expression=exp.Null())))
    inner = inner.group_by(*(part.copy() for part in parts.values()))
    parts |= {name: one.partial() for name, one in aggregates.items()}
    inner = inner.select(*(exp.alias_(one, name) for name, one in parts.items()))
    spends = tuple(
        Spend(view.name, view.policy, reader, epsilon, delta)
        for view in {one.name: one for one in block.protected.values()}.values()
        if view.policy and view.policy.differential_privacy_policy
    )
    keys = tuple(cut.keys)
    return PrivateRelease(inner, cut.outer, spends, keys, aggregates, epsilon, delta, groups)


def _parameters(block: Block, clause: PrivacyClause) -> tuple[float, float, int]:
    """Epsilon, delta and groups per unit; what the query does not say, the policies do."""
    policies = {
        view.name: view.policy.differential_privacy_policy
        for view in block.protected.values()
        if view.policy and view.policy.differential_privacy_policy
    }
    epsilon, delta = clause.number("epsilon"), clause.number("delta")
    epsilon = epsilon or min(one.max_epsilon_per_query for one in policies.values())
    delta = delta or min(one.delta_per_query for one in policies.values())
    # A policy's 0 puts no limit on what a query may ask for; a query that asks for nothing has 1.
    limits = [one.max_groups_contributed for one in policies.values() if one.max_groups_contributed]
    groups = clause.whole("max_groups_contributed") or min(limits, default=1)
    for view, policy in policies.items():
        if epsilon > policy.max_epsilon_per_query:
            raise EpsilonTooHighError(epsilon, view, policy.max_epsilon_per_query)
        if delta > policy.delta_per_query:
            raise DeltaTooHighError(delta, view, policy.delta_per_query)
        if policy.max_groups_contributed and groups > policy.max_groups_contributed:
            raise PrivacyOptionError(
                f"max_groups_contributed is too high: {groups}, policy for table {view} allows "
                f"max {policy.max_groups_contributed}"
            )
    if epsilon < LEAST_EPSILON or not LEAST_DELTA <= delta < 1 or groups > MOST_GROUPS:
        raise PrivacyOptionError(
            f"epsilon must be at least {LEAST_EPSILON:g}, delta at least {LEAST_DELTA:g} and below "
            f"1 (at 1 every group would be released), max_groups_contributed at most {MOST_GROUPS}"
        )
    return epsilon, delta, groups


def _bounded(node: exp.Expr) -> Bounded:
    if isinstance(node, exp.Count | exp.Sum | exp.Avg):
        return Bounded(node.key.upper(), _argument(node.key.upper(), node.this), unknown=True)
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
    return Bounded(name, _argument(name, arguments[0]), low, high)


def _argument(name: str, argument: exp.Expr) -> exp.Expr | None:
    """What is aggregated; nothing for rows."""
    if isinstance(argument, exp.Distinct):
        raise NotProvablySafeError(
            f"{name}(DISTINCT …) is not a differentially private aggregate here"
        )
    if isinstance(argument, exp.Star) and name != "COUNT":
        raise NotProvablySafeError(f"{name} needs an expression")
    return None if isinstance(argument, exp.Star) else argument


def _buckets() -> list[tuple[float, float]]:
    """Zero and what is near it, and from one power of two to the next, on both sides."""
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


def _some_groups(partials: pl.DataFrame, groups: int) -> pl.DataFrame:
    """At most so many groups of each unit, whichever chance picks."""
    lots = pl.int_range(partials.height, eager=True).shuffle(seed=secrets.randbits(63))
    drawn = partials.with_columns(lots.alias("lot"))
    return drawn.filter(pl.col("lot").rank("ordinal").over(UNIT) <= groups).drop("lot")
