"""Differential privacy: bounded contributions, noise, and no groups of few units.

First the influence of one unit is bounded: it keeps at most ``max_groups_contributed`` groups,
chosen at random, and its contribution to each is clamped to the bounds that the query names, or to
those that a noisy histogram finds for half of the aggregate's epsilon. Then each aggregate gets
discrete Laplace noise for its share of epsilon (``bounded_aggregate``). A group is released only if
the noisy count of its units exceeds a threshold that one unit alone reaches with probability delta
at most. Values are whole multiples of a fine grid, so sums and noise are exact.
"""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass
from fractions import Fraction

import polars as pl
from sqlglot import exp

from synth_assets.domains.clean_room.analysis_rules.bounded_aggregate import (
    BoundedAggregate,
    bounded_aggregate,
)
from synth_assets.domains.clean_room.analysis_rules.clauses import PrivacyClause
from synth_assets.domains.clean_room.analysis_rules.errors import (
    DeltaTooHighError,
    EpsilonTooHighError,
    PrivacyOptionError,
)
from synth_assets.domains.clean_room.analysis_rules.noise import discrete_laplace
from synth_assets.domains.clean_room.analysis_rules.privacy_budget import Spend
from synth_assets.domains.clean_room.analysis_rules.release import keep_units_hidden, split_grouped
from synth_assets.domains.clean_room.analysis_rules.select_block import SelectBlock, guarded
from synth_assets.domains.clean_room.analysis_rules.threshold import privacy_unit

UNIT = "unit"
LEAST_EPSILON, LEAST_DELTA, MOST_GROUPS = 1e-6, 1e-15, 10**6


@dataclass(frozen=True)
class PrivateRelease:
    """A differentially private SELECT in two parts, with its costs.

    ``inner`` computes one row per unit and group with ``keys`` and contributions to
    ``aggregates``; ``outer`` reads the noisy groups. ``groups`` is the most that a unit keeps.
    """

    inner: exp.Select
    outer: exp.Select
    spends: tuple[Spend, ...]
    keys: tuple[str, ...]
    aggregates: dict[str, BoundedAggregate]
    epsilon: float
    delta: float
    groups: int

    def add_noise(self, partials: pl.DataFrame) -> pl.DataFrame:
        """Aggregate contributions to noisy groups.

        Args:
            partials: The rows of ``inner``.

        Returns:
            Keys and noisy aggregates, one row for each released group, in random order.
        """
        kept = _some_groups(partials, self.groups)
        # Without keys no group is left out, so no epsilon is spent on counting units.
        share = Fraction(self.epsilon) / (len(self.aggregates) + bool(self.keys))
        scale = self.groups / share
        # Finding bounds takes half of an aggregate's share of epsilon, its noise the other half.
        scales = {name: scale * (1 + one.unknown) for name, one in self.aggregates.items()}
        aggregates = {
            name: one.with_noisy_bounds(kept[name], scales[name]) if one.unknown else one
            for name, one in self.aggregates.items()
        }
        totals = [pl.len().alias(UNIT)]
        for name, one in aggregates.items():
            steps = one.in_grid_steps(name)
            totals += [steps.sum().alias(name), steps.count().alias(f"{name}_count")]
        exact = kept.group_by(self.keys).agg(totals) if self.keys else kept.select(totals)
        rows = []
        for row in exact.iter_rows(named=True):
            if self.keys and row[UNIT] + discrete_laplace(scale) < self._release_threshold(scale):
                continue
            values = {
                name: one.with_noise(row[name] or 0, row[f"{name}_count"], scales[name])
                for name, one in aggregates.items()
            }
            rows.append({**{key: row[key] for key in self.keys}, **values})
        # The order of groups must reveal nothing.
        secrets.SystemRandom().shuffle(rows)
        types = {key: exact.schema[key] for key in self.keys}
        for name, one in self.aggregates.items():
            types[name] = pl.Int64() if one.function == "COUNT" else pl.Float64()
        return pl.DataFrame(rows, schema=types)

    def _release_threshold(self, scale: Fraction) -> int:
        """The noisy count that a group of one unit reaches with probability delta at most."""
        return 1 + math.ceil(float(scale) * math.log(self.groups / self.delta))


def private_release(block: SelectBlock, clause: PrivacyClause, reader: str) -> PrivateRelease:
    """Check the options of a block against the policies, and split it.

    Args:
        block: A SELECT block.
        clause: Its clause DIFFERENTIAL_PRIVACY.
        reader: The querying party, which is charged.

    Raises:
        RefusedError: An option, a column or an aggregate of the block is not allowed.
    """
    unit, hidden = privacy_unit(block)
    keep_units_hidden(block, hidden)
    epsilon, delta, groups = _parameters(block, clause)
    grouped = split_grouped(block)
    aggregates = {name: bounded_aggregate(one) for name, one in grouped.aggregates.items()}
    parts = {UNIT: unit, **{name: guarded(key) for name, key in grouped.keys.items()}}
    inner = block.filtered().where(exp.Not(this=exp.Is(this=unit.copy(), expression=exp.Null())))
    inner = inner.group_by(*(part.copy() for part in parts.values()))
    parts |= {name: one.contribution() for name, one in aggregates.items()}
    inner = inner.select(*(exp.alias_(one, name) for name, one in parts.items()))
    spends = tuple(
        Spend(view.name, view.policy, reader, epsilon, delta)
        for view in {one.name: one for one in block.protected.values()}.values()
        if view.policy and view.policy.differential_privacy_policy
    )
    keys = tuple(grouped.keys)
    return PrivateRelease(inner, grouped.outer, spends, keys, aggregates, epsilon, delta, groups)


def _parameters(block: SelectBlock, clause: PrivacyClause) -> tuple[float, float, int]:
    """Epsilon, delta and groups per unit, from the query or else from the policies."""
    policies = {
        view.name: view.policy.differential_privacy_policy
        for view in block.protected.values()
        if view.policy and view.policy.differential_privacy_policy
    }
    epsilon, delta = clause.number("epsilon"), clause.number("delta")
    epsilon = epsilon or min(one.max_epsilon_per_query for one in policies.values())
    delta = delta or min(one.delta_per_query for one in policies.values())
    # A policy's 0 sets no limit; the default of a query is then 1.
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


def _some_groups(partials: pl.DataFrame, groups: int) -> pl.DataFrame:
    """At most so many groups of each unit, chosen at random."""
    order = pl.int_range(partials.height, eager=True).shuffle(seed=secrets.randbits(63))
    ordered = partials.with_columns(order.alias("lot"))
    return ordered.filter(pl.col("lot").rank("ordinal").over(UNIT) <= groups).drop("lot")
