"""A table with a column of every type that tables use, and rows with difficult values."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import dataframely as dy
import polars as pl

from synth_assets.core.model import Table
from synth_assets.core.partitioning import Partitioning, Sharded
from synth_assets.core.sources import Generated
from synth_assets.stores import Store


class Kinds(dy.Schema):
    """A column of every type that tables use."""

    id = dy.Int64(primary_key=True, description="It's the row's number; \"quoted\".")
    name = dy.String(nullable=True)
    amount = dy.Decimal(10, 2, nullable=True)
    share = dy.Float64(nullable=True)
    count = dy.UInt32(nullable=True)
    level = dy.Int32(nullable=True)
    flag = dy.Bool(nullable=True)
    on = dy.Date(nullable=True)
    at = dy.Datetime(time_unit="us", nullable=True)
    seen_at = dy.Datetime(time_unit="us", time_zone="UTC", nullable=True)
    kind = dy.Enum(["new", "old"], nullable=True)
    tags = dy.List(dy.String(), nullable=True)
    place = dy.Struct(
        {"city": dy.String(nullable=True), "since": dy.Date(nullable=True)}, nullable=True
    )
    items = dy.List(
        dy.Struct(
            {
                "name": dy.String(nullable=True),
                "price": dy.Decimal(10, 2, nullable=True),
                "at": dy.Datetime(time_unit="us", nullable=True),
                "sizes": dy.List(dy.Int64(nullable=True), nullable=True),
            }
        ),
        nullable=True,
    )


def schema_of(schema: type[dy.Schema]) -> dict[str, pl.DataType]:
    """Names and types of a schema's columns."""
    return {name: column.dtype for name, column in schema.columns().items()}


_MOMENT = datetime(2026, 1, 1, 23, 59, 59, 999_999)
FRAME = pl.DataFrame(
    {
        "id": [1, 2, 3],
        "name": ['Ødegård, 北京 "quoted" \'; drop\t\\N\n🥐', "", None],
        "amount": [Decimal("12.34"), Decimal("-0.01"), None],
        "share": [0.1, 1e-300, None],
        "count": [2**32 - 1, 0, None],
        "level": [-(2**31), 7, None],
        "flag": [True, False, None],
        "on": [date(2026, 2, 28), date(1970, 1, 1), None],
        "at": [_MOMENT, datetime(1969, 1, 1), None],
        "seen_at": [_MOMENT.replace(tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC), None],
        "kind": ["new", "old", None],
        "tags": [["a", 'ü, "b" {c}'], [], None],
        "place": [
            {"city": "Malmö", "since": date(2020, 1, 1)},
            {"city": None, "since": None},
            None,
        ],
        "items": [
            [
                {"name": "x", "price": Decimal("1.50"), "at": _MOMENT, "sizes": [1, 2**53 + 1]},
                {"name": None, "price": None, "at": None, "sizes": []},
            ],
            [],
            None,
        ],
    },
    schema=schema_of(Kinds),
)


def later(number: int) -> pl.LazyFrame:
    """The rows of another partition: no two partitions share an id."""
    return FRAME.with_columns(id=pl.col("id") + 10 * number).lazy()


def table(
    schema: type[dy.Schema] = Kinds,
    name: str = "all kinds",
    version: str = "1",
    partitioning: Partitioning | None = None,
) -> Table:
    """A table of a schema; its source generates nothing."""
    return Table(
        domain="test",
        name=name,
        doc="Rows that try stores hard.",
        schema=schema,
        partitioning=partitioning or Sharded(3),
        source=Generated(lambda scenario, step: step, lambda scenario, partition: pl.LazyFrame()),
        code_version=version,
    )


def stored(store: Store, key: str, of: Table | None = None) -> pl.DataFrame:
    """The rows of a partition as its store holds them, in order of ``id``."""
    of = of or table()
    return store.scan(of, [key]).drop(of.partitioning.partition_column).sort("id").collect()


class OtherKinds(dy.Schema):
    """A later version of the schema."""

    id = dy.Int64(primary_key=True)
    name = dy.Int64(nullable=True)
