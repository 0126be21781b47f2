"""dbt downstream: the models of each domain as assets of the same graph.

Models tagged ``daily`` are built by day and share the partitions of the domain's daily tables;
models tagged ``whole`` are rebuilt. A dbt step takes seconds to start, so each of the two tags is
one step per domain. dbt's tests of models and sources are asset checks. A domain's models are
built in the warehouse that has its tables; a domain with tables in several warehouses has none.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from functools import partial
from typing import Any

import dagster as dg

from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain
from synth_assets.core.partitioning import Daily
from synth_assets.orchestration.backfill_gates import refuse_failed_gates
from synth_assets.orchestration.dbt_command import DbtCommand, command_of
from synth_assets.orchestration.dbt_descriptions import description_of_test
from synth_assets.orchestration.dbt_environment import prepared, temporary_variables
from synth_assets.orchestration.dbt_folder import models_folder
from synth_assets.orchestration.dbt_integration import (
    SELECT,
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtProject,
)
from synth_assets.orchestration.dbt_project import dbt_project, manifest_of
from synth_assets.orchestration.dbt_results import stream_results
from synth_assets.orchestration.marts import marts_group
from synth_assets.orchestration.partitions import has_partitions, partitions_of
from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.warehouse import NoWarehouseError, target_of
from synth_assets.stores.routing import Stores

# One dbt process at a time: DuckDB allows a single process to write its file.
POOL = "warehouse"
DAILY, WHOLE = "daily", "whole"
# The project as dbt has parsed it, in dbt's target folder.
PARSED = "partial_parse.msgpack"
# An asset that stores each partition as its own table has several sources.
SEVERAL_SOURCES = DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True)


class Translator(DagsterDbtTranslator):
    """Asset keys: ``[<domain>_marts, model]`` for models, the generated table's key for sources."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey(dbt_resource_props["config"]["meta"]["dagster"]["asset_key"])
        return dg.AssetKey([marts_group(_domain(dbt_resource_props)), dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        return marts_group(_domain(dbt_resource_props))

    def get_asset_check_spec(
        self,
        asset_spec: dg.AssetSpec,
        manifest: Mapping[str, Any],
        unique_id: str,
        project: DbtProject | None,
    ) -> dg.AssetCheckSpec | None:
        """The asset check of a dbt test, which is not blocking.

        A failed test fails dbt's step, which stops downstream steps. Blocking checks would make
        Dagster split that step between the tables that it tests.
        """
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        text = description_of_test(manifest["nodes"][unique_id])
        return spec and spec._replace(blocking=False, description=text)


def _domain(props: Mapping[str, Any]) -> str:
    return str(props["fqn"][1])


def model_relations(domain: Domain, settings: Settings) -> dict[dg.AssetKey, str]:
    """The ``schema.name`` of each dbt model of a domain, without a user's schema prefix.

    Args:
        domain: The domain.
        settings: The settings, for the warehouse and profiles.
    """
    project = dbt_project(settings, target_of(domain, settings, settings.routes))
    return {
        Translator().get_asset_key(node): f"{node['config']['schema']}.{node['alias']}"
        for node in _models_of(domain, manifest_of(project))
    }


def dbt_definitions(
    domains: Sequence[Domain], settings: Settings, stores: Stores
) -> dg.Definitions:
    """The dbt assets of every domain that has models, and the resources that run them.

    Args:
        domains: The domains.
        settings: The settings, for warehouses and profiles.
        stores: Where the domains' tables are stored.
    """
    targets = {}
    for domain in domains:
        if any(models_folder(domain).rglob("*.sql")):
            # The command line reports the error if dbt was requested.
            with suppress(NoWarehouseError):
                targets[domain.name] = target_of(domain, settings, stores.routes)
    projects = {target: dbt_project(settings, target) for target in set(targets.values())}
    # A manifest of several megabytes, which is read once.
    manifests = {target: manifest_of(project) for target, project in projects.items()}
    built = [
        (domain, projects[target], manifests[target])
        for domain in domains
        if (target := targets.get(domain.name))
    ]
    for domain, _, manifest in built:
        _require_tags(domain, manifest)
    return dg.Definitions(
        assets=[
            _assets(domain, project, manifest, tag, partial(prepared, domain, settings, stores))
            for domain, project, manifest in built
            for tag in (DAILY, WHOLE)
            if any(tag in model["tags"] for model in _models_of(domain, manifest))
        ],
        # Hardcoded, so that the launchpad shows no paths above the scenario.
        resources={
            _resource(p): dg.ResourceDefinition.hardcoded_resource(command_of(p))
            for p in projects.values()
        },
    )


def _models_of(domain: Domain, manifest: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The nodes of the models of a domain."""
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model" and _domain(node) == domain.name:
            yield node


def _require_tags(domain: Domain, manifest: Mapping[str, Any]) -> None:
    """Refuses models that no step builds, or two.

    Raises:
        UserError: A model has none of the tags of the steps, or both.
    """
    for model in _models_of(domain, manifest):
        tags = [tag for tag in (DAILY, WHOLE) if tag in model["tags"]]
        if len(tags) != 1 and not _is_ephemeral(model):
            found = "both" if tags else "neither"
            raise UserError(
                f"the dbt model {model['name']} ({model['original_file_path']}) of {domain.name} "
                f"has {found} of the tags {DAILY!r} and {WHOLE!r}: its config must have one of "
                "them, which says when it is built"
            )


def _is_ephemeral(model: Mapping[str, Any]) -> bool:
    """Whether a model is part of the queries of others, and never built."""
    return bool(model["config"]["materialized"] == "ephemeral")


def _specs(
    domain: Domain, project: DbtProject, manifest: Mapping[str, Any], tag: str
) -> tuple[list[dg.AssetSpec], list[dg.AssetCheckSpec]]:
    """The models of a domain with a tag as assets, and the tests of them as checks."""
    translator = Translator(SEVERAL_SOURCES)
    models: list[dg.AssetSpec] = []
    tests: dict[str, dg.AssetCheckSpec] = {}
    for node in _models_of(domain, manifest):
        if tag not in node["tags"] or _is_ephemeral(node):
            continue
        models.append(translator.get_asset_spec(manifest, node["unique_id"], project))
        for child in manifest["child_map"][node["unique_id"]]:
            # A test that reads several models is a child of each, and a check of one of them.
            if child.startswith("test.") and (
                check := translator.get_asset_check_spec(models[-1], manifest, child, project)
            ):
                tests[child] = check
    return models, list(tests.values())


def _resource(project: DbtProject) -> str:
    return f"dbt_{project.target}"


def _assets(
    domain: Domain,
    project: DbtProject,
    manifest: Mapping[str, Any],
    tag: str,
    ready: Callable[[], AbstractContextManager[None]],
) -> dg.AssetsDefinition:
    daily = next((t.partitioning for t in domain.tables if isinstance(t.partitioning, Daily)), None)
    partitions = partitions_of(daily) if daily and tag == DAILY else None

    models, tests = _specs(domain, project, manifest, tag)

    @dg.multi_asset(
        name=f"{domain.name}_dbt_{tag}",
        specs=models,
        check_specs=tests,
        # A test of a source is a check of another step's asset.
        allow_arbitrary_check_specs=True,
        can_subset=True,
        op_tags={SELECT: f"path:models/{domain.name},tag:{tag}"},
        partitions_def=partitions,
        backfill_policy=dg.BackfillPolicy.single_run() if partitions else None,
        pool=POOL,
        required_resource_keys={_resource(project)},
    )
    def build(context: dg.AssetExecutionContext) -> Iterator[Any]:
        refuse_failed_gates(context, [table.path for table in domain.tables])
        dbt: DbtCommand = getattr(context.resources, _resource(project))
        keys = context.partition_key_range if partitions and has_partitions(context) else None
        # Not with --vars: other variables would make dbt parse the whole project again.
        days = {"SYNTH_MIN_DATE": keys.start, "SYNTH_MAX_DATE": keys.end} if keys else {}
        # The project's folder may be read-only.
        run = project.target_path / "runs" / f"{context.op_def.name}-{context.run_id}"
        run.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            shutil.copy(project.target_path / PARSED, run)
        with ready():
            with temporary_variables(days):
                invocation = dbt.cli(["build"], context=context, target_path=run)
            yield from stream_results(invocation)
        # A failed run keeps its logs and results.
        shutil.rmtree(run, ignore_errors=True)

    return build
