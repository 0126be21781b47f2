"""A tiny domain, and runs of it on a throw-away instance."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

import dagster as dg
import dataframely as dy
import polars as pl
import pytest

from synth_assets.core.model import Domain, Table
from synth_assets.core.partitioning import Daily, Partition
from synth_assets.core.scenario import Scenario
from synth_assets.core.schedule import ScheduleSpec
from synth_assets.core.schema import references
from synth_assets.core.sources import Generated, row_numbers
from synth_assets.orchestration.build import build_definitions
from synth_assets.orchestration.home import open_instance
from synth_assets.orchestration.runs import RunOutcome, launch
from synth_assets.orchestration.settings import Settings
from synth_assets.quality.structural import holds
from synth_assets.randomness.streams import RandomStream

DAILY = Daily(date(2026, 1, 1), date(2026, 1, 11))
ROWS = 12


class TinyScenario(Scenario):
    """One figure besides the seed."""

    spoil: float = 0.0


class Parents(dy.Schema):
    """A parent."""

    id = dy.Int64(primary_key=True, description="Key.")
    value = dy.Float64(description="A share.", min=0, max=1)


class Children(dy.Schema):
    """A child."""

    id = dy.Int64(primary_key=True)
    parent_id = dy.Int64(metadata=references("parent"))


def parents(scenario: TinyScenario, partition: Partition) -> pl.LazyFrame:
    """Parents; days 3 and 6 carry a value above one where the scenario spoils."""
    spoilt = (pl.col("row") // ROWS).is_in([3, 6]) & (pl.lit(scenario.spoil) > 0)
    unit = RandomStream(scenario.seed, "tiny", "parents", "value").uniform(pl.col("row"))
    value = pl.when(spoilt).then(unit + 1).otherwise(unit)
    return row_numbers(partition).with_columns(id=pl.col("row"), value=value)


def children(scenario: TinyScenario, partition: Partition) -> pl.LazyFrame:
    """A child for each parent."""
    return row_numbers(partition).with_columns(id=pl.col("row"), parent_id=pl.col("row"))


def rows_before(scenario: TinyScenario, step: int) -> int:
    """As many rows each day."""
    return ROWS * step


def tiny() -> Domain:
    """Two daily tables, one the other's parent."""
    common = {"domain": "tiny", "partitioning": DAILY}
    value = holds(
        "value_sound", "No value is above a half by more than a half.", pl.col("value") < 1
    )
    tables = [
        Table(
            name="parents",
            doc="A parent.",
            schema=Parents,
            source=Generated(rows_before, parents),
            checks=[value],
            **common,
        ),
        Table(
            name="children",
            doc="A child.",
            schema=Children,
            source=Generated(rows_before, children),
            parents={"parent": "parents"},
            **common,
        ),
    ]
    return Domain(
        name="tiny",
        doc="Two tables.",
        owners=["team:tiny"],
        scenario=TinyScenario.from_environment("tiny"),
        tables=tables,
        schedules=[
            ScheduleSpec("daily", "20 3 * * *", ["parents", "children"]),
            ScheduleSpec("weekly", "20 3 * * 1", ["parents"], days=7),
        ],
    )


@pytest.fixture
def domain() -> Domain:
    return tiny()


@pytest.fixture
def instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    with open_instance(settings) as opened:
        yield opened


Run = Callable[..., RunOutcome]


@pytest.fixture
def run(domain: Domain, settings: Settings, instance: dg.DagsterInstance) -> Run:
    """Runs all assets and checks of the tiny domain over some partition keys."""
    defs = build_definitions([domain], settings, with_dbt=False)
    graph = defs.resolve_asset_graph()

    def runs(keys: Sequence[str], **options: object) -> RunOutcome:
        assets = [key for key in graph.materializable_asset_keys if key.path[1] != "gate_report"]
        return launch(
            defs,
            assets,
            list(graph.asset_check_keys),
            instance,
            keys=keys,
            **options,  # type: ignore[arg-type]
        )

    return runs
