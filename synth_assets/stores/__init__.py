"""Where partitions are stored. One module a kind of store; each keeps the ``Store`` protocol.

``kinds`` says everything about each kind, ``routing`` which table is in which. Imports ``core``
alone.
"""

from synth_assets.stores.kinds import KINDS, StoreKind, open_store, register
from synth_assets.stores.store import ChangedColumnsError, DamagedPartitionError, Store

__all__ = [
    "KINDS",
    "ChangedColumnsError",
    "DamagedPartitionError",
    "Store",
    "StoreKind",
    "open_store",
    "register",
]
