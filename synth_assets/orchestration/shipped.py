"""Files that the package needs besides its modules: the dbt project, Dagster's settings.

In a checkout they are in the repository's root. In an installed wheel they are in
``synth_assets/shipped`` (see ``pyproject.toml``). Nothing is written there: it may be read-only.
"""

from __future__ import annotations

from synth_assets.core.variables import PACKAGE, SHIPPED

FROM_WHEEL = SHIPPED.is_dir()
PROJECT = SHIPPED if FROM_WHEEL else PACKAGE.parent

DBT_PROJECT = PROJECT / "dbt_project"
DAGSTER_YAML = PROJECT / "dagster.yaml"
WORKSPACE = PROJECT / "workspace.yaml"
