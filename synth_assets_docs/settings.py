"""The reference of settings: variables of a deployment, and the fields of every scenario.

Names, defaults, ranges and descriptions of fields are the code's. The meaning of a variable of a
deployment is written here; ``undocumented`` names those that have none.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import NoneType
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from synth_assets.core.model import Domain
from synth_assets.core.scenario import Scenario, kind_of, variable_of
from synth_assets.domains import load_domains
from synth_assets.orchestration.deployment import DeploymentVariables
from synth_assets.orchestration.environment import known_variables
from synth_assets.orchestration.settings import default_place

HOME = "$SYNTH_HOME"
OTHER_DEFAULTS = {
    "SYNTH_HOME": ".synth",
    "SYNTH_SEED": "42",
    "SYNTH_CONCURRENT_RUNS": str(DeploymentVariables().concurrent_runs),
    "SYNTH_EXECUTION": DeploymentVariables().execution.value,
    "SYNTH_KEEP_RUNS_DAYS": str(DeploymentVariables().keep_runs_days),
    "SYNTH_SHARED_DISK": "false",
    "SYNTH_PARTITIONS_PER_RUN": str(DeploymentVariables().partitions_per_run),
    "SYNTH_DBT_PROFILES_DIR": "dbt_project",
    "SYNTH_CLEAN_ROOM_QUERY_SECONDS": "60",
    "SYNTH_CLEAN_ROOM_QUERY_MEMORY": "2GiB",
    "SYNTH_JOURNEY_SCHEMA": "2020",
}
MEANINGS = {
    "SYNTH_HOME": "Folder of everything that has no location of its own; by default in the "
    "working folder, or in the checkout if the package is that of a checkout.",
    "SYNTH_SEED": "Seed of every domain.",
    "SYNTH_DOMAINS": "Folders and files of domains outside the package, separated by commas.",
    "SYNTH_STORE": "Kind of store: of all tables (`parquet`), a domain (`jaffle=postgres`) or a "
    "table (`jaffle/raw_orders_training=delta`), separated by commas.",
    "SYNTH_LAKE": "Parquet files: a folder or an object store's URL (`s3://…`).",
    "SYNTH_DUCKDB": "File of the DuckDB store.",
    "SYNTH_POSTGRES_URL": "`postgresql://user:password@host:5432/database`; by default an embedded "
    "server in this folder.",
    "SYNTH_BIGQUERY_PROJECT": "Project of the BigQuery store.",
    "SYNTH_BIGQUERY_PREFIX": "Prefix of datasets.",
    "SYNTH_BIGQUERY_PARTIES": "Projects of parties: `merchant=project-a,provider=project-b`.",
    "SYNTH_BIGQUERY_LOCATION": "Location of new datasets, such as `EU`.",
    "SYNTH_DELTA": "Delta Lake: a folder or an object store's URL.",
    "SYNTH_UNITY_CATALOG": "Unity Catalog: the catalog.",
    "SYNTH_UNITY_ROOT": "Unity Catalog: the object store's URL of the files.",
    "SYNTH_UNITY_PREFIX": "Unity Catalog: prefix of schemas.",
    "SYNTH_WAREHOUSE": "DuckDB file in which dbt builds models of tables that are files.",
    "SYNTH_EXECUTION": "Where runs are executed: `local`, `celery`, `dask` or `k8s` "
    "([deploy](../how-to/deploy.md)).",
    "SYNTH_BROKER_URL": "Celery: the Redis by which runs reach workers. A secret: never written.",
    "SYNTH_DASK_SCHEDULER": "Dask: a scheduler, `tcp://host:8786`; else workers on this machine.",
    "SYNTH_SHARED_DISK": "Celery, k8s: whether workers share this machine's disk (`true`).",
    "SYNTH_CONCURRENT_RUNS": "Runs of the queue that are executed at once.",
    "SYNTH_KEEP_RUNS_DAYS": "Days after which `synth purge` and its schedule remove a run.",
    "SYNTH_PARTITIONS_PER_RUN": "Most partitions in a run of a backfill; 0 makes one run of it.",
    "SYNTH_DBT_TARGET": "Output of dbt's profiles to build with, instead of the tables' own.",
    "SYNTH_DBT_PROFILES_DIR": "Folder of dbt's `profiles.yml`.",
    "SYNTH_UI_URL": "Address of Dagster's UI, for links of reports, alerts and `synth submit`.",
    "SYNTH_ALERT_WEBHOOK": "Where failed runs are reported. A secret: never written.",
    "SYNTH_ALERT_FORMAT": "`slack`, `teams` or `json`; by default what the address's host takes.",
    "SYNTH_CLEAN_ROOM_EMAIL_SALT": "Salt of hashed e-mail addresses. A secret: never written.",
    "SYNTH_CLEAN_ROOM_QUERY_SECONDS": "Seconds that a query of the clean room may take.",
    "SYNTH_CLEAN_ROOM_QUERY_MEMORY": "Memory that a query of the clean room may take.",
    "SYNTH_JOURNEY_SCHEMA": "Columns of the customer journey's export: those of `2020` or `2025`.",
    "SYNTH_REPLAY_TOKEN": "Bearer token for `synth replay --to http`. A secret: never written.",
    "SYNTH_STUDIO_PASSWORD": "Password of the studio. A secret: never written.",
    "DAGSTER_HOME": "Folder of Dagster's instance.",
    "DAGSTER_POSTGRES_URL": "PostgreSQL for Dagster's records instead of SQLite. A secret: never "
    "written.",
}
# Variables that the dbt step sets for dbt, and those that do not begin as all others.
SET_FOR_DBT = (
    "SYNTH_ALLOW_MISSING_SOURCES",
    "SYNTH_DBT_",
    "SYNTH_DELTA_EXTENSION",
    "SYNTH_LANDED",
    "SYNTH_MAX_DATE",
    "SYNTH_MIN_DATE",
    "SYNTH_PROJECT_OF_",
    "SYNTH_SCHEMA_",
)
NOT_PREFIXED = {"DAGSTER_HOME", "DAGSTER_POSTGRES_URL"}
HEADER = f"""\
# Settings

