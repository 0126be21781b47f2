"""Identifiers by which individuals are known across devices."""

from __future__ import annotations

import math

import dataframely as dy
import numpy as np
import polars as pl

from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Partition
from synth_assets.core.schema import references
from synth_assets.core.sources import Generated
from synth_assets.domains.identity_graph import terms
from synth_assets.domains.identity_graph.checks import in_own_shard, this_shard, value_counts
from synth_assets.domains.identity_graph.identifiers import (
    VARIANTS,
    common_individuals,
    coverage,
    forms,
    identifier_values,
    known_by,
    one_platform,
)
from synth_assets.domains.identity_graph.layout import (
    INDIVIDUALS,
    config_of,
    households_of,
    rows_before,
    rows_in_shard,
)
from synth_assets.domains.identity_graph.model import open_model, soon
from synth_assets.domains.identity_graph.scenario import DOMAIN, IdentityGraphScenario
from synth_assets.domains.identity_graph.tables import individuals
from synth_assets.domains.identity_graph.timing import by_hours
from synth_assets.quality.building import partition_check, row_check
from synth_assets.quality.goodness_of_fit import within_tolerance
from synth_assets.quality.keys import unique_in_partition
from synth_assets.randomness.random_arrays import (
    as_enum,
    cumcount,
    high32,
    lane,
    random_bits,
    scale_to,
)
from synth_assets.randomness.streams import LANE_VALUES
from synth_assets.randomness.values import DAY, moment, since_epoch

NAME = "identity_mappings"
# Days before the end of the first period in which active identifiers are last seen.
ACTIVE_DAYS = 30
# Share of identifiers that are no longer in use at the end of the first period.
INACTIVE_SHARE = 0.25


class IdentityMappings(dy.Schema):
    """An identifier of an individual."""

    mapping_id = dy.Int64(primary_key=True, min=1, description="The mapping's number.")
    individual_id = dy.Int64(
        description="Whose it is.", metadata=references("individual", "individual_id")
    )
    identifier_type = dy.Enum(terms.IDENTIFIERS, description="What kind of identifier it is.")
    identifier_value = dy.String(
        description="The identifier: hexadecimal digits, or a UUID for advertising ids and for "
        "devices of Apple (capitals on iOS); nobody else has it.",
        metadata={"pii": "identifier"},
    )
    first_seen = dy.Datetime(time_unit="us", description="When it was first seen (local time).")
    last_seen = dy.Datetime(
        time_unit="us",
        description="When it was last seen (local time), in the first period or before.",
    )
    active = dy.Bool(
        description=f"Whether it was seen in the last {ACTIVE_DAYS} days of the first period."
    )


def copies(config: IdentityGraphScenario) -> float:
    """Average number of identifiers of a type, among individuals with that type.

    Args:
        config: Seed and volumes.
    """
    of = config.demographics_config.identity_mappings
    if of.identifiers_per_person is None:
        return 1.0
    return of.identifiers_per_person.mean / math.fsum(coverage(config))


def rows_per_household(config: IdentityGraphScenario) -> int:
    """Identifiers per household, about.

    Args:
        config: Seed and volumes.
    """
    return max(1, round(2 * copies(config) * math.fsum(coverage(config))))


