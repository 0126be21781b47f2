"""The shop's export generated in memory for tests, independent of the environment."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import polars as pl

from synth_assets.core import sources
from synth_assets.core.model import Domain
from synth_assets.domains.journey.domain import domain
from synth_assets_tests.environment import of_domain, only

# Two days, and the whole sample.
DAYS = ("2020-11-10", "2020-11-11")
LAST = "2021-02-01"


def journey(**fields: Any) -> Domain:
    """The customer journey with these scenario fields and defaults for all others."""
    with only(**of_domain("journey", **fields)):
        return domain()


def made(of: Domain, keys: Sequence[str]) -> dict[str, pl.DataFrame]:
    """The events of these days."""
    table = of.table("events")
    return {p.key: frame.collect() for p, frame in sources.frames(table, of.scenario, keys)}


@lru_cache(maxsize=2)
def whole(**fields: Any) -> pl.DataFrame:
    """The events of all of the sample's days, of a scenario."""
    of = journey(end_date=LAST, **fields)
    return pl.concat(made(of, of.table("events").partitioning.keys()).values())
