"""The names of all ``SYNTH_`` variables, and warnings about those that are set without effect.

The names are those of a deployment, of the scenarios' fields, and of dbt's files. Each variable is
read and explained elsewhere.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from synth_assets.core.errors import UserError, closest
from synth_assets.core.scenario import variable_of
from synth_assets.core.variables import FILE, home, remembered
from synth_assets.domains import load_domains
from synth_assets.orchestration.deployment import PREFIX
from synth_assets.orchestration.settings import REPORTS, place_variables
from synth_assets.orchestration.shipped import DBT_PROJECT
from synth_assets.orchestration.ui_address import VARIABLE as UI_URL
from synth_assets.orchestration.ui_address import ui_address
from synth_assets.replay.variables import KAFKA_PREFIX, TOKEN

# Variables that neither name a location nor a scenario's field. The salt, the addresses of the
# webhook and the broker, and the password are secrets.
OF_DEPLOYMENT = (
    "SYNTH_ALERT_FORMAT",
    "SYNTH_ALERT_WEBHOOK",
    "SYNTH_BROKER_URL",
    "SYNTH_CLEAN_ROOM_EMAIL_SALT",
    "SYNTH_CLEAN_ROOM_QUERY_MEMORY",
    "SYNTH_CLEAN_ROOM_QUERY_SECONDS",
    "SYNTH_CONCURRENT_RUNS",
    "SYNTH_DASK_SCHEDULER",
    "SYNTH_DOMAINS",
    "SYNTH_EXECUTION",
    "SYNTH_HOME",
    "SYNTH_KEEP_RUNS_DAYS",
    "SYNTH_PARTITIONS_PER_RUN",
    TOKEN,
    "SYNTH_SHARED_DISK",
    "SYNTH_STUDIO_PASSWORD",
    UI_URL,
)
# Those of them that are a secret or belong to one, the home itself, or domains outside of it.
OF_ENVIRONMENT = (
    "SYNTH_ALERT_FORMAT",
    "SYNTH_ALERT_WEBHOOK",
    "SYNTH_BROKER_URL",
    "SYNTH_CLEAN_ROOM_EMAIL_SALT",
    "SYNTH_DOMAINS",
    "SYNTH_HOME",
    TOKEN,
    "SYNTH_STUDIO_PASSWORD",
)
READ_BY_DBT = re.compile(r"env_var\(\s*'+(SYNTH_\w+)'+")


def known_variables() -> set[str]:
    """The names of all variables that are read."""
    return {*OF_DEPLOYMENT, *place_variables(), *_fields(), *_read_by_dbt()}


def refuse_wrong() -> None:
    """Checks the variables that nothing reads before a run has ended.

    Raises:
        UserError: A value is wrong.
    """
    if os.environ.get("SYNTH_ALERT_WEBHOOK") or os.environ.get("SYNTH_ALERT_FORMAT"):
        from synth_assets.orchestration.alerting import webhook  # imports a client of HTTP

        webhook()
    if os.environ.get(UI_URL):
        ui_address()


def without_effect() -> list[str]:
    """A sentence for each variable that is set, here or in the home, and never read."""
    try:
        in_file = remembered()
        unknown = {*_set(), *in_file} - {*place_variables(), *OF_DEPLOYMENT}
        # Domains and dbt's many files are read only for a name that is not known otherwise.
        unknown -= _fields() if unknown else set()
        unknown -= {name for name in in_file if _is_of_absent_domain(name)}
    except UserError:
        return []  # the command itself reports a damaged file or a wrong value
    known = known_variables() if unknown else set()
    replaced = _replaced() if unknown else {}
    unread = set(OF_ENVIRONMENT) | (unknown & known)
    return [
        f"{name} of {home() / FILE} changes nothing: it is read from the environment alone"
        for name in sorted(unread & set(in_file))
    ] + [
        f"{_origin(name)} changes nothing: {replaced.get(name) or _unknown(name, known)}"
        for name in sorted(unknown - known)
    ]


def ignored_by(command: str, domain: str) -> list[str]:
    """A sentence for each variable of a domain that a command does not read.

    Args:
        command: The command, as users see it.
        domain: The domain's name.
    """
    return [
        f"{name} changes nothing here: {command} reads its options alone"
        for name in _set()
        if name == "SYNTH_SEED" or name.startswith(f"{PREFIX}{domain.upper()}_")
    ]


def _set() -> list[str]:
    """Names of variables that are set; those of Kafka's client are as many as its settings."""
    names = [n for n, text in os.environ.items() if n.upper().startswith(PREFIX) and text]
    return sorted(n for n in names if not n.startswith(KAFKA_PREFIX))


def _fields() -> set[str]:
    """The variables of all scenarios' fields."""
    found: set[str] = set()
    for domain in load_domains():
        scenario = type(domain.scenario)
        found |= {variable_of(domain.name, field) for field in scenario.model_fields}
        found |= set(scenario.other_variables.values())
    return found


def _is_of_absent_domain(name: str) -> bool:
    """Whether a variable of the home's file is of a domain that the home has, and is not loaded."""
    reports = home() / REPORTS
    made = [folder.name for folder in reports.iterdir()] if reports.is_dir() else []
    return any(name.startswith(variable_of(domain, "")) for domain in made)


def _replaced() -> dict[str, str]:
    """What to use instead of variables that look like a scenario's fields."""
    return {
        variable_of(domain.name, name): instead
        for domain in load_domains()
        for name, instead in type(domain.scenario).replaced.items()
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
    # A name without the prefix is reported of the file alone.
    return name if name in _set() else f"{name} of {home() / FILE}"


def _unknown(name: str, known: set[str]) -> str:
    # The prefix, which all have, makes no two of them alike.
    given = name.upper().removeprefix(PREFIX)
    close = closest(given, sorted(n.removeprefix(PREFIX) for n in known))
    return "there is no such variable" + (f"; did you mean {PREFIX}{close}?" if close else "")
