"""What a home was made with is remembered there, without secrets and without defaults.

Written when a table's partitions are stored, by whatever run: the scenario's fields that are not at
their default, and where everything lies. ``core.variables`` reads it, below the environment.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from synth_assets.core import variables
from synth_assets.core.errors import UserError
from synth_assets.core.scenario import Scenario, variable_of
from synth_assets.orchestration.locking import locked
from synth_assets.orchestration.settings import (
    Settings,
    default_place,
    path_variables,
    place_variables,
    resolved,
)

# What of a PostgreSQL URL says where; everything else may be a secret.
KEPT = ("host", "hostaddr", "port", "dbname", "user", "sslmode")
# In another URL than PostgreSQL's: a password, or parameters that may hold one.
MAY_HOLD_SECRETS = re.compile(r"^\w[\w+.-]*://(?:[^/]*:[^/]*@|.*[?#])")


def remember(domain: str, scenario: Scenario, settings: Settings) -> None:
    """Writes what a run of a domain has stored rows of.

    What is remembered of other domains stays; what is back at its default is forgotten.
    """
    if _with(domain, scenario) == variables.remembered():
        return
    file = settings.make_home() / variables.FILE
    try:
        with locked(file.with_name(f".{file.name}.lock")):
            _write(_with(domain, scenario), file)
    except OSError as error:
        raise UserError(f"cannot write {file}: {error.strerror}") from None


def _with(domain: str, scenario: Scenario) -> dict[str, str]:
    """What is remembered once a run of a domain is."""
    ours = {variable_of(domain, field) for field in type(scenario).model_fields}
    known = variables.remembered().items()
    kept = {name: v for name, v in known if name not in ours and name not in place_variables()}
    return kept | _what(domain, scenario) | _where()


def _write(now: Mapping[str, str], file: Path) -> None:
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        unfinished.write_text(json.dumps(now, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def _what(domain: str, scenario: Scenario) -> dict[str, str]:
    """The scenario's fields that are not at their default, by variable."""
    cls = type(scenario)
    dumped = scenario.model_dump(mode="json")
    found = {}
    for name, field in cls.model_fields.items():
        if dumped[name] is None:
            continue
        if getattr(scenario, name) != field.get_default(call_default_factory=True):
            value = dumped[name]
            text = value if isinstance(value, str) else json.dumps(value)
            found[variable_of(domain, name)] = text
    return found


def _where() -> dict[str, str]:
    """Where things lie that do not lie at their default, by variable."""
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
    """Whether a variable says what is so without it (dbt's are set in passing)."""
    default = default_place(name, variables.home())
    return default is not None and value in (default, str(Path(default)))


def _without_secrets(text: str) -> str | None:
    """A value without user's secrets; none where they cannot be told from the rest."""
    if text.startswith(("postgresql://", "postgres://")):
        try:
            found = conninfo_to_dict(text)
        except ProgrammingError:
            return None
        return f"postgresql://?{urlencode({k: found[k] for k in KEPT if found.get(k)})}"
    return None if MAY_HOLD_SECRETS.match(text) else text