A setting is an environment variable. An option of a command takes precedence over it. Below it are
the home's `settings.json`, which remembers what the home was made with (`synth list` shows it), and
the defaults. Secrets are read from the environment only. A variable that is set and has no effect
is named, with the closest name.

## Deployment

Paths begin at `{HOME}` unless their own variable is set. See [stores](../stores.md).

| variable | default | meaning |
| --- | --- | --- |
"""
FIELDS = """\
A field of a domain's scenario is set by its variable. Fields of the kinds *data* and *extent* are
also set by a run: `--set field=value`, or the launchpad in Dagster's UI. The others are read when
definitions load. *Extent* fields may grow without changing rows; changed *data* or *origin* fields
are other data: a run with them replaces the slices that it makes, and needs `--recreate` where
other slices of the table would stay. Nested fields are parts of one variable, in JSON.
"""


def page() -> str:
    """The page in Markdown."""
    lines = [
        HEADER + "\n".join(_variable(name) for name in MEANINGS),
        "",
        "## Scenarios",
        "",
        FIELDS,
    ]
    for domain in load_domains():
        lines += _domain(domain)
    return "\n".join(lines).rstrip() + "\n"


def undocumented() -> set[str]:
    """Variables of a deployment that the page leaves out, and those it names without need."""
    fields = {
        variable_of(domain.name, field)
        for domain in load_domains()
        for field in type(domain.scenario).model_fields
    }
    of_dbt = {name for name in known_variables() if name.startswith(SET_FOR_DBT)}
    documented = set(MEANINGS)
    return (known_variables() - fields - (of_dbt - documented) - NOT_PREFIXED) ^ (
        documented - NOT_PREFIXED
    )


def _variable(name: str) -> str:
    place = default_place(name, Path(HOME)) if name not in OTHER_DEFAULTS else None
    default = OTHER_DEFAULTS.get(name, place)
    return f"| `{name}` | {f'`{default}`' if default else ''} | {MEANINGS[name]} |"


def _domain(domain: Domain) -> Iterator[str]:
    scenario = type(domain.scenario)
    yield from (f"### {domain.name}", "")
    yield f"Variables are `{variable_of(domain.name, '<FIELD>')}`. {_first_line(scenario)}"
    yield from (
        "",
        "| field | kind | default | allowed | meaning |",
        "| --- | --- | --- | --- | --- |",
    )
    yield from _rows(scenario, "")
    yield ""


def _first_line(scenario: type[Scenario]) -> str:
    return (scenario.__doc__ or "").strip().splitlines()[0]


def _rows(model: type[BaseModel], prefix: str, kind: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        own = kind or kind_of(model, name).name
        inner = _model_in(field.annotation)
        if inner is not None:
            yield from _rows(inner, f"{prefix}{name}.", own)
            continue
        cells = [
            f"`{prefix}{name}`",
            own,
            _default(field),
            _allowed(field),
            field.description or "",
        ]
        yield f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")


def _model_in(annotation: Any) -> type[BaseModel] | None:
    inner = [a for a in (annotation, *get_args(annotation)) if isinstance(a, type)]
    return next((a for a in inner if issubclass(a, BaseModel)), None)


def _default(field: FieldInfo) -> str:
    default = field.get_default(call_default_factory=True, validated_data={})
    if default is None or default is PydanticUndefined:
        return ""
    text = str(getattr(default, "value", default))
    return f"`{text if len(text) <= 40 else text[:37] + '…'}`"


def _allowed(field: FieldInfo) -> str:
    choices = [c for c in get_args(field.annotation) if c not in (None, NoneType)]
    if choices and all(isinstance(choice, str) for choice in choices):
        return ", ".join(f"`{choice}`" for choice in choices)
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    bounds = [
        f"{sign} {_number(getattr(mark, name))}"
        for mark in field.metadata
        for name, sign in signs.items()
        if getattr(mark, name, None) is not None
    ]
    return ", ".join(bounds)


def _number(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
