"""What the files hold, measured on the files: counts, overlaps, noise, formats, clusters.

Every figure is a streaming query, so that memory follows persons and not records. What the
figures ought to be is no matter of this module, but of ``report``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from synth_assets.domains.identity_resolution.checks import persons
from synth_assets.domains.identity_resolution.identifiers import (
    ADDRESS_HASH,
    DEVICE_ID,
    EMAIL,
    IDENTIFIERS,
    LOYALTY_ID,
    PAYMENT_TOKEN,
    PHONE,
)
from synth_assets.domains.identity_resolution.records import SOURCES
from synth_assets.domains.identity_resolution.source_membership import STRATA

# What every value of an identifier looks like, noise and placeholders included.
FORMATS = {
    EMAIL: r"^[A-Za-z0-9._]+(\+[a-z]+)?@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$",
    PHONE: r"^[+(]?[0-9](?:[ ().-]{0,2}[0-9]){8,14}$",
    LOYALTY_ID: r"^L[0-9]{10}$",
    DEVICE_ID: r"^[0-9a-f]{16}$",
    PAYMENT_TOKEN: r"^tok_[0-9a-f]{16}$",
    ADDRESS_HASH: r"^[0-9a-f]{32}$",
}
Figures = dict[str, Any]


def contents(path: Path, table: str) -> Figures:
    """Rows of a file, values of each column that are not null, identifiers in their format.

    Reads the file as a whole; where that fails, ``error`` says why, and there is nothing else.
    """
    try:
        return _contents(path, IDENTIFIERS.get(table, {}))
    except (pl.exceptions.PolarsError, OSError) as error:
        return {"error": str(error).splitlines()[0]}


def people(truth: pl.LazyFrame) -> Figures:
    """Who is known where, by the truth: overlaps, strata, clusters, edge cases."""
    cases = truth.drop_nulls("edge_case").group_by("edge_case").agg(pl.len())
    counted = _counted(truth)
    counts = counted["persons"]
    return {
        "persons": int(counts.sum()),
        "anonymous_records": truth.select(pl.col("person_id").null_count()).collect().item(),
        "overlap": {"persons": _overlap(counted, "persons"), "records": _overlap(counted, None)},
        "strata": {
            name: _share("persons", _sum(counted, pl.col("known").is_between(low, high)),
                         int(counts.sum()))
            for name, (low, high, _) in STRATA.items()
        },
        "cluster_sizes": {
            str(size): persons
            for size, persons in counted.group_by("size").agg(pl.col("persons").sum())
            .sort("size").iter_rows()
        },
        "edge_cases": dict(cases.sort("edge_case").collect(engine="streaming").iter_rows()),
    }  # fmt: skip


def noise(edits: pl.LazyFrame, values: dict[str, dict[str, int]]) -> Figures:
    """Edits of each kind over the values that are not null, by table and column."""
    counted = edits.group_by("source", "column_name", "noise_kind").agg(pl.len()).sort(pl.all())
    rates: Figures = {}
    for table, column, kind, count in counted.collect(engine="streaming").iter_rows():
        kinds = rates.setdefault(table, {}).setdefault(column, {})
        kinds[kind] = _share("edits", count, values[table][column])
    return rates


def _contents(path: Path, identifiers: dict[str, str]) -> Figures:
    frame = pl.scan_parquet(path)
    found = frame.select(
        pl.len().alias("len"),
        pl.all().count().name.prefix("count."),
        *(
            pl.col(column).str.contains(FORMATS[kind]).sum().alias(f"format.{column}")
            for kind, column in identifiers.items()
        ),
    )
    numbers = found.collect(engine="streaming").row(0, named=True)
    return {
        "rows": numbers["len"],
        "values": {name: numbers[f"count.{name}"] for name in frame.collect_schema()},
        "formats": {
            column: _share("matching", numbers[f"format.{column}"], numbers[f"count.{column}"])
            for column in identifiers.values()
        },
    }


def _counted(truth: pl.LazyFrame) -> pl.DataFrame:
    """Persons by which sources know them and how many records they have.

    ``persons`` counts them, the columns of sources their records; ``known`` counts the sources.
    """
    sources = [pl.col(source) for source in SOURCES]
    each = persons(truth).with_columns(
        pattern=pl.sum_horizontal((c > 0).cast(pl.Int32) * 2**i for i, c in enumerate(sources)),
        known=pl.sum_horizontal((c > 0).cast(pl.Int32) for c in sources),
        size=pl.sum_horizontal(sources).cast(pl.Int64),
    )
    sums = [c.cast(pl.Int64).sum() for c in sources]
    grouped = each.group_by("pattern", "known", "size").agg(pl.len().alias("persons"), *sums)
    return grouped.collect(engine="streaming")


def _overlap(counted: pl.DataFrame, of: str | None) -> dict[str, dict[str, int]]:
    """Of each source's persons (or records), how many (whose person) each other source knows."""
    return {
        one: {
            other: _sum(
                counted, (pl.col(one) > 0) & (pl.col(other) > 0), of or one
            )
            for other in SOURCES
        }
        for one in SOURCES
    }  # fmt: skip


def _sum(counted: pl.DataFrame, where: pl.Expr, of: str = "persons") -> int:
    return int(counted.filter(where)[of].sum())


def _share(what: str, count: int, total: int) -> Figures:
    return {what: count, "of": total, "share": count / total if total else None}
