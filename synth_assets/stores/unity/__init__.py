"""Delta tables that Unity Catalog knows as ``catalog.schema.table``.

The files are the Delta store's; what is added is the workspace's REST API, asked through
Databricks' own client: may this be written, and is it registered.
"""

from __future__ import annotations

from synth_assets.stores.unity.grants import Missing, verify_catalog_permissions
from synth_assets.stores.unity.store import UnityStore

__all__ = ["Missing", "UnityStore", "verify_catalog_permissions"]
