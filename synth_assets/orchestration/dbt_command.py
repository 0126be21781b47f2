"""dbt as Dagster starts it, without what this project does not use.

Like ``dbt``, this module takes seconds to import.
"""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from packaging.version import Version

from synth_assets.orchestration.dbt_integration import DbtCliResource, DbtProject


class DbtCommand(DbtCliResource):
    """Starts dbt, and nothing besides: four processor seconds a step less than its base class.

    The base class runs ``dbt --version`` as a process of its own, and loads dbt's adapter with all
    macros for functions that are not used here. Dagster's version is pinned, and a test fails if
    a later one has other names for the two.
    """

    @property
    def _cli_version(self) -> Version:
        return Version(version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> Any:
        return None


def command_of(project: DbtProject) -> DbtCommand:
    """The command for a project.

    Args:
        project: The project, with its profiles and target.
    """
    return DbtCommand(
        project_dir=str(project.project_dir),
        profiles_dir=str(project.profiles_dir),
        target=project.target,
    )
