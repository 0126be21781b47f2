"""Which variables of the environment there are, and which ones that are set change nothing.

Here is the list of all ``SYNTH_`` names: those of a deployment, those of the scenarios' fields,
and those that dbt's files read. What a variable means is up to its reader.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from synth_assets.core.errors import UserError, closest
from synth_assets.core.scenario import variable_of
from synth_assets.core.variables import FILE, home, origin, remembered
from synth_assets.domains import load_domains
from synth_assets.orchestration.settings import place_variables
from synth_assets.orchestration.shipped import DBT_PROJECT

PREFIX = "SYNTH_"
# Names of a deployment, besides those that say where things are; the salt is the parties' secret.
OF_DEPLOYMENT = (
    "SYNTH_CLEAN_ROOM_EMAIL_SALT",
    "SYNTH_CLEAN_ROOM_QUERY_MEMORY",
    "SYNTH_CLEAN_ROOM_QUERY_SECONDS",
    "SYNTH_HOME",
    "SYNTH_PARTITIONS_PER_RUN",
    "SYNTH_SEED",
)
READ_BY_DBT = re.compile(r"env_var\(\s*'+(SYNTH_\w+)'+")


def known_variables() -> set[str]:
    """The names of all variables that something reads."""
    return {*OF_DEPLOYMENT, *place_variables(), *_fields(), *_read_by_dbt()}


def without_effect() -> list[str]:
    """A sentence for each variable that is set, or remembered, and read by nothing."""
    try:
        given = sorted({*_set(), *remembered()})
        fields = _fields() if given else {}
    except UserError:
        return []  # a file is damaged or a field has a wrong value: the command says so
    said = [
        f"{origin(name)} changes nothing: it is an option of {command} alone"
        for name in given
        if (command := fields.get(name))
    ]
    # dbt's files are many, and read for a name that nothing else explains.
    strange = {name for name in given if name not in {*place_variables(), *OF_DEPLOYMENT, *fields}}
    known = known_variables() if strange else set()
    return said + [
        f"{_origin(name)} changes nothing: there is no such variable{_hint(name, known)}"
        for name in sorted(strange - known)
    ]


def ignored_by(command: str, domain: str) -> list[str]:
    """A sentence for each variable that other commands read for a domain, and this one does not."""
    return [
        f"{name} changes nothing here: {command} reads its options alone"
        for name in _set()
        if name == "SYNTH_SEED" or name.startswith(f"{PREFIX}{domain.upper()}_")
    ]


def _set() -> list[str]:
    return sorted(name for name, text in os.environ.items() if name.startswith(PREFIX) and text)


def _fields() -> dict[str, str | None]:
    """The scenarios' fields by variable, with the one command that reads them, if it is one."""
    scenarios = {domain.name: type(domain.scenario) for domain in load_domains()}
    return {
        variable_of(domain, field): scenario.read_by(field)
        for domain, scenario in scenarios.items()
        for field in scenario.model_fields
    }


def _read_by_dbt() -> Iterator[str]:
    own = os.environ.get("SYNTH_DBT_PROFILES_DIR")
    files = [Path(own).expanduser() / "profiles.yml"] if own else []
    files += [DBT_PROJECT / "profiles.yml", DBT_PROJECT / "dbt_project.yml"]
    for folder in ("macros", "models"):
        files += (p for p in (DBT_PROJECT / folder).rglob("*") if p.suffix in (".yml", ".sql"))
    for file in files:
        if file.is_file():
            yield from READ_BY_DBT.findall(file.read_text(encoding="utf-8", errors="replace"))


def _origin(name: str) -> str:
    # A name without the prefix is looked for in the file alone.
    return origin(name) if name.startswith(PREFIX) else f"{name} of {home() / FILE}"


def _hint(name: str, known: set[str]) -> str:
    # The prefix, which all have, makes no two of them alike.
    close = closest(name.removeprefix(PREFIX), sorted(n.removeprefix(PREFIX) for n in known))
    return f"; did you mean {PREFIX}{close}?" if close else ""
