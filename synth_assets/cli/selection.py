"""Selections of tables and scenario values, as commands take them.

A selection is ``all``, a domain (``jaffle``), a table (``jaffle/raw_orders_training``) or a pattern
(``jaffle/raw_*``).
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from synth_assets.core.errors import UnknownNameError, UserError
from synth_assets.core.model import Domain, Table
from synth_assets.core.scenario import Scenario
from synth_assets.domains import load_domains
from synth_assets.quality.structural import checks_of

ALL = "all"


def select(domains: Sequence[Domain], words: Sequence[str]) -> list[tuple[Domain, list[Table]]]:
    """The tables that words select.

    Args:
        domains: The domains to select from.
        words: Domains, tables and patterns; all tables if there are none.

    Returns:
        The domains with selected tables, in the domains' order.

    Raises:
        UnknownNameError: A word selects no table.
    """
    known = {t.path for d in domains for t in d.tables}
    selected: set[str] = set()
    for word in words or [ALL]:
        pattern = "*" if word == ALL else word if "/" in word else f"{word}/*"
        found = {path for path in known if fnmatchcase(path, pattern)}
        if not found:
            names = [ALL, *(d.name for d in domains), *sorted(known)]
            raise UnknownNameError("selection", word, names)
        selected |= found
    chosen = [(d, [t for t in d.tables if t.path in selected]) for d in domains]
    return [(d, tables) for d, tables in chosen if tables]


def with_parents(domain: Domain, tables: Sequence[Table]) -> list[Table]:
    """Tables with all tables on which they or their checks depend, directly or not.

    Args:
        domain: The tables' domain.
        tables: The tables.

    Returns:
        The tables in the domain's order.
    """
    names = {t.name for t in tables}
    pending = list(tables)
    while pending:
        table = pending.pop()
        needed = {*table.parent_names, *(n for r in checks_of(table) for n in r.reads)}
        for name in needed - names:
            names.add(name)
            pending.append(domain.table(name))
    return [t for t in domain.tables if t.name in names]


def domain_named(name: str) -> Domain:
    """The domain of a name, for commands about one domain.

    Args:
        name: Name of an existing domain.
    """
    return next(domain for domain in load_domains() if domain.name == name)


def scenario_values(
    domains: Sequence[Domain], seed: int | None, settings: Sequence[str]
) -> dict[str, dict[str, object]]:
    """Launchpad fields by domain, from ``--seed`` and ``--set``.

    Args:
        domains: The selected domains.
        seed: The seed of all of them, if it is set.
        settings: Texts of the form ``[domain.]field=value``.

    Returns:
        The validated values by domain and field.

    Raises:
        UserError: A text has another form, or a value is not allowed.
    """
    values: dict[str, dict[str, object]] = {d.name: {} for d in domains}
    for domain in domains:
        if seed is not None:
            values[domain.name]["seed"] = seed
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise UserError(f"--set {setting}: must have the form field=value")
        for domain, field in _named(domains, name):
            if seed is not None and field == "seed":
                raise UserError(f"--seed {seed} and --set {setting}: give the seed once")
            values[domain.name][field] = value
    for domain in domains:
        values[domain.name] = _validated(domain, values[domain.name])
    return values


def _named(domains: Sequence[Domain], name: str) -> list[tuple[Domain, str]]:
    """The domains, each with the field, that ``--set [domain.]field`` names."""
    first, dot, rest = name.partition(".")
    if dot and first not in _fields_of(domains):
        matching, name = [_selected(domains, first)], rest
    else:
        matching = _with_field(domains, first)
    part, dot, _ = name.partition(".")
    if dot and part in _fields_of(matching):
        raise UserError(f"--set {name}: give {part} as a whole, in JSON: --set '{part}={{…}}'")
    return [(domain, name) for domain in matching]


def _fields_of(domains: Sequence[Domain]) -> set[str]:
    return {field for domain in domains for field in type(domain.scenario).model_fields}


def _selected(domains: Sequence[Domain], name: str) -> Domain:
    """The domain that ``--set domain.field=value`` names."""
    found = next((domain for domain in domains if domain.name == name), None)
    if found is None:
        raise UnknownNameError("domain in --set", name, [domain.name for domain in domains])
    return found


def _with_field(domains: Sequence[Domain], field: str) -> list[Domain]:
    """The domains that have a scenario field; ``UserError`` if there is none."""
    found = [d for d in domains if field in type(d.scenario).model_fields]
    if not found:
        offered = {d.name: ", ".join(type(d.scenario).launchpad_fields()) for d in domains}
        known = "; ".join(f"{name}: {fields}" for name, fields in offered.items())
        replaced = (type(d.scenario).replaced.get(field) for d in domains)
        instead = next(filter(None, replaced), f"known are {known}")
        raise UserError(f"unknown scenario field {field!r}: {instead}")
    return found


def _validated(domain: Domain, given: dict[str, object]) -> dict[str, object]:
    cls: type[Scenario] = type(domain.scenario)
    fixed = [n for n in given if n in cls.model_fields and n not in cls.launchpad_fields()]
    if fixed:
        variable = f"SYNTH_{domain.name}_{fixed[0]}".upper()
        raise UserError(f"{fixed[0]} is read when definitions load: set {variable} instead")
    scenario = cls.of({**domain.scenario.model_dump(), **given})
    return {name: getattr(scenario, name) for name in given}
