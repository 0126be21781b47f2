"""Affinities, segments, class and propensity of individuals, computed from counts of engagements.

The counts are in ``audience``, the table that has the results in ``tables.audience_attributes``.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from synth_assets.domains.identity_graph import terms
from synth_assets.domains.identity_graph.audience import MONTH, lists
from synth_assets.domains.identity_graph.scenario import IdentityGraphScenario
from synth_assets.randomness.random_arrays import Ints, Small
from synth_assets.randomness.values import DAY, since_epoch

# Affinities and propensities are computed in millionths.
MILLION = 1_000_000
# Range of the propensity to convert in each of ``terms.BEHAVIORS``, in millionths.
PROPENSITY = ((600_000, 900_000), (300_000, 600_000), (100_000, 300_000), (0, 100_000))
CHURNED = terms.BEHAVIORS.index("Churned")
# Affinity threshold of secondary segments, as a part of the primary one's.
SECONDARY_SHARE = 0.5
# Most secondary segments: the categories with most engagements, without the primary segment's.
SECONDARY = 3


def affinities(counts: Ints) -> Ints:
    """Share of each category in a person's engagements.

    Args:
        counts: Engagements, one row per person and one column per category.

    Returns:
        Shares of the same shape in millionths: rows sum to a million, or to zero without
        engagements.
    """
    total = counts.sum(axis=1)
    running = np.cumsum(counts, axis=1) * MILLION // np.maximum(total, 1)[:, None]
    found: Ints = np.diff(running, axis=1, prepend=0)
    return found


def segments(
    config: IdentityGraphScenario, affinity: Ints, order: Ints, of_category: Small
) -> tuple[Ints, pl.Series]:
    """The primary segment of each individual as an index, and the lists of secondary segments.

    Args:
        config: The affinity threshold.
        affinity: Affinities of each individual, see ``affinities``.
        order: Categories of each individual, most engagements first.
        of_category: The segment of each category, an index into ``terms.SEGMENTS``.
    """
    ranked = np.take_along_axis(affinity, order, axis=1)
    threshold = round(config.audience_config.affinity_threshold * MILLION)
    casual = terms.SEGMENTS.index(terms.CASUAL)
    above = (ranked[:, 0] >= threshold) & (ranked[:, 0] > 0)
    primary = np.where(above, of_category[order[:, 0]], casual)
    segment, reached = of_category[order[:, :SECONDARY]], ranked[:, :SECONDARY]
    least = max(round(threshold * SECONDARY_SHARE), 1)
    other = (segment != primary[:, None]) & (segment != casual)
    return primary, lists(terms.SEGMENTS, segment, (reached >= least) & other)


def behaviors(config: IdentityGraphScenario, events: Ints, last_month: Ints, last: Ints) -> Ints:
    """The behavioral class of each individual: by recency, and by engagements per day.

    Args:
        config: The weights of the whole period and of the last 30 days, and the thresholds.
        events: Engagements of each individual.
        last_month: Engagements in the last 30 days.
        last: Last engagement in seconds since 1970; -1 for none.

    Returns:
        Indices into ``terms.BEHAVIORS``.
    """
    of, days = config.audience_config, (config.end - config.start_date).days
    frequency = round(of.frequency_weight * 1_000) * events * MONTH
    recency = round(of.recency_weight * 1_000) * last_month * days
    # Engagements per day times 1,000, the days of the whole period and the 30 days.
    rate = frequency + recency
    limits = (of.behavioral_thresholds.heavy, of.behavioral_thresholds.moderate,
             of.behavioral_thresholds.light)  # fmt: skip
    bounds = np.array([round(limit * 1_000) * MONTH * days for limit in limits], dtype=np.int64)
    found: Ints = (rate[:, None] < bounds).sum(axis=1)
    if of.churned_after_days is None:
        return found
    away = last < since_epoch(config.end) - of.churned_after_days * DAY
    return np.where(away, CHURNED, np.minimum(found, CHURNED - 1))


def propensities(config: IdentityGraphScenario, behavior: Ints, last: Ints) -> Ints:
    """Propensity to convert, in millionths: in the range of the class, by recency.

    Args:
        config: The first day and the end of events.
        behavior: Class of each individual, an index into ``terms.BEHAVIORS``.
        last: Last engagement in seconds since 1970; -1 for none.
    """
    span = (config.end - config.start_date).days * DAY
    low, high = np.array(PROPENSITY, dtype=np.int64)[behavior].T
    recency = np.clip(last - since_epoch(config.start_date), 0, span)
    found: Ints = low + (high - low) * recency // span
    return found
