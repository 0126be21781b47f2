"""Names of dbt's models and tests in the asset graph, for modules that do not build them.

``dbt`` builds the assets; importing it takes seconds, because it imports dbt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import dagster as dg

from synth_assets.core.model import Domain


def marts_group(domain: str) -> str:
    """The asset group of a domain's dbt models.

    Args:
        domain: The domain's name.
    """
    return f"{domain}_marts"


@dataclass(frozen=True)
class Marts:
    """What dbt builds and tests of a domain.

    Attributes:
        models: The models.
        checks: The tests of the models and of the tables that they read, as asset checks.
    """

    models: Sequence[dg.AssetSpec] = ()
    checks: Sequence[dg.AssetCheckSpec] = ()


def marts_of(domain: Domain, dbt: dg.Definitions) -> Marts:
    """The dbt models of a domain, with the tests of models and sources.

    Args:
        domain: The domain.
        dbt: The dbt definitions (``dbt.dbt_definitions``), of any domains.
    """
    group = marts_group(domain.name)
    steps = [asset for asset in dbt.assets or () if isinstance(asset, dg.AssetsDefinition)]
    return Marts(
        [spec for step in steps for spec in step.specs if spec.group_name == group],
        [
            check
            for step in steps
            for check in step.check_specs
            if check.asset_key.path[0] in (group, domain.name)
        ],
    )
