"""The ``synth`` command, with one module per command; ``app`` assembles them.

Exit codes: 0 success; 1 a quality gate failed; 2 wrong input or environment, nothing was
changed; 3 a run failed for another reason; 130 interrupted, finished work is kept.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

from synth_assets.cli.exits import INTERRUPTED, ON_INTERRUPTION
from synth_assets.core.garbage_collection import collect_less

__all__ = ["command", "main"]


def main() -> None:
    """Entry point of the process, which ends with the command."""
    _open_closed_streams()
    collect_less()
    try:
        command()
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            # Generators that were left half-way fail when they are removed: nothing is lost.
            sys.unraisablehook = lambda lost: None
        raise
    finally:
        # A signal now would hide the exit code of a command that has ended.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)


def _open_closed_streams() -> None:
    """Reads nothing from standard streams that are closed, and discards what is written to them.

    Otherwise the next file that is opened would get a stream's number, and what a library prints.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is not None:
            continue
        try:
            os.fstat(number)
        except OSError:  # closed: the lowest free number is given out, which is this one
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
        nowhere = os.open(os.devnull, os.O_RDWR)
        setattr(sys, name, os.fdopen(nowhere, "w" if number else "r", encoding="utf-8"))


def command() -> None:
    """Runs the command of ``sys.argv``; also handles interruptions while modules are imported.

    Raises:
        SystemExit: The command has ended.
    """
    main_thread = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, signal.default_int_handler) if main_thread else None
    try:
        from synth_assets.cli.app import run

        code = run()
    except KeyboardInterrupt:
        sys.stderr.write(f"{ON_INTERRUPTION}\n")
        code = INTERRUPTED
    finally:
        if main_thread:
            signal.signal(signal.SIGTERM, before)
    sys.exit(code)
