"""A sample of a scenario of the identity graph: its tables, their size, and the time they took.

The sample is generated and stored for real, in a folder that is removed, so that estimates are
measurements of this machine: everything but campaigns grows with the number of households.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import polars as pl
import streamlit as st

from synth_assets.core.model import TableView
from synth_assets.domains.identity_graph.domain import domain_of
from synth_assets.domains.identity_graph.scenario import IdentityGraphScenario
from synth_assets.domains.identity_graph.tables.campaigns import NAME as CAMPAIGNS
from synth_assets.stores import open_store
from synth_assets.stores.routing import Stores

HOUSEHOLDS, MORE = 1_000, 5_000
# Bins of numbers, and the most names of a plot.
BINS, MOST_NAMES = 24, 20


@dataclass(frozen=True)
class Sample:
    """A sample of a scenario.

    Attributes:
        tables: Rows of each table.
        bytes: Their size as Parquet, by table.
        seconds: Seconds that they took, by table.
    """

    tables: Mapping[str, pl.DataFrame]
    bytes: Mapping[str, int]
    seconds: Mapping[str, float]


@dataclass(frozen=True)
class Estimate:
    """What a scenario will make, as far as its sample tells."""

    people: int
    events: int
    rows: int
    bytes: int
    seconds: float


def sample(scenario: IdentityGraphScenario) -> Sample:
    """Generates a thousand households of a scenario, with everything that belongs to them.

    Args:
        scenario: The scenario.
    """
    values = scenario.model_dump(mode="json")
    values["household_config"]["num_households"] = HOUSEHOLDS
    _speeds()
    return _sample(IdentityGraphScenario.of(values | {"shards": 1}).model_dump_json())


@dataclass(frozen=True)
class Speed:
    """The time that a table takes: once, and for each row."""

    fixed: float
    row: float


@cache
def _speeds() -> Mapping[str, Speed]:
    """The speed of each table on this machine, measured once on two numbers of households.

    Before that, lists are read and functions are compiled, which happens once. A scenario's own
    sample is too short to be timed: its seconds would be those of whatever else runs meanwhile.
    """
    _, few, more = (_generate(_default(count)) for count in (HOUSEHOLDS, HOUSEHOLDS, MORE))
    speeds = {}
    for name, seconds in few.seconds.items():
        rows = len(few.tables[name])
        new = max(len(more.tables[name]) - rows, 1)
        row = max(more.seconds[name] - seconds, 0.0) / new
        speeds[name] = Speed(max(seconds - row * rows, 0.0), row)
    return speeds


def _default(households: int) -> IdentityGraphScenario:
    values = {"household_config": {"num_households": households}, "shards": 1}
    return IdentityGraphScenario.of(values)


@st.cache_data(max_entries=8, show_spinner=False)
def _sample(text: str) -> Sample:
    return _generate(IdentityGraphScenario.model_validate_json(text))


def _generate(scenario: IdentityGraphScenario) -> Sample:
    domain = domain_of(scenario)
    found: dict[str, pl.DataFrame] = {}
    sizes: dict[str, int] = {}
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="synth-sample-") as folder:
        stores = Stores.only(open_store("parquet", folder))
        for table in domain.tables:
            started = time.perf_counter()
            view = TableView(domain, table, table.partitioning.keys(), stores, scenario)
            for partition, frame in table.source.partitions(view):
                stored = stores.of(table).replace(
                    table, partition.key, frame, scenario.fingerprint()
                )
                sizes[table.name] = sizes.get(table.name, 0) + stored.bytes
            seconds[table.name] = time.perf_counter() - started
            found[table.name] = stores.scan(table).collect()
    return Sample(found, sizes, seconds)


def estimate(scenario: IdentityGraphScenario, of: Sample) -> Estimate:
    """What a scenario will make.

    Args:
        scenario: The scenario.
        of: Its sample.
    """
    ratio = scenario.household_config.num_households / HOUSEHOLDS
    ratios = {name: 1.0 if name == CAMPAIGNS else ratio for name in of.tables}
    rows = {name: round(len(frame) * ratios[name]) for name, frame in of.tables.items()}
    return Estimate(
        people=rows["individuals"],
        events=rows["content_engagements"],
        rows=sum(rows.values()),
        bytes=round(sum(of.bytes[name] * ratios[name] for name in rows)),
        seconds=sum(speed.fixed + speed.row * rows[name] for name, speed in _speeds().items()),
    )


def distribution(values: pl.Series) -> pl.DataFrame:
    """The distribution of a column: shares by name, or by the beginning of a bin.

    Args:
        values: The column.

    Returns:
        Columns ``value`` (text, number or day) and ``share``.
    """
    name, dtype = values.name, values.dtype
    if dtype.is_temporal():
        values = values.dt.date()
    elif dtype.is_numeric() and values.n_unique() > BINS:
        least, most = float(values.min() or 0), float(values.max() or 0)  # type: ignore[arg-type]
        width = (most - least) / BINS or 1.0
        values = ((values - least) / width).floor() * width + least
    counted = values.drop_nulls().rename(name).value_counts(sort=True, name="count")
    named = not (dtype.is_numeric() or dtype.is_temporal())
    if named:
        counted = counted.with_columns(pl.col(name).cast(pl.String)).head(MOST_NAMES)
    share = pl.col("count") / max(len(values), 1)
    found = counted.select(pl.col(name).alias("value"), share.alias("share"))
    if isinstance(dtype, pl.Enum) and len(dtype.categories) <= MOST_NAMES:
        # In the order in which the fields of the form have them: brackets, levels.
        order = pl.col("value").cast(dtype).to_physical()
        return found.sort(order)
    return found.sort("share" if named else "value", descending=named)
