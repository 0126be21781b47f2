"""Where dbt's models and tests are in the graph, for those who do not build them.

``dbt`` makes the assets; importing it takes seconds, because it imports dbt.
"""

from __future__ import annotations

import dagster as dg

from synth_assets.core.model import Domain


def marts_group(domain: str) -> str:
    """Group of a domain's dbt models in the graph."""
    return f"{domain}_marts"


def checks_of_models(domain: Domain, dbt: dg.Definitions) -> list[dg.AssetCheckSpec]:
    """Tests of dbt of a domain's models and sources, as checks."""
    group = marts_group(domain.name)
    steps = (asset for asset in dbt.assets or () if isinstance(asset, dg.AssetsDefinition))
    return [
        check for step in steps for check in step.check_specs if check.asset_key.path[0] == group
    ]
