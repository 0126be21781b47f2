"""The ``dagster.yaml`` of the instance: the project's, changed as the deployment's variables say.

On a laptop it is the project's file as it is. With ``DAGSTER_POSTGRES_URL`` set, PostgreSQL keeps
the records of runs instead of SQLite. With ``SYNTH_EXECUTION=celery``, workers execute the runs.
The file names variables and never has their values, which may be secrets.
"""

from __future__ import annotations

from typing import Any

import yaml

from synth_assets.core.errors import UserError
from synth_assets.orchestration.deployment import Execution
from synth_assets.orchestration.execution import BROKER, broker_url, needing_extra
from synth_assets.orchestration.postgres_records import POSTGRES, records_server
from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.shipped import DAGSTER_YAML

HEADER = "# Made from the project's dagster.yaml and the variables of the deployment.\n"
# A run may wait for a worker that is starting, or for one that ends the run before it. Definitions
# that are not loaded in time fail the backfills that need them.
START_SECONDS = 600


def instance_config(settings: Settings) -> str:
    """The text of ``dagster.yaml``.

    Args:
        settings: The settings.

    Raises:
        UserError: A variable or package that the deployment needs is missing or wrong.
    """
    text = DAGSTER_YAML.read_text()
    config: dict[str, Any] = yaml.safe_load(text)
    before = yaml.safe_dump(config)
    config["concurrency"]["runs"]["max_concurrent_runs"] = settings.concurrent_runs
    if records_server():
        _record_in_postgres(config)
    if settings.execution is Execution.CELERY:
        _launch_on_workers(config)
    changed = yaml.safe_dump(config, sort_keys=False)
    return text if yaml.safe_dump(config) == before else HEADER + changed


def _record_in_postgres(config: dict[str, Any]) -> None:
    try:
        import dagster_postgres  # noqa: F401
    except ModuleNotFoundError:
        raise UserError(
            f"{POSTGRES} needs the package dagster_postgres: install synth-assets[cluster]"
        ) from None
    storages = {
        "run_storage": ("dagster_postgres.run_storage", "PostgresRunStorage"),
        "event_log_storage": (
            "synth_assets.orchestration.postgres_event_log", "WaitingPostgresEventLogStorage",
        ),
        "schedule_storage": ("dagster_postgres.schedule_storage", "PostgresScheduleStorage"),
    }  # fmt: skip
    for kind, (module, name) in storages.items():
        url = {"postgres_url": {"env": POSTGRES}}
        config[kind] = {"module": module, "class": name, "config": url}


def _launch_on_workers(config: dict[str, Any]) -> None:
    if not records_server():
        raise UserError(
            f"SYNTH_EXECUTION = celery needs {POSTGRES}: workers record their runs in a PostgreSQL "
            "that all of them reach"
        )
    broker_url()
    with needing_extra(Execution.CELERY):
        import dagster_celery  # noqa: F401
    config["run_launcher"] = {
        "module": "synth_assets.orchestration.run_launcher",
        "class": "WatchedCeleryRunLauncher",
        "config": {"broker": {"env": BROKER}, "backend": {"env": BROKER}},
    }
    # A backfill is several runs of one domain there, each with partitions of its own.
    del config["concurrency"]["runs"]["tag_concurrency_limits"]
    config["run_monitoring"]["start_timeout_seconds"] = START_SECONDS
    config["code_servers"]["local_startup_timeout"] = START_SECONDS
