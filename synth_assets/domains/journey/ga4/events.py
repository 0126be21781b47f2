"""Events of the shop's web analytics export, placed as ``raw_ga4.events`` in every store."""

from __future__ import annotations

import polars as pl

from synth_assets.domains.journey.ga4.schema import Events
from synth_assets.domains.journey.scenario import JourneyScenario
from synth_assets.generation.schema import polars_schema
from synth_assets.generation.slicing import Daily, Slice
from synth_assets.generation.table import Placement, Table

DOMAIN, NAME, SCHEMA = "journey", "events", "raw_ga4"


def generate(scenario: JourneyScenario, piece: Slice) -> pl.LazyFrame:
    """Events of a slice."""
    return pl.LazyFrame(schema={"row": pl.Int64, **polars_schema(Events)})


def table(slicing: Daily) -> Table:
    """The table."""
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="What the browsers of the shop's visitors sent to Google Analytics 4.",
        schema=Events,
        slicing=slicing,
        generate=generate,
        cluster_by=["user_pseudo_id", "event_name"],
        placement=Placement(SCHEMA),
    )
