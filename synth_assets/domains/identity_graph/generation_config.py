"""A whole configuration of the identity graph's pipeline: the scenario, the destination, the run.

``GenerationConfig`` is what ``synth identity-graph`` and ``execute_full_pipeline`` take, from
Python or YAML. Runs of assets take the scenario alone; their destination is ``SYNTH_STORE``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from synth_assets.core.scenario import DESTINATION, RUN_OPTION
from synth_assets.domains.identity_graph.scenario import IdentityGraphScenario

NAME = r"^[A-Za-z_][A-Za-z0-9_-]{0,254}$"


class GenerationConfig(IdentityGraphScenario):
    """The scenario, the catalog and schema of the tables, and whether a run appends."""

    replaced: ClassVar[Mapping[str, str]] = {}

    catalog_name: str | None = Field(
        default=None,
        pattern=NAME,
        json_schema_extra=DESTINATION.extra,
        description="Catalog of Unity Catalog that tables are written to; without one, "
        "`SYNTH_STORE` says where tables are stored.",
    )
    schema_name: str = Field(
        default="synthetic_data",
        pattern=NAME,
        json_schema_extra=DESTINATION.extra,
        description="Schema of the tables in that catalog.",
    )
    incremental: bool = Field(
        default=False,
        json_schema_extra=RUN_OPTION.extra,
        description="Append to what is stored rather than replace it.",
    )

    def scenario(self) -> IdentityGraphScenario:
        """The part of the configuration that decides the tables."""
        fields = IdentityGraphScenario.model_fields
        return IdentityGraphScenario.model_validate({n: getattr(self, n) for n in fields})
