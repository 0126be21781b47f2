"""``synth service``: one process of a deployment, which runs until it is stopped."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from typing import Annotated
from uuid import uuid4

import typer

from synth_assets.core.errors import UserError
from synth_assets.orchestration import daemon_lock, service_process
from synth_assets.orchestration.deployment import Execution
from synth_assets.orchestration.execution import BROKER, broker_url, needing_extra
from synth_assets.orchestration.home import prepare_instance
from synth_assets.orchestration.owned_processes import GRACE_SECONDS, end_with_this_process
from synth_assets.orchestration.run_services import require_run_services
from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.shared_stores import refuse_own_disk
from synth_assets.orchestration.shipped import WORKSPACE

APP = "synth_assets.orchestration.celery_app"


class Service(StrEnum):
    """The processes of a deployment."""

    WEBSERVER = "webserver"
    DAEMON = "daemon"
    WORKER = "worker"


def service(
    name: Annotated[Service, typer.Argument(help="webserver, daemon or worker.")],
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the webserver.")] = 3000,
    host: Annotated[str, typer.Option(help="Address of the webserver.")] = "0.0.0.0",
    runs: Annotated[
        int, typer.Option(min=1, max=1_000, help="Runs that a worker executes at once.")
    ] = 1,
) -> None:
    """Run one process of a deployment: the webserver, the daemon, or a worker of Celery.

    A deployment has one daemon. It and the webserver need the same settings as the workers.
    """
    settings = Settings.from_environment()
    refuse_own_disk(settings)
    if name is Service.WORKER:
        arguments = _worker(settings, runs)
    elif name is Service.WEBSERVER:
        options = ["-w", str(WORKSPACE), "-h", host, "-p", str(port)]
        arguments = [service_process.MODULE, name, *options]
    else:
        arguments = [service_process.MODULE, name, "run", "-w", str(WORKSPACE)]
    prepare_instance(settings)
    require_run_services(settings)
    if name is Service.DAEMON:
        daemon_lock.take(settings)
    os.chdir(settings.home)
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    # The run of a worker that was killed counts as lost and is launched again; one that was ended
    # by SIGTERM would count as failed.
    end_with_this_process(grace=0 if name is Service.WORKER else GRACE_SECONDS)
    os.execv(sys.executable, [sys.executable, "-m", *arguments])


def _worker(settings: Settings, runs: int) -> list[str]:
    """The arguments of a worker.

    Raises:
        UserError: The deployment has no workers of Celery.
    """
    if settings.execution is not Execution.CELERY:
        raise UserError(
            f"SYNTH_EXECUTION = {settings.execution} has no workers: it must be celery, "
            f"with a Redis in {BROKER}"
        )
    broker_url()
    with needing_extra(Execution.CELERY):
        import dagster_celery  # noqa: F401
    # A worker that starts again is another one: the runs of the one before it are lost.
    name = f"synth-{uuid4().hex[:8]}@%h"
    return ["celery", "-A", APP, "worker", "-n", name, "--concurrency", str(runs), "-l", "warning"]
