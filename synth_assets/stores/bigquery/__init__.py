"""Partitions as partitions of BigQuery tables: one dataset per domain, one table per table.

Loads are free of charge and replace a partition atomically. An append-only table ``slices`` in a
separate dataset records the provenance of each partition. ``store`` is the store itself; each other
module is one part of it.
"""

from __future__ import annotations

from synth_assets.stores.bigquery.store import BigQueryStore

__all__ = ["BigQueryStore"]
