"""Identifiers by which individuals are known across devices."""

from __future__ import annotations

import math

import dataframely as dy
import numpy as np
import polars as pl

from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Partition, Sharded
from synth_assets.core.schema import references
from synth_assets.core.sources import Generated
from synth_assets.domains.identity_graph import terms
from synth_assets.domains.identity_graph.checks import at_home
from synth_assets.domains.identity_graph.layout import (
    DOMAIN,
    INDIVIDUALS,
    config_of,
    households_of,
    rows_before,
)
from synth_assets.domains.identity_graph.model import open_world
from synth_assets.domains.identity_graph.scenario import GenerationConfig
from synth_assets.domains.identity_graph.tables import individuals
from synth_assets.quality.building import row_check
from synth_assets.quality.goodness_of_fit import within_tolerance
from synth_assets.quality.structural import unique_in_partition
from synth_assets.randomness.random_arrays import below, named, part, upper, within, words
from synth_assets.randomness.streams import LOTS, RandomStream
from synth_assets.randomness.values import DAY, moment, since_epoch

NAME = "identity_mappings"
# Numbers that an individual's identifiers may have: types, and copies of each.
TYPES, COPIES = 8, 16
# Hexadecimal digits of each type, in the order of ``terms.IDENTIFIERS``.
DIGITS = (64, 32, 32, 16, 20, 64)
# Days before the first of events in which identifiers may first be seen, and days before the end
# of the first period in which the active ones were last seen.
SEEN_DAYS, ACTIVE_DAYS = 540, 30
# Of identifiers, those that are no longer in use at the end of the first period.
GONE = 0.25


class IdentityMappings(dy.Schema):
    """An identifier of an individual."""

    mapping_id = dy.Int64(primary_key=True, min=1, description="The mapping's number.")
    individual_id = dy.Int64(
        description="Whose it is.", metadata=references("individual", "individual_id")
    )
    identifier_type = dy.Enum(terms.IDENTIFIERS, description="What kind of identifier it is.")
    identifier_value = dy.String(
        description="The identifier, in hexadecimal digits; nobody else has it.",
        metadata={"pii": "identifier"},
    )
    first_seen = dy.Datetime(time_unit="us", description="When it was first seen (UTC).")
    last_seen = dy.Datetime(
        time_unit="us", description="When it was last seen in the first period (UTC), or before."
    )
    active = dy.Bool(
        description=f"Whether it was seen in the last {ACTIVE_DAYS} days of the first period."
    )


def coverage(config: GenerationConfig) -> tuple[float, ...]:
    """Probability that an individual has an identifier of each type."""
    given = config.demographics_config.identity_mappings.identifier_type_distribution
    return tuple(given[name] for name in terms.IDENTIFIERS)


def copies(config: GenerationConfig) -> float:
    """Identifiers of a type that those have on average who have one."""
    of = config.demographics_config.identity_mappings
    if of.identifiers_per_person is None:
        return 1.0
    return of.identifiers_per_person.mean / math.fsum(coverage(config))


def unit(config: GenerationConfig) -> int:
    """Rows a household, about."""
    return max(1, round(2 * copies(config) * math.fsum(coverage(config))))


