"""``synth studio``: the browser application, and Dagster beside it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer

from synth_assets.cli.console import out
from synth_assets.core.errors import UserError
from synth_assets.orchestration.owned_processes import end_with_this_process
from synth_assets.orchestration.settings import Settings

# Seconds that Dagster has to end its own processes.
GRACE = 20


def studio(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the studio.")] = 8501,
    host: Annotated[
        str, typer.Option(help="Address to listen on; others need SYNTH_STUDIO_PASSWORD.")
    ] = "127.0.0.1",
    dagster: Annotated[bool, typer.Option(help="Also start Dagster, unless it runs.")] = False,
    dagster_port: Annotated[
        int, typer.Option(min=1, max=65535, help="Port of Dagster's webserver.")
    ] = 3000,
    served_as: Annotated[
        list[str] | None,
        typer.Option(help="Host, or host:port, under which a proxy serves it; may be repeated."),
    ] = None,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Show everything, and start nothing.")
    ] = False,
) -> None:
    """Open the studio: wizard, jobs, dashboards and the clean-room console in a browser."""
    try:
        from synth_assets.studio import server
    except ModuleNotFoundError as error:
        if error.name not in ("streamlit", "altair"):
            raise
        raise UserError(
            f"the studio needs {error.name}: pip install 'synth-assets[studio]'"
        ) from None
    from synth_assets.studio.access import PASSWORD, Address, refuse_open_address, served_name
    from synth_assets.studio.context import Studio

    password = os.environ.get(PASSWORD) or None
    refuse_open_address(host, password)
    address = Address(host, port, tuple(map(served_name, served_as or ())))
    settings = Settings.from_environment()
    settings.make_home()
    _refuse_taken(host, port)
    url = f"http://127.0.0.1:{dagster_port}"
    with _webserver(settings, dagster_port) as webserver:
        if dagster and not _listens(dagster_port):
            webserver.start()
        surroundings = Studio(
            home=settings.home,
            open_stores=lambda: settings.open_stores(patient=False),
            warehouse=settings.warehouse,
            gate_folder=settings.gate_folder,
            dagster_url=url,
            dagster_link=url,
            read_only=read_only,
            password=password,
            webserver=webserver,
        )
        shown = f"[{host}]" if ":" in host else host
        out.print(f"Studio:     [bold]http://{shown}:{port}[/] (Ctrl-C stops it)", highlight=False)
        state = "" if dagster or _listens(dagster_port) else " (not running; the studio starts it)"
        out.print(f"Dagster UI: [bold]{url}[/]{state}", highlight=False)
        server.serve(surroundings, address)


def _listens(port: int) -> bool:
    """Whether something listens on a port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _refuse_taken(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UserError(f"cannot listen on {host}:{port}: {error.strerror}") from None


class _Webserver:
    """Dagster's webserver and daemon, in a process that ends with the studio.

    Args:
        settings: The settings, whose home has the log.
        port: The port.
    """

    def __init__(self, settings: Settings, port: int) -> None:
        self._settings, self._port = settings, port
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """The file of what it says."""
        return self._settings.home / "dagster.log"

    def state(self) -> Literal["not started", "alive", "ended"]:
        """What has become of the process, whether it answers yet or not."""
        if self._process is None:
            return "not started"
        return "alive" if self._process.poll() is None else "ended"

    def start(self) -> None:
        """Starts it; it takes a while until it answers."""
        if self.state() == "alive":
            return
        self._settings.make_home()
        end_with_this_process()
        entry = "from synth_assets.cli import main; main()"
        with self.log.open("ab") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-c", entry, "ui", "--port", str(self._port)],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                # Ctrl-C reaches the studio alone, which ends Dagster when it has ended itself. A
                # session of its own would hide Dagster from the studio's watcher.
                process_group=0,
                env={name: v for name, v in os.environ.items() if name != "SYNTH_STUDIO_PASSWORD"},
            )

    def stop(self) -> None:
        """Ends it, if this process has started it."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()


@contextmanager
def _webserver(settings: Settings, port: int) -> Iterator[_Webserver]:
    webserver = _Webserver(settings, port)
    try:
        yield webserver
    finally:
        webserver.stop()
