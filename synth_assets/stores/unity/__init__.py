"""Delta tables that are registered in Unity Catalog as ``catalog.schema.table``.

The Delta store writes the files. The modules here call the workspace's REST API through
Databricks' client: ``grants`` verifies permissions, ``entries`` registers tables.
"""

from __future__ import annotations

from synth_assets.stores.unity.grants import MissingPrivilege, verify_catalog_permissions
from synth_assets.stores.unity.store import UnityStore

__all__ = ["MissingPrivilege", "UnityStore", "verify_catalog_permissions"]
