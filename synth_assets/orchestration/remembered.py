"""What a home was made with is remembered there, without secrets and without defaults.

Written after a run has stored rows: the scenario's fields that are not at their default, and
where everything lies. ``generation.variables`` reads it, below the environment.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from synth_assets.generation import variables
from synth_assets.generation.domain import Domain
from synth_assets.generation.errors import UserError
from synth_assets.generation.scenario import variable_of
from synth_assets.orchestration.settings import PATHS, WHERE, Settings, default_place, resolved

# What of a PostgreSQL URL says where; everything else may be a secret.
KEPT = ("host", "hostaddr", "port", "dbname", "user", "sslmode")
# In another URL than PostgreSQL's: a password, or parameters that may hold one.
MAY_HOLD_SECRETS = re.compile(r"^\w[\w+.-]*://(?:[^/]*:[^/]*@|.*[?#])")


def remember(domain: Domain, values: Mapping[str, Any], settings: Settings) -> None:
    """Writes what a run of a domain was made with, ``values`` being the fields it was given.

    What is remembered of other domains stays; what is back at its default is forgotten.
    """
    known = variables.remembered()
    ours = {variable_of(domain.name, field) for field in type(domain.scenario).model_fields}
    kept = {name: v for name, v in known.items() if name not in ours and name not in WHERE}
    now = kept | _what(domain, values) | _where()
    if now == known:
        return
    file = settings.home / variables.FILE
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        unfinished.write_text(json.dumps(now, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        unfinished.replace(file)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise UserError(f"cannot write {file}: {error.strerror}") from None


def _what(domain: Domain, values: Mapping[str, Any]) -> dict[str, str]:
    """The scenario's fields that are not at their default, by variable."""
    cls = type(domain.scenario)
    scenario = domain.scenario.model_copy(update=dict(values))
    dumped = scenario.model_dump(mode="json")
    found = {}
    for name, field in cls.model_fields.items():
        # What one command alone reads says how it runs.
        if cls.read_by(name) or dumped[name] is None:
            continue
        if getattr(scenario, name) != field.get_default(call_default_factory=True):
            value = dumped[name]
            text = value if isinstance(value, str) else json.dumps(value)
            found[variable_of(domain.name, name)] = text
    return found


def _where() -> dict[str, str]:
    """Where things lie that do not lie at their default, by variable."""
    found = {}
    for name in WHERE:
        value = variables.variable(name)
        if value is None or _is_default(name, value):
            continue
        shown = _without_secrets(resolved(value) if name in PATHS else value)
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
