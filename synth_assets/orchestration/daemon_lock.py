"""The lock of an instance's daemon, of which there is exactly one: two would run schedules twice.

The process that takes the lock keeps it until it ends, also if it replaces itself by ``exec``: the
lock belongs to a file descriptor that ``exec`` leaves open. On SQLite it is a lock of a file in the
instance's folder, on PostgreSQL an advisory lock in the instance's database, whose session lasts as
long as the descriptor of its connection is open.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import closing

from synth_assets.core.errors import UserError
from synth_assets.orchestration.postgres_records import POSTGRES, connect
from synth_assets.orchestration.settings import Settings
from synth_assets.stores.postgres.connections import Connection

FILE = "daemon.lock"
# The number of the advisory lock: any that no other program in the database uses.
KEY = 1_937_337_448
# Someone who looks whether the lock is taken has it for a moment.
ATTEMPTS, WAIT_SECONDS = 5, 0.2
HELD = """
    select exists (
        select from pg_locks
        where locktype = 'advisory' and classid = 0 and objid = %s and granted
        and database = (select oid from pg_database where datname = current_database())
    )
"""
_kept: list[Connection] = []


def take(settings: Settings) -> None:
    """Takes the lock until this process ends.

    Args:
        settings: The settings; the instance's folder exists.

    Raises:
        UserError: Another process has it, or the instance's database cannot be reached.
    """
    for _ in range(ATTEMPTS):
        if _taken_in_database() if os.environ.get(POSTGRES) else _taken_in_folder(settings):
            return
        time.sleep(WAIT_SECONDS)
    where = POSTGRES if os.environ.get(POSTGRES) else str(settings.dagster_home)
    raise UserError(
        f"another daemon works on this instance ({where}), which needs exactly one: stop that "
        "`synth service daemon` or `synth ui` first"
    )


def is_held(settings: Settings) -> bool:
    """Whether a process has the lock, also one that is starting and has not reported yet.

    Args:
        settings: The settings.

    Raises:
        UserError: The instance's database cannot be reached.
    """
    if os.environ.get(POSTGRES):
        with closing(connect()) as connection:
            return connection.execute(HELD, [KEY]).fetchone() == (True,)
    descriptor = _opened(settings)
    try:
        return not _locked(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def _taken_in_folder(settings: Settings) -> bool:
    descriptor = _opened(settings)
    if not _locked(descriptor, fcntl.LOCK_EX):
        os.close(descriptor)
        return False
    os.set_inheritable(descriptor, True)
    return True


def _opened(settings: Settings) -> int:
    try:
        return os.open(settings.dagster_home / FILE, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise UserError(
            f"cannot use {settings.dagster_home} as DAGSTER_HOME: {error.strerror}"
        ) from None


def _locked(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _taken_in_database() -> bool:
    connection = connect()
    # A session that asks nothing must not be ended; servers before 14 end none.
    connection.execute(
        "select set_config(name, '0', false) from pg_settings where name = 'idle_session_timeout'"
    )
    locked = connection.execute("select pg_try_advisory_lock(%s)", [KEY]).fetchone()
    if locked != (True,):
        connection.close()
        return False
    os.set_inheritable(connection.fileno(), True)
    _kept.append(connection)
    return True
