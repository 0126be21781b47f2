"""``synth psql``: keeps the embedded PostgreSQL up for other programs, or runs one on it.

The embedded server stops when the last process that uses it ends. A server that SYNTH_POSTGRES_URL
names runs by itself: programs can be run on it, and there is nothing to keep up.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from typing import Annotated

import typer

from synth_assets.cli.console import note, write
from synth_assets.core.errors import UserError
from synth_assets.orchestration.settings import Settings

# libpq's variables, by the parameter that they have.
VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
}
# What a shell adds to the number of the signal that ended a program.
ENDED_BY_SIGNAL = 128
# How long a wait lasts until it looks whether it was interrupted.
WAKE_SECONDS = 0.5


def psql(
    program: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[-- PROGRAM [ARGS]...]",
            help="A program to run with the address in PGHOST, PGUSER, PGDATABASE and so on.",
        ),
    ] = None,
) -> None:
    """Print the address of the embedded PostgreSQL and keep it up until Ctrl-C.

    With a program after -- it runs that, with the address in its environment, and exits as it does.
    """
    from synth_assets.stores.postgres.address import Address

    location = _location(Settings.from_environment())
    address = Address.of(location)
    if not address.initialized:
        raise UserError(
            f"no embedded PostgreSQL is stored at {address.location}: store tables in one, with "
            "SYNTH_STORE=postgres synth materialize …"
        )
    if program:
        raise typer.Exit(_run(program, address.connection_info()))
    if not address.embedded:
        raise UserError(
            f"the tables are on a server that runs by itself, {address.shown}: connect with "
            'psql "$SYNTH_POSTGRES_URL", or run a program on it with synth psql -- program'
        )
    parameters = address.connection_info()
    write(f"{_url(parameters)}\n")
    note(f"Connect with: psql {shlex.quote(_url(parameters))}")
    note("The server is up until Ctrl-C, or longer if another process uses it.")
    _wait()


def _location(settings: Settings) -> str:
    found = settings.locations.get("postgres")
    if found is None:
        raise UserError("a store of kind postgres needs SYNTH_POSTGRES_URL")
    return found


def _url(parameters: dict[str, str]) -> str:
    """The URL of an embedded server, which listens on a socket in a folder and has no password."""
    return f"postgresql://{parameters['user']}@/{parameters['dbname']}?host={parameters['host']}"


def _wait() -> None:
    """Waits for Ctrl-C, which is how this command ends well."""
    try:
        # A wait without an end is not interrupted where Polars has its own handler of the signal.
        while True:
            time.sleep(WAKE_SECONDS)
    except KeyboardInterrupt:
        raise typer.Exit from None


def _run(program: Sequence[str], parameters: dict[str, str]) -> int:
    """Runs a program and returns its exit code."""
    executable = shutil.which(program[0])
    if executable is None:
        raise UserError(f"{program[0]}: there is no such program")
    ours = {variable: parameters[n] for n, variable in VARIABLES.items() if n in parameters}
    others = {name: text for name, text in os.environ.items() if name not in VARIABLES.values()}
    # Ctrl-C is for the program: psql cancels a query and goes on.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        code = subprocess.run([executable, *program[1:]], env=others | ours, check=False).returncode
    except OSError as error:
        raise UserError(f"{program[0]}: cannot be run: {error.strerror}") from None
    finally:
        signal.signal(signal.SIGINT, before)
    return code if code >= 0 else ENDED_BY_SIGNAL - code
