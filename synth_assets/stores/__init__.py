"""Where partitions are stored: one module or package per kind of store, behind one protocol.

``store`` has the protocol, ``kinds`` describes each kind, ``routing`` assigns tables to stores.
Nothing here imports other packages of the project than ``core``.
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