def generate(config: IdentityGraphScenario, partition: Partition) -> pl.LazyFrame:
    """The identifiers of the individuals in a partition's households.

    Args:
        config: Seed and volumes.
        partition: Row numbers to generate.
    """
    model = open_model(config)
    row, number = households_of(config, partition, rows_per_household(config))
    homes = model.households(number)
    people = model.people(homes)
    kinds = len(terms.IDENTIFIERS)
    of = np.repeat(np.arange(len(people)), kinds)
    kind = np.tile(np.arange(kinds), len(people))
    first, bits, has = known_by(model, people.number[of], kind)
    more = round(copies(config) * LANE_VALUES)
    counts = np.where(has, more // LANE_VALUES + (lane(bits, 0) < more % LANE_VALUES), 0)
    mapping = np.repeat(first, counts) + cumcount(counts)
    of, kind = np.repeat(of, counts), np.repeat(kind, counts)
    seen = random_bits(model.stream(NAME, "seen"), mapping)
    begin, end = since_epoch(config.start_date), since_epoch(config.base_end)
    # After the person was recorded, and within the lifetime of the type.
    days = config.demographics_config.identity_mappings.lifetime_days
    oldest = np.array([round(days[name] * DAY) for name in terms.IDENTIFIERS])[kind]
    recorded = np.maximum(model.recorded(homes, people)[of], begin - oldest)
    first_seen = recorded + scale_to(soon(high32(seen)), begin - recorded, 32)
    apple = high32(random_bits(model.stream(NAME, "platform"), people.number)) < round(
        config.demographics_config.identity_mappings.ios_share * 2**32
    )
    active = lane(seen, 0) >= round(INACTIVE_SHARE * LANE_VALUES)
    fresh = end - min(ACTIVE_DAYS * DAY, end - begin)
    draw = lane(seen, 1)
    # At least a second after the first time; within the last days if active, before them if not.
    last_seen = np.where(
        active,
        fresh + scale_to(draw, end - fresh),
        first_seen + 1 + scale_to(draw, np.maximum(fresh - first_seen - 1, 1)),
    )
    first_seen, last_seen = by_hours(config, first_seen), by_hours(config, last_seen)
    last_seen = np.maximum(last_seen, first_seen + 1)
    frame = pl.LazyFrame(
        {
            "row": row[people.household][of],
            "mapping": mapping,
            "individual_id": people.number[of] + 1,
            "kind": kind.astype(np.uint8),
            "identifier_type": as_enum(kind, terms.IDENTIFIERS),
            "first": first_seen,
            "last": last_seen,
            "active": active,
            "apple": apple[of],
            "variant": lane(seen, 1) % len(VARIANTS),
        }
    )
    return frame.with_columns(
        mapping_id=pl.col("mapping") + 1,
        identifier_value=identifier_values(model.stream(NAME, "value")),
        first_seen=moment(pl.col("first")),
        last_seen=moment(pl.col("last")),
    )


def _overlaps(stored: TableView) -> dict[str, float]:
    return stored.cached("overlaps", lambda: common_individuals(stored))


def _coverage(stored: TableView) -> dict[str, tuple[float, float, float]]:
    config = config_of(stored)
    rows = value_counts(pl.col("identifier_type"))(stored)
    having = _overlaps(stored)
    people = sum(r.rows for r in stored.other(INDIVIDUALS).partition_stats.values())
    measured = {}
    for kind, p in zip(terms.IDENTIFIERS, coverage(config), strict=True):
        have, n = having[f"overlap.{kind}.{kind}"], rows.get(kind, 0)
        measured[kind] = have / people, p, math.sqrt(p * (1 - p) / people)
        # The number of copies is the mean rounded down or up.
        mean = copies(config)
        part = mean % 1
        error = math.sqrt(part * (1 - part) / max(have, 1))
        measured[f"copies.{kind}"] = (n / have if have else mean), mean, error + 1e-4 * part
    return measured


def _seen(stored: TableView) -> pl.LazyFrame:
    config = config_of(stored)
    end = pl.lit(since_epoch(config.base_end) * 1_000_000).cast(pl.Datetime("us"))
    fresh = pl.col("last_seen") >= end - pl.duration(days=ACTIVE_DAYS)
    sound = (pl.col("first_seen") < pl.col("last_seen")) & (pl.col("last_seen") < end)
    return stored.current().filter(~sound | (fresh != pl.col("active")))


def _after_recorded(stored: TableView, key: str) -> pl.LazyFrame:
    """Identifiers that were seen before the individual was recorded."""
    people = rows_in_shard(stored, INDIVIDUALS, key).select("individual_id", "created_at")
    joined = this_shard(stored, key).join(people, on="individual_id")
    return joined.filter(pl.col("first_seen") < pl.col("created_at")).drop("created_at")


def _checks() -> list[Check]:
    return [
        forms(),
        one_platform(),
        partition_check(
            "first_seen_after_recorded",
            "Identifiers are first seen when the individual is recorded, or later.",
            _after_recorded,
            [INDIVIDUALS],
        ),
        unique_in_partition(["identifier_type", "identifier_value"], name="unique_identifier"),
        in_own_shard("individual_id"),
        row_check(
            "last_seen_after_first_seen", "First seen, then last seen; active where lately.", _seen
        ),
        within_tolerance(
            "identifier_coverage",
            "Of each type, the declared share of individuals has one.",
            _coverage,
            further=_overlaps,
            reads=[INDIVIDUALS],
        ),
    ]


def table(scenario: IdentityGraphScenario) -> Table:
    """The table of identity mappings.

    Args:
        scenario: The scenario.
    """
    partitioning = scenario.partitioning
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Identifiers by which individuals are known across devices.",
        schema=IdentityMappings,
        partitioning=partitioning,
        colocated=["individual_id"],
        checks=_checks(),
        grows_with=["num_households"],
        code_version="3",
        source=Generated(rows_before(rows_per_household), generate),
        parents={"individual": individuals.NAME},
        cluster_by=["individual_id", "identifier_type"],
    )
