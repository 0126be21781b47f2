"""dbt downstream: the models of each domain, as two assets groups of the same graph.

Models tagged ``daily`` are built by day and share the partitions of the domain's daily tables;
models tagged ``whole`` are rebuilt. A step of dbt costs seconds to start, so each of the two is
one step. dbt's own tests and its tests of sources appear as asset checks.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import (
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtCliResource,
    DbtProject,
    dbt_assets,
)
from dagster_dbt.dbt_project import DagsterDbtProjectPreparer

from synth_assets.generation.domain import Domain
from synth_assets.generation.slicing import Daily
from synth_assets.orchestration.partitions import partitions_of
from synth_assets.orchestration.settings import DBT_PROJECT, Settings

# One dbt at a time: DuckDB lets a single process write its file.
POOL = "warehouse"
DAILY, WHOLE = "daily", "whole"


def marts_group(domain: str) -> str:
    """Group of a domain's dbt models in the graph."""
    return f"{domain}_marts"


class Translator(DagsterDbtTranslator):
    """Models are ``[<domain>_marts, model]``; sources are the generated tables themselves."""

    def __init__(self) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_source_tests_as_checks=True))

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey([dbt_resource_props["source_name"], dbt_resource_props["name"]])
        return dg.AssetKey([marts_group(_domain(dbt_resource_props)), dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        return marts_group(_domain(dbt_resource_props))

    def get_asset_check_spec(self, *args: Any, **kwargs: Any) -> dg.AssetCheckSpec | None:
        """dbt's tests never block by themselves: a failed one fails dbt's step, which stops what
        follows. Blocking ones would make Dagster cut that step up between the tables it tests.
        """
        spec = super().get_asset_check_spec(*args, **kwargs)
        return spec and spec._replace(blocking=False)


def _domain(props: Mapping[str, Any]) -> str:
    return str(props["fqn"][1])


def dbt_project(settings: Settings) -> DbtProject:
    """The dbt project, its manifest made where there is none or models are newer."""
    os.environ.update(settings.dbt_environment())
    # dagster-dbt looks for dbt on the PATH, where an environment that is not activated is not.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    project = DbtProject(
        project_dir=DBT_PROJECT,
        profiles_dir=settings.dbt_profiles,
        target=settings.dbt_target,
        target_path=settings.home / "dbt_target",
    )
    if _is_stale(project):
        settings.home.mkdir(parents=True, exist_ok=True)
        DagsterDbtProjectPreparer().prepare(project)
    return project


def _is_stale(project: DbtProject) -> bool:
    if not project.manifest_path.exists():
        return True
    made = project.manifest_path.stat().st_mtime
    sources = (p for ending in ("sql", "yml") for p in DBT_PROJECT.rglob(f"*.{ending}"))
    return any(path.stat().st_mtime > made for path in sources)


def dbt_definitions(domains: list[Domain], settings: Settings) -> dg.Definitions:
    """The dbt assets of every domain that has models, and the resource that runs them."""
    project = dbt_project(settings)
    modelled = [d for d in domains if any((DBT_PROJECT / "models" / d.name).rglob("*.sql"))]
    return dg.Definitions(
        assets=[assets for d in modelled for assets in _domain_assets(d, project)],
        resources={"dbt": DbtCliResource(project_dir=project)},
    )


def _domain_assets(domain: Domain, project: DbtProject) -> Iterator[dg.AssetsDefinition]:
    for tag in (DAILY, WHOLE):
        selector = f"path:models/{domain.name},tag:{tag}"
        yield _assets(domain, project, selector, tag)


def _assets(domain: Domain, project: DbtProject, selector: str, tag: str) -> dg.AssetsDefinition:
    daily = next((t.slicing for t in domain.tables if isinstance(t.slicing, Daily)), None)
    partitions = partitions_of(daily) if daily and tag == DAILY else None

    @dbt_assets(
        manifest=project.manifest_path,
        project=project,
        select=selector,
        name=f"{domain.name}_dbt_{tag}",
        partitions_def=partitions,
        backfill_policy=dg.BackfillPolicy.single_run() if partitions else None,
        dagster_dbt_translator=Translator(),
        pool=POOL,
    )
    def build(context: dg.AssetExecutionContext, dbt: DbtCliResource) -> Iterator[Any]:
        arguments = ["build"]
        if partitions:
            keys = context.partition_key_range
            days = {"min_date": keys.start, "max_date": keys.end}
            arguments += ["--vars", json.dumps(days)]
        yield from dbt.cli(arguments, context=context).stream()

    return build
