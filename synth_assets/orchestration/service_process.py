"""Executes one of Dagster's commands as this process, which may be stopped while it starts.

Dagster's commands answer a signal that comes before they serve with a traceback, or with
``Aborted!``. ``python -m synth_assets.orchestration.service_process NAME …`` says it in a line.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Sequence
from importlib import import_module

from synth_assets.orchestration.interruption import interrupted, recording_interruptions

MODULE = "synth_assets.orchestration.service_process"
# The modules of Dagster's commands, and the prefix of the variables that are their options.
COMMANDS = {
    "webserver": ("dagster_webserver.cli", "DAGSTER_WEBSERVER"),
    "daemon": ("dagster._daemon.cli", "DAGSTER_DAEMON"),
}
# As any command that was interrupted (``cli.exits``).
INTERRUPTED = 130
# Seconds between looks for a signal, and those that Dagster has to end: it waits for a code server
# that starts, which takes longer.
LOOK_SECONDS, END_SECONDS = 0.5, 8.0


def main(words: Sequence[str]) -> int:
    """Executes a command until it ends or is stopped.

    Args:
        words: Its name, and the words of its command line.

    Returns:
        The exit code.
    """
    name, *arguments = words
    module, prefix = COMMANDS[name]
    with recording_interruptions():
        threading.Thread(target=_end_in_time, args=[name], daemon=True).start()
        try:
            command = import_module(module).cli
            command.main(arguments, name, standalone_mode=False, auto_envvar_prefix=prefix)
        except BaseException as error:
            # Whatever a signal became on its way out of Dagster.
            if not interrupted():
                return _shown(error)
            return _stopped(name)
    return 0


def _end_in_time(name: str) -> None:
    """Ends the process some seconds after a signal; what it has started ends with it."""
    while not interrupted():
        time.sleep(LOOK_SECONDS)
    time.sleep(END_SECONDS)
    os._exit(_stopped(name))


def _stopped(name: str) -> int:
    print(f"interrupted: the {name} was stopped", file=sys.stderr, flush=True)
    return INTERRUPTED


def _shown(error: BaseException) -> int:
    """The exit code of an error of the command line, which is printed; others are raised."""
    import click

    if not isinstance(error, click.ClickException):
        raise error
    error.show()
    return error.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
