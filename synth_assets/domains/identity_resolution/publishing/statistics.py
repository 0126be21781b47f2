"""Statistics of the published files: counts, overlaps, noise, formats, clusters.

Every statistic is a streaming query, so that memory grows with persons and not with records. The
expected values are in ``report``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from synth_assets.domains.identity_resolution.checks import persons
from synth_assets.domains.identity_resolution.devices import ANDROID_ID, UUID
from synth_assets.domains.identity_resolution.identifiers import (
    ADDRESS_HASH,
    DEVICE_ID,
    EMAIL,
    IDENTIFIERS,
    LOYALTY_ID,
    PAYMENT_TOKEN,
    PHONE,
)
from synth_assets.domains.identity_resolution.locales import LOCALES
from synth_assets.domains.identity_resolution.records import SOURCES
from synth_assets.domains.identity_resolution.source_membership import STRATA

# Format of every value of an identifier, with noise and placeholders.
FORMATS = {
    EMAIL: r"^[A-Za-z0-9._]+(\+[a-z]+)?@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$",
    PHONE: r"^[+(]?[0-9](?:[ ().-]{0,2}[0-9]){8,14}$",
    LOYALTY_ID: r"^L[0-9]{10}$",
    DEVICE_ID: rf"{UUID}|{ANDROID_ID}",
    PAYMENT_TOKEN: r"^tok_[0-9a-f]{16}$",
    ADDRESS_HASH: r"^[0-9a-f]{32}$",
}
Statistics = dict[str, Any]


def contents(path: Path, table: str) -> Statistics:
    """Rows of a file, values per column that are not null, and identifiers in their format.

    Args:
        path: The file.
        table: The table's name.

    Returns:
        ``rows``, ``values`` and ``formats``; only ``error`` if the file cannot be read.
    """
    try:
        return _contents(path, IDENTIFIERS.get(table, {}))
    except (pl.exceptions.PolarsError, OSError) as error:
        return {"error": str(error).splitlines()[0]}


def people(truth: pl.LazyFrame) -> Statistics:
    """Persons and records in the ground truth: overlaps, strata, cluster sizes, edge cases.

    Args:
        truth: Rows of ``identity_truth``.
    """
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


def regions(path: Path) -> dict[str, int]:
    """Records by region of the country.

    Args:
        path: The file of CRM.
    """
    known = {locale.country: locale.region for locale in LOCALES}
    region = pl.col("country_code").replace_strict(known, return_dtype=pl.String)
    counted = pl.scan_parquet(path).group_by(region.alias("region")).agg(pl.len())
    return dict(counted.collect(engine="streaming").iter_rows())


def noise(edits: pl.LazyFrame, values: dict[str, dict[str, int]]) -> Statistics:
    """Rates of edits by table, column and kind.

    Args:
        edits: Rows of ``identity_edits``.
        values: Values that are not null, by table and column.
    """
    counted = edits.group_by("source", "column_name", "noise_kind").agg(pl.len()).sort(pl.all())
    rates: Statistics = {}
    for table, column, kind, count in counted.collect(engine="streaming").iter_rows():
        kinds = rates.setdefault(table, {}).setdefault(column, {})
        kinds[kind] = _share("edits", count, values[table][column])
    return rates


def _contents(path: Path, identifiers: dict[str, str]) -> Statistics:
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
    """Persons by their sources and number of records.

    ``persons`` is the number of them, the sources' columns are their records, and ``known`` is the
    number of their sources.
    """
    sources = [pl.col(source) for source in SOURCES]
    each = persons(truth).with_columns(
        membership=pl.sum_horizontal((c > 0).cast(pl.Int32) * 2**i for i, c in enumerate(sources)),
        known=pl.sum_horizontal((c > 0).cast(pl.Int32) for c in sources),
        size=pl.sum_horizontal(sources).cast(pl.Int64),
    )
    sums = [c.cast(pl.Int64).sum() for c in sources]
    grouped = each.group_by("membership", "known", "size").agg(pl.len().alias("persons"), *sums)
    return grouped.collect(engine="streaming")


def _overlap(counted: pl.DataFrame, of: str | None) -> dict[str, dict[str, int]]:
    """Persons of each source, or their records there, with a record in each other source."""
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


def _share(what: str, count: int, total: int) -> Statistics:
    return {what: count, "of": total, "share": count / total if total else None}
