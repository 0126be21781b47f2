"""Partitions as partitions of BigQuery tables: a dataset a domain, a table a table.

Loads are free of charge and replace a partition at once; an append-only table ``partitions`` in a
dataset of its own says who made what. ``store`` is the store itself; each further module is one
idea it rests on.
"""

from __future__ import annotations

from synth_assets.stores.bigquery.store import BigQueryStore

__all__ = ["BigQueryStore"]
