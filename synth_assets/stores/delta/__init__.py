"""Partitions as partitions of Delta Lake tables, in a folder or an object store.

Polars writes and reads the data files; deltalake (delta-rs) writes and reads the log that lists
them. ``store`` is the store itself; each other module is one part of it.
"""

from __future__ import annotations

from synth_assets.stores.delta.store import DeltaStore

__all__ = ["DeltaStore"]
