"""Events in the shape of Debezium: ``before``, ``after``, ``source``, ``op`` and ``ts_ms``.

They are what its JSON converter writes without schemas. Moments are those of the data, also in
``ts_ms``, so that the same stream has the same bytes each time; rows without a moment have 0.
"""

from __future__ import annotations

import json

import polars as pl

from synth_assets import __version__
from synth_assets.core.model import Table
from synth_assets.replay.events import READ

CONNECTOR, SERVER = "synth", "synth"


def with_envelopes(events: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Adds ``value``, the event as one line of JSON.

    Args:
        events: Events of ``timeline``.
        table: Their table.
    """
    source = {
        "version": __version__,
        "connector": CONNECTOR,
        "name": SERVER,
        "db": SERVER,
        "schema": table.domain,
        "table": table.name,
    }
    milliseconds = (pl.col("at") // 1_000).fill_null(0).cast(pl.String)
    snapshot = pl.when(pl.col("op") == READ).then(pl.lit("true")).otherwise(pl.lit("false"))
    value = pl.concat_str(
        pl.lit('{"before":'), _or_null("before"),
        pl.lit(',"after":'), _or_null("after"),
        pl.lit(f',"source":{_compact(source)[:-1]},"ts_ms":'), milliseconds,
        pl.lit(',"snapshot":"'), snapshot,
        pl.lit('","sequence":"'), pl.col("position").cast(pl.String),
        pl.lit('"},"op":"'), pl.col("op"),
        pl.lit('","ts_ms":'), milliseconds, pl.lit("}"),
    )  # fmt: skip
    return events.with_columns(value=value)


def lines(events: pl.DataFrame) -> bytes:
    """Events as lines of JSON, each with its ``key`` beside the fields of the envelope.

    Args:
        events: Events with envelopes.
    """
    rest = pl.col("value").str.slice(1)
    line = pl.concat_str(pl.lit('{"key":'), _or_null("key"), pl.lit(","), rest)
    texts = events.select(line).to_series().to_list()
    return "".join(f"{text}\n" for text in texts).encode()


def truth_lines(events: pl.DataFrame) -> bytes:
    """The invented events among some, as lines of JSON: position, key, operation and column.

    Args:
        events: Events of ``timeline``.
    """
    invented = events.filter("invented").select("position", "key", "op", "column")
    return b"".join(
        _compact({"position": n, "key": json.loads(key), "op": op, "column": column}).encode()
        + b"\n"
        for n, key, op, column in invented.iter_rows()
    )


def _compact(document: object) -> str:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def _or_null(column: str) -> pl.Expr:
    return pl.col(column).fill_null("null")
