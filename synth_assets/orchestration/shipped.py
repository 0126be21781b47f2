"""Files that the product needs beside its modules: dbt's project, Dagster's settings.

They lie at the top of a checkout. In an installed wheel they lie in ``synth_assets/shipped``,
where ``pyproject.toml`` has them put; nothing is written there, it may be read-only.
"""

from __future__ import annotations

from synth_assets.core.variables import PACKAGE, SHIPPED

FROM_WHEEL = SHIPPED.is_dir()
PROJECT = SHIPPED if FROM_WHEEL else PACKAGE.parent

DBT_PROJECT = PROJECT / "dbt_project"
DAGSTER_YAML = PROJECT / "dagster.yaml"
WORKSPACE = PROJECT / "workspace.yaml"