def generate(config: GenerationConfig, partition: Partition) -> pl.LazyFrame:
    """The identifiers of a partition."""
    world = open_world(config)
    row, number = households_of(config, partition, unit(config))
    people = world.people(world.households(number))
    kinds = len(terms.IDENTIFIERS)
    of = np.repeat(np.arange(len(people)), kinds)
    kind = np.tile(np.arange(kinds), len(people))
    first = (people.number[of] * TYPES + kind) * COPIES
    bits = words(world.draw(NAME, "has"), first)
    has = upper(bits) < np.rint(np.array(coverage(config)) * 2.0**32).astype(np.int64)[kind]
    more = round(copies(config) * LOTS)
    counts = np.where(has, more // LOTS + (part(bits, 0) < more % LOTS), 0)
    mapping = np.repeat(first, counts) + within(counts)
    of, kind = np.repeat(of, counts), np.repeat(kind, counts)
    seen = words(world.draw(NAME, "seen"), mapping)
    begin, end = since_epoch(config.start_date), since_epoch(config.base_end)
    first_seen = begin - SEEN_DAYS * DAY + below(upper(seen), SEEN_DAYS * DAY, 32)
    active = part(seen, 0) >= round(GONE * LOTS)
    fresh = end - min(ACTIVE_DAYS * DAY, end - begin)
    lot = part(seen, 1)
    # At least a second later, and active or not as drawn.
    last_seen = np.where(
        active,
        fresh + below(lot, end - fresh),
        first_seen + 1 + below(lot, np.maximum(fresh - first_seen - 1, 1)),
    )
    made = pl.LazyFrame(
        {
            "row": row[people.of][of],
            "mapping": mapping,
            "individual_id": people.number[of] + 1,
            "kind": kind.astype(np.uint8),
            "identifier_type": named(kind, terms.IDENTIFIERS),
            "first": first_seen,
            "last": last_seen,
            "active": active,
        }
    )
    return made.with_columns(
        mapping_id=pl.col("mapping") + 1,
        identifier_value=_values(world.draw(NAME, "value")),
        first_seen=moment(pl.col("first")),
        last_seen=moment(pl.col("last")),
    )


def _values(draw: RandomStream) -> pl.Expr:
    # The first sixteen digits are a bijection of the mapping's number: no two are alike.
    longest = draw.hexadecimal(pl.col("mapping"), max(DIGITS))
    digits = pl.lit(pl.Series(DIGITS)).gather(pl.col("kind"))
    return longest.str.slice(0, digits)


def _coverage(stored: TableView) -> dict[str, tuple[float, float, float]]:
    config = config_of(stored)
    rows = stored.whole.group_by(pl.col("identifier_type").cast(pl.String).alias("kind")).agg(
        people=pl.col("individual_id").n_unique(), rows=pl.len()
    )
    found = {kind: (have, n) for kind, have, n in rows.collect(engine="streaming").iter_rows()}
    people = sum(r.rows for r in stored.other(INDIVIDUALS).partition_stats.values())
    figures = {}
    for kind, p in zip(terms.IDENTIFIERS, coverage(config), strict=True):
        have, n = found.get(kind, (0, 0))
        figures[kind] = have / people, p, math.sqrt(p * (1 - p) / people)
        # Copies are a whole number, or one more.
        mean = copies(config)
        part = mean % 1
        error = math.sqrt(part * (1 - part) / max(have, 1))
        figures[f"copies.{kind}"] = (n / have if have else mean), mean, error + 1e-4 * part
    return figures


def _seen(stored: TableView) -> pl.LazyFrame:
    config = config_of(stored)
    end = pl.lit(since_epoch(config.base_end) * 1_000_000).cast(pl.Datetime("us"))
    fresh = pl.col("last_seen") >= end - pl.duration(days=ACTIVE_DAYS)
    sound = (pl.col("first_seen") < pl.col("last_seen")) & (pl.col("last_seen") < end)
    return stored.frame.filter(~sound | (fresh != pl.col("active")))


def _checks() -> list[Check]:
    return [
        unique_in_partition(["identifier_type", "identifier_value"], name="unique_identifier"),
        at_home("individual_id"),
        row_check("seen_in_order", "First seen, then last seen; active where lately.", _seen),
        within_tolerance(
            "coverage",
            "Of each type, the declared share of individuals has one.",
            _coverage,
            reads=[INDIVIDUALS],
        ),
    ]


def table(partitioning: Sharded) -> Table:
    """The table."""
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Identifiers by which individuals are known across devices.",
        schema=IdentityMappings,
        partitioning=partitioning,
        colocated=["individual_id"],
        checks=_checks(),
        grows_with=["num_households"],
        source=Generated(rows_before(unit), generate),
        parents={"individual": individuals.NAME},
        cluster_by=["individual_id", "identifier_type"],
    )
