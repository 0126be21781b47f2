"""The ``synth`` command. One module a command; ``app`` is the entry point.

Exit codes: 0 all well; 1 a quality gate failed; 2 wrong input or environment, nothing was
changed by it; 3 a run failed for another reason; 130 interrupted, what was finished is kept.
"""

from __future__ import annotations

import signal
import sys
import threading

from synth_assets.cli.exits import INTERRUPTED, ON_INTERRUPTION

__all__ = ["main"]


def main() -> None:
    """Entry point of the command; an interruption while it is being imported ends it, too."""
    in_front = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, signal.default_int_handler) if in_front else None
    try:
        from synth_assets.cli.app import run

        code = run()
    except KeyboardInterrupt:
        sys.stderr.write(f"{ON_INTERRUPTION}\n")
        code = INTERRUPTED
    finally:
        if in_front:
            signal.signal(signal.SIGTERM, before)
    sys.exit(code)
