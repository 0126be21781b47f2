"""The baseline resolver: connected components of records that share an exact identifier.

Values are hashed to 64 bits when they are read, since texts would need ten times the memory. At 50
million records the probability of any collision is about one in ten thousand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from synth_assets.domains.identity_resolution.identifiers import TYPES
from synth_assets.domains.identity_resolution.resolution.normalise import identifying


def resolve(sources: Mapping[str, pl.LazyFrame], most: int) -> pl.DataFrame:
    """The cluster of every record.

    Args:
        sources: Frames of ``record_id`` and columns of ``identifiers.TYPES``, by source.
        most: Identifiers that more records share are not followed.

    Returns:
        A row per record: ``source``, ``record_id``, ``cluster_id``, ``cluster_size``, ``skipped``.
        A cluster's id is its least ``record_id``, so that the order of records does not matter.
        ``skipped`` counts the record's identifiers that were not followed.
    """
    records, groups = _read(sources)
    links = [group.filter(pl.col("size") <= most) for group in groups]
    labels = _components(len(records), links)
    too_large = [group.filter(pl.col("size") > most)["node"] for group in groups]
    skipped = np.bincount(pl.concat(too_large).to_numpy(), minlength=len(records))
    return records.select(
        "source",
        "record_id",
        cluster=pl.Series(labels),
        skipped=pl.Series(skipped, dtype=pl.Int32),
    ).select(
        "source",
        "record_id",
        cluster_id=pl.col("record_id").min().over("cluster"),
        cluster_size=pl.len().over("cluster").cast(pl.Int32),
        skipped="skipped",
    )


def _read(sources: Mapping[str, pl.LazyFrame]) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """All records, and for each type of identifier the records that share a value."""
    frames = [_hashed(source, frame) for source, frame in sources.items()]
    records = pl.concat(frames, how="diagonal").with_row_index("node")
    groups = [_groups(records, kind) for kind in TYPES if kind in records.columns]
    return records.select("source", "record_id"), groups


def _hashed(source: str, frame: pl.LazyFrame) -> pl.DataFrame:
    """Ids of the records, and their identifiers as numbers."""
    kinds = [kind for kind in TYPES if kind in frame.collect_schema()]
    values = {kind: identifying(kind, pl.col(kind)) for kind in kinds}
    hashed = {k: pl.when(value.is_not_null()).then(value.hash()) for k, value in values.items()}
    return frame.select("record_id", source=pl.lit(source), **hashed).collect(engine="streaming")


def _groups(records: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Records (``node``) that share a value: the first of them (``anchor``) and their ``size``."""
    present = records.lazy().select("node", value=kind).drop_nulls()
    groups = present.group_by("value").agg(anchor=pl.col("node").min(), size=pl.len())
    shared = groups.filter(pl.col("size") > 1)
    return present.join(shared, on="value").drop("value").collect()


def _components(count: int, links: Sequence[pl.DataFrame]) -> npt.NDArray[np.int32]:
    """A number for each record, the same for records that links connect."""
    edges = pl.concat([link.select("anchor", "node") for link in links])
    ends = (edges["anchor"].to_numpy(), edges["node"].to_numpy())
    # Importing scipy takes half a second, which every command would wait for.
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(edges), dtype=np.bool_), ends), shape=(count, count))
    labels: npt.NDArray[np.int32] = connected_components(graph, directed=False)[1]
    return labels
