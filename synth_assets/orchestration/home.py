"""The folder of Dagster's instance (DAGSTER_HOME), which is created in the home by default."""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg

from synth_assets.core.errors import UserError
from synth_assets.core.variables import variable
from synth_assets.orchestration.instance_config import instance_config
from synth_assets.orchestration.locking import locked
from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.shipped import DAGSTER_YAML

# Commands print to the terminal without Dagster's copies: these are written by processes of their
# own, each of which would print a traceback when interrupted.
COMMAND_YAML = "command.yaml"
NO_COPIES = """
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
"""


def prepare_home(settings: Settings) -> None:
    """Creates the home and the instance's folder, and sets DAGSTER_HOME.

    A ``dagster.yaml`` in a folder that the user named with DAGSTER_HOME is kept; in the default
    folder it is replaced by that of the settings (``instance_config``).

    Args:
        settings: The settings.

    Raises:
        UserError: A folder cannot be created.
    """
    settings.make_home()  # Dagster's folder may be outside of it
    home = settings.dagster_home
    ours = variable("DAGSTER_HOME") is None
    try:
        home.mkdir(parents=True, exist_ok=True)
        target, content = home / DAGSTER_YAML.name, instance_config(settings)
        if not target.exists() or (ours and target.read_text() != content):
            target.write_text(content)
    except OSError as error:
        raise UserError(f"cannot use {home} as DAGSTER_HOME: {error.strerror}") from None
    os.environ["DAGSTER_HOME"] = str(home)


def open_instance(settings: Settings) -> dg.DagsterInstance:
    """The instance that the UI shows.

    One process at a time opens it, since two cannot create Dagster's databases at once.

    Args:
        settings: The settings.

    Raises:
        UserError: The instance's folder cannot be used.
    """
    prepare_home(settings)
    try:
        with locked(settings.dagster_home / ".opening.lock"):
            return _opened(settings.dagster_home)
    except OSError as error:
        raise UserError(
            f"cannot use {settings.dagster_home} as DAGSTER_HOME: {error.strerror}"
        ) from None


def _opened(home: Path) -> dg.DagsterInstance:
    """The instance of a folder, with the user's own setting of compute logs if there is one."""
    text = (home / DAGSTER_YAML.name).read_text()
    if "compute_logs:" in text:
        return dg.DagsterInstance.get()
    (home / COMMAND_YAML).write_text(text + NO_COPIES)
    return dg.DagsterInstance.from_config(str(home), COMMAND_YAML)
