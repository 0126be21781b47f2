"""The backend's records from stored purchases, and what its tables share: location and columns."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.location import TableLocation
from synth_assets.core.model import TableView
from synth_assets.domains.journey.backend.records import BackendRecords, backend_records
from synth_assets.domains.journey.scenario import JourneyScenario
from synth_assets.domains.journey.tables import purchases, signups
from synth_assets.randomness.values import EPOCH

# The backend is in PostgreSQL, independent of the warehouse.
STORE, LOCATION = "postgres", TableLocation("backend")


def scenario_of(stored: TableView) -> JourneyScenario:
    """The journey's scenario.

    Args:
        stored: A table of the domain.
    """
    assert isinstance(stored.scenario, JourneyScenario)
    return stored.scenario


def records_of(stored: TableView, key: str) -> BackendRecords:
    """The backend's records up to the last day of the run, computed once.

    Args:
        stored: A table of the domain.
        key: Day that is needed; all purchases up to it must be stored.
    """
    last = max(key, *stored.keys) if stored.keys else key
    days = purchases.up_to(stored, last)
    return stored.cached(
        "backend records",
        lambda: backend_records(
            purchases.read(stored, days), signups_of(stored, days), scenario_of(stored)
        ),
    )


def signups_of(stored: TableView, keys: list[str]) -> pl.DataFrame:
    """Stored sign-ups of some days, with ``day``.

    Args:
        stored: A table of the domain.
        keys: The days.
    """
    return stored.reader.scan(stored.domain.table(signups.NAME), keys).collect()


def of_day(rows: pl.DataFrame, key: str) -> pl.LazyFrame:
    """Rows of a day, without column ``day``.

    Args:
        rows: Rows of several days.
        key: The day.
    """
    return rows.lazy().filter(pl.col("day") == key).drop("day")


def timestamp_column(description: str) -> dy.Datetime:
    """A timestamp column, in microseconds (UTC).

    Args:
        description: Description of the column.
    """
    return dy.Datetime(min=EPOCH, time_unit="us", description=description)


def to_timestamp(column: str) -> pl.Expr:
    """A timestamp from microseconds since 1970.

    Args:
        column: Column of the microseconds.
    """
    return pl.col(column).cast(pl.Datetime("us"))
