"""Partitions as partitions of Delta Lake tables, in a folder or an object store.

Polars writes and reads the data files, deltalake (delta-rs) the log that says which of them
count. ``store`` is the store itself; each further module is one idea it rests on.
"""

from __future__ import annotations

from synth_assets.stores.delta.store import DeltaStore

__all__ = ["DeltaStore"]
