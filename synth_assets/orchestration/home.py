"""The folder of Dagster's instance (DAGSTER_HOME), which is created in the home by default."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from sqlalchemy.exc import DatabaseError
from yaml import YAMLError

from synth_assets.core.atomic_files import write_text
from synth_assets.core.errors import UserError
from synth_assets.core.variables import origin, refuse_patterns, variable
from synth_assets.orchestration.instance_config import instance_config
from synth_assets.orchestration.instance_databases import DAMAGED, damage, sqlite_code
from synth_assets.orchestration.locking import locked
from synth_assets.orchestration.postgres_records import require_records_server
from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.shipped import DAGSTER_YAML

# Commands print to the terminal without Dagster's copies: these are written by processes of their
# own, each of which would print a traceback when interrupted.
COMMAND_YAML = "command.yaml"
LOCK = ".opening.lock"
# What SQLite says of files that cannot be used, by its primary codes.
UNUSABLE = {*DAMAGED, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}
NO_COPIES = """
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
"""


def prepare_home(settings: Settings) -> None:
    """Creates the home and the instance's folder, and sets DAGSTER_HOME.

    A ``dagster.yaml`` in a folder that the user named with DAGSTER_HOME is kept, unless it is the
    beginning of ours; in the default folder it is replaced by that of the settings
    (``instance_config``).

    Args:
        settings: The settings.

    Raises:
        UserError: A folder cannot be created, or Dagster cannot use it.
    """
    settings.make_home()  # Dagster's folder may be outside of it
    home, content = settings.dagster_home, instance_config(settings)
    refuse_patterns(origin("DAGSTER_HOME"), str(home))
    with _usable(home):
        home.mkdir(parents=True, exist_ok=True)
        target = home / DAGSTER_YAML.name
        if _is_stale(target, content.encode()):
            with locked(home / LOCK):
                write_text(target, content)
    os.environ["DAGSTER_HOME"] = str(home)


def _is_stale(file: Path, content: bytes) -> bool:
    """Whether the file is missing, or ours and other than the content."""
    if not file.exists():
        return True
    found = file.read_bytes()
    # An interrupted write has left a part of the content, or nothing.
    ours = variable("DAGSTER_HOME") is None or content.startswith(found)
    return ours and found != content


def open_instance(settings: Settings) -> dg.DagsterInstance:
    """The instance that the UI shows.

    One process at a time opens it, since two cannot create Dagster's databases at once.

    Args:
        settings: The settings.

    Raises:
        UserError: The instance's folder or its PostgreSQL cannot be used.
    """
    prepare_home(settings)
    require_records_server()
    with _usable(settings.dagster_home), locked(settings.dagster_home / LOCK):
        return _opened(settings.dagster_home)


def prepare_instance(settings: Settings) -> None:
    """Creates the instance and its databases, for processes of Dagster's own that use them.

    Args:
        settings: The settings.

    Raises:
        UserError: The instance's folder or its PostgreSQL cannot be used.
    """
    with open_instance(settings):
        pass


def _opened(home: Path) -> dg.DagsterInstance:
    """The instance of a folder, with the user's own setting of compute logs if there is one."""
    text = (home / DAGSTER_YAML.name).read_text(encoding="utf-8")
    if "compute_logs:" in text:
        return dg.DagsterInstance.get()
    write_text(home / COMMAND_YAML, text + NO_COPIES)
    return dg.DagsterInstance.from_config(str(home), COMMAND_YAML)


@contextmanager
def _usable(home: Path) -> Iterator[None]:
    """Turns errors of the folder and its files into a ``UserError``."""
    try:
        yield
    except OSError as error:
        reason = f"cannot use {home} as DAGSTER_HOME: {error.strerror}"
    except DatabaseError as error:
        # Errors of a server are reported elsewhere; a bug keeps its traceback.
        if sqlite_code(error.orig or error) not in UNUSABLE:
            raise
        reason = damage(home) or f"cannot use {home} as DAGSTER_HOME: {error.orig}"
    except UnicodeDecodeError:
        reason = f"{home / DAGSTER_YAML.name} is damaged: it is no text in UTF-8"
    except YAMLError as error:
        reason = f"{home / DAGSTER_YAML.name} is no YAML: {' '.join(str(error).split())}"
    except dg.DagsterInvalidConfigError as error:
        found = " ".join(e.message for e in error.errors)
        reason = f"{home / DAGSTER_YAML.name} is no configuration of Dagster: {found}"
    else:
        return
    raise UserError(reason)
