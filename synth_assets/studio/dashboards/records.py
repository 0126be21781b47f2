"""The records of identity resolution by the day on which they began, and scores of some days."""

from __future__ import annotations

import polars as pl

from synth_assets.core.model import Domain, Table
from synth_assets.core.schema import polars_schema
from synth_assets.domains.identity_resolution.records import SOURCES
from synth_assets.domains.identity_resolution.resolution.score import score
from synth_assets.domains.identity_resolution.tables.identity_truth import NAME as TRUTH
from synth_assets.domains.identity_resolution.tables.resolved_identities import NAME as RESOLVED
from synth_assets.stores.routing import Stores
from synth_assets.studio.dashboards.period import Period

KEY = ["source", "record_id"]


def dated(domain: Domain, stores: Stores) -> pl.LazyFrame:
    """All records: ``source``, ``record_id`` and the ``day`` on which they began.

    Args:
        domain: Identity resolution.
        stores: Where its tables are stored.
    """
    frames = []
    for source in SOURCES.values():
        table = domain.table(source.table)
        day = pl.col(beginning(table)).dt.date()
        named = {"source": pl.lit(table.name), "record_id": pl.col(source.key), "day": day}
        frames.append(stores.scan(table).select(**named))
    return pl.concat(frames)


def beginning(table: Table) -> str:
    """The column of the moment at which a record began: the first moment that a table has.

    Args:
        table: A source of records.
    """
    types = polars_schema(table.schema).items()
    return next(name for name, dtype in types if isinstance(dtype, pl.Datetime))


def per_day(domain: Domain, stores: Stores) -> pl.DataFrame:
    """The number of records by ``source`` and ``day``.

    Args:
        domain: Identity resolution.
        stores: Where its tables are stored.
    """
    counted = dated(domain, stores).group_by("source", "day").agg(records=pl.len())
    return counted.sort("day", "source").collect(engine="streaming")


def of_days(domain: Domain, stores: Stores, days: Period) -> pl.LazyFrame:
    """The keys of the records that began in some days.

    Args:
        domain: Identity resolution.
        stores: Where its tables are stored.
        days: The days.
    """
    inside = pl.col("day").is_between(days.first, days.last)
    return dated(domain, stores).filter(inside).select(KEY)


def scores_of_days(domain: Domain, stores: Stores, days: Period) -> pl.DataFrame | None:
    """The baseline's scores on the records that began in some days.

    Args:
        domain: Identity resolution.
        stores: Where its tables are stored.
        days: The days.

    Returns:
        The columns of ``resolution_scores``; None if nobody is known to be behind these records.
    """
    known = stores.scan(domain.table(TRUTH)).filter(pl.col("person_id").is_not_null())
    clusters = stores.scan(domain.table(RESOLVED)).select(*KEY, "cluster_id")
    inside = of_days(domain, stores, days)
    records = known.join(inside, on=KEY, how="semi").join(clusters, on=KEY)
    if records.head(1).collect(engine="streaming").is_empty():
        return None
    # The texts of the records stay in the store: scores are of hashes.
    return score(records.select("source", "person_id", "edge_case", "cluster_id"))
