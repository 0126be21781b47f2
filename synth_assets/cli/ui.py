"""``synth ui``: Dagster's webserver and daemon on the instance that records all commands' runs."""

from __future__ import annotations

import os
import socket
import sys
from typing import Annotated

import typer

from synth_assets.cli.console import out
from synth_assets.core.errors import UserError
from synth_assets.orchestration import daemon_lock
from synth_assets.orchestration.home import prepare_instance
from synth_assets.orchestration.owned_processes import end_with_this_process
from synth_assets.orchestration.run_services import require_run_services
from synth_assets.orchestration.settings import Settings, path_variables, resolved
from synth_assets.orchestration.shipped import WORKSPACE


def ui(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the webserver.")] = 3000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Open the Dagster UI, with the daemon that runs schedules and backfills."""
    settings = Settings.from_environment()
    prepare_instance(settings)
    require_run_services(settings)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UserError(f"cannot listen on {host}:{port}: {error.strerror}") from None
    daemon_lock.take(settings)
    out.print(f"Dagster UI on http://{host}:{port} (Ctrl-C stops it)", highlight=False)
    # Dagster would warn of the dagster.yaml in the project's folder, so it runs in the home, and
    # relative paths in the environment become absolute.
    os.environ["SYNTH_HOME"] = str(settings.home)
    os.environ.update(
        {name: resolved(p) for name in path_variables() if (p := os.environ.get(name))}
    )
    os.chdir(settings.home)
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    end_with_this_process()
    arguments = ["dev", "-w", str(WORKSPACE), "--host", host, "--port", str(port)]
    os.execv(sys.executable, [sys.executable, "-m", "dagster", *arguments])
