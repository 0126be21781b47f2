"""The services that execute runs: Celery's Redis and Dask's scheduler.

Services of a deployment and commands that need them connect once when they start. Otherwise runs
would find out, each after its own patience.
"""

from __future__ import annotations

import socket
import time
from urllib.parse import urlsplit

from synth_assets.core.errors import UserError
from synth_assets.core.variables import origin
from synth_assets.orchestration.deployment import DASK_SCHEDULER, Execution
from synth_assets.orchestration.execution import BROKER, broker_url
from synth_assets.orchestration.settings import Settings

REDIS_PORT = 6379
# A service that starts at the same time may not listen yet.
PATIENCE_SECONDS, ANSWER_SECONDS, LOOK_SECONDS = 10.0, 3.0, 0.5


def require_run_services(settings: Settings) -> None:
    """Connects once to the service that executes runs, if there is one.

    Args:
        settings: The settings.

    Raises:
        UserError: It cannot be reached.
    """
    if settings.execution is Execution.CELERY:
        url = urlsplit(broker_url())
        if url.hostname:  # else a socket of this machine
            _reach(BROKER, "Redis", url.hostname, url.port or REDIS_PORT)
    elif settings.execution is Execution.DASK and settings.dask_scheduler:
        url = urlsplit(settings.dask_scheduler)
        _reach(origin(DASK_SCHEDULER), "Dask's scheduler", url.hostname or "", url.port or 0)


def _reach(variable: str, what: str, host: str, port: int) -> None:
    """Connects to a port, and waits a while for one that does not listen yet.

    Raises:
        UserError: It cannot be reached; a password in the variable is not repeated.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            socket.create_connection((host, port), ANSWER_SECONDS).close()
        except OSError as error:
            if time.monotonic() > until:
                raise UserError(
                    f"{variable}: cannot reach {what} at {host}:{port}: {error.strerror or error}"
                ) from None
            time.sleep(LOOK_SECONDS)
        else:
            return
