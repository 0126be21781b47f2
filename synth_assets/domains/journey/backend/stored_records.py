"""The books of a day, of the stored purchases up to it; and where the backend's tables lie."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.model import TableLocation, TableView
from synth_assets.domains.journey.backend.books import Books, books
from synth_assets.domains.journey.scenario import JourneyScenario
from synth_assets.domains.journey.tables import purchases
from synth_assets.randomness.values import EPOCH

# A database of its own kind, whatever the warehouse is.
STORE, PLACEMENT = "postgres", TableLocation("backend")


def scenario_of(stored: TableView) -> JourneyScenario:
    """The scenario of the journey."""
    assert isinstance(stored.scenario, JourneyScenario)
    return stored.scenario


def books_of(stored: TableView, key: str) -> Books:
    """The books up to the last day of the run; all purchases until then must be stored."""
    last = max(key, *stored.keys) if stored.keys else key
    days = purchases.up_to(stored, last)
    return stored.cached("books", lambda: books(purchases.read(stored, days), scenario_of(stored)))


def of_day(rows: pl.DataFrame, key: str) -> pl.LazyFrame:
    """Rows of a day, without it."""
    return rows.lazy().filter(pl.col("day") == key).drop("day")


def moment(description: str) -> dy.Datetime:
    """A timestamp column, in microseconds (UTC)."""
    return dy.Datetime(min=EPOCH, time_unit="us", description=description)


def as_moment(column: str) -> pl.Expr:
    """A timestamp from microseconds since 1970."""
    return pl.col(column).cast(pl.Datetime("us"))
