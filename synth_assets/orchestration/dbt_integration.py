"""What this project uses of dagster-dbt, which is imported here alone, and without dbt.

dagster-dbt imports dbt for a few types and for dbt's selection syntax, which takes more than a
processor second in each process that loads definitions. It also runs where dbt is not installed,
and then has types of its own. dbt runs in processes of its own, where it is imported as usual. A
test compares the definitions with those that dagster-dbt makes with dbt.

dagster-dbt starts a new interpreter for each command of dbt. Here a process that has imported dbt
forks for it (``dbt_process``).
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

from synth_assets.orchestration.dbt_process import DbtProcess


@contextmanager
def _missing(module: str) -> Iterator[None]:
    """A module that cannot be imported in the block, as if it were not installed."""
    before = sys.modules.pop(module, None)
    sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[module]
        if before is not None:
            sys.modules[module] = before


with _missing("dbt.version"):
    from dagster_dbt import (
        DagsterDbtCliRuntimeError,
        DagsterDbtTranslator,
        DagsterDbtTranslatorSettings,
        DbtCliInvocation,
        DbtCliResource,
        DbtProject,
    )
    from dagster_dbt.asset_utils import DAGSTER_DBT_SELECT_METADATA_KEY
    from dagster_dbt.core import dbt_cli_invocation

# The module starts dbt with ``subprocess.Popen``, and uses no more of ``subprocess`` than this.
dbt_cli_invocation.subprocess = SimpleNamespace(  # type: ignore[assignment,attr-defined]
    Popen=DbtProcess, PIPE=subprocess.PIPE, STDOUT=subprocess.STDOUT
)

# The tag of a step that has dbt's selection of all that the step builds.
SELECT = DAGSTER_DBT_SELECT_METADATA_KEY

__all__ = [
    "SELECT",
    "DagsterDbtCliRuntimeError",
    "DagsterDbtTranslator",
    "DagsterDbtTranslatorSettings",
    "DbtCliInvocation",
    "DbtCliResource",
    "DbtProject",
]
