"""The home's settings: what its data were generated with, without secrets and defaults.

A run that has stored partitions writes them: the scenario's fields and the locations that differ
from their defaults. ``core.variables`` reads them, below the environment.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlencode

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from synth_assets.core import variables
from synth_assets.core.atomic_files import write_text
from synth_assets.core.errors import UserError
from synth_assets.core.scenario import END_DATE, OPEN, Scenario, variable_of
from synth_assets.orchestration.locking import locked
from synth_assets.orchestration.settings import (
    Settings,
    default_place,
    path_variables,
    place_variables,
    resolved,
)

# Parts of a PostgreSQL URL that name a location; all others may be secrets.
KEPT = ("host", "hostaddr", "port", "dbname", "user", "sslmode")
# In other URLs: a password, or parameters that may have one.
MAY_HOLD_SECRETS = re.compile(r"^\w[\w+.-]*://(?:[^/]*:[^/]*@|.*[?#])")


def remember(domain: str, scenario: Scenario, settings: Settings) -> None:
    """Writes the settings of a run that has stored rows.

    Settings of other domains stay; a setting that has its default again is removed.

    Args:
        domain: The domain's name.
        scenario: The scenario of the run.
        settings: The settings of the deployment.

    Raises:
        UserError: The file cannot be written.
    """
    if _with(domain, scenario) == variables.remembered():
        return
    file = settings.make_home() / variables.FILE
    try:
        with locked(file.with_name(f".{file.name}.lock")):
            now = _with(domain, scenario)
            write_text(file, json.dumps(now, indent=2, sort_keys=True) + "\n")
    except OSError as error:
        raise UserError(f"cannot write {file}: {error.strerror}") from None


def _with(domain: str, scenario: Scenario) -> dict[str, str]:
    """The content of the file after a run of a domain."""
    ours = {variable_of(domain, field) for field in type(scenario).model_fields}
    known = variables.remembered().items()
    kept = {name: v for name, v in known if name not in ours and name not in place_variables()}
    return kept | _what(domain, scenario) | _where()


def _what(domain: str, scenario: Scenario) -> dict[str, str]:
    """The scenario's fields that are not at their default, by variable."""
    cls = type(scenario)
    dumped = scenario.model_dump(mode="json")
    found = {}
    for name, field in cls.model_fields.items():
        if getattr(scenario, name) != field.get_default(call_default_factory=True):
            value = OPEN if name == END_DATE and dumped[name] is None else dumped[name]
            if value is None:
                continue
            text = value if isinstance(value, str) else json.dumps(value)
            found[variable_of(domain, name)] = text
    return found


def _where() -> dict[str, str]:
    """The locations that are not the default, by variable."""
    found = {}
    for name in place_variables():
        value = variables.variable(name)
        if value is None or _is_default(name, value):
            continue
        shown = _without_secrets(resolved(value) if name in path_variables() else value)
        if shown is not None:
            found[name] = shown
    return found


def _is_default(name: str, value: str) -> bool:
    """Whether a variable has its default (those that dbt reads are set by runs)."""
    default = default_place(name, variables.home())
    return default is not None and value in (default, str(Path(default)))


def _without_secrets(text: str) -> str | None:
    """A value without secrets; None if they cannot be separated from the rest."""
    if text.startswith(("postgresql://", "postgres://")):
        try:
            found = conninfo_to_dict(text)
        except ProgrammingError:
            return None
        return f"postgresql://?{urlencode({k: found[k] for k in KEPT if found.get(k)})}"
    return None if MAY_HOLD_SECRETS.match(text) else text
