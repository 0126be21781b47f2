"""Names of dbt's models and tests in the asset graph, for modules that do not build them.

``dbt`` builds the assets; importing it takes seconds, because it imports dbt.
"""

from __future__ import annotations

import dagster as dg

from synth_assets.core.model import Domain


def marts_group(domain: str) -> str:
    """The asset group of a domain's dbt models.

    Args:
        domain: The domain's name.
    """
    return f"{domain}_marts"


def checks_of_models(domain: Domain, dbt: dg.Definitions) -> list[dg.AssetCheckSpec]:
    """The dbt tests of a domain's models and sources, as asset checks.

    Args:
        domain: The domain.
        dbt: The dbt definitions (``dbt.dbt_definitions``), of any domains.
    """
    group = marts_group(domain.name)
    steps = (asset for asset in dbt.assets or () if isinstance(asset, dg.AssetsDefinition))
    return [
        check for step in steps for check in step.check_specs if check.asset_key.path[0] == group
    ]
