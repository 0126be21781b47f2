"""Scenario values that commands take: ``--seed`` and ``--set [domain.]field=value``."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel

from synth_assets.core.errors import UnknownNameError, UserError
from synth_assets.core.model import Domain
from synth_assets.core.scenario import Scenario


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
    # Dagster's configuration has plain data in place of a part of the scenario.
    plain = scenario.model_dump(mode="json", include=set(given), exclude_unset=True)
    found = {name: getattr(scenario, name) for name in given}
    return {n: plain[n] if isinstance(value, BaseModel) else value for n, value in found.items()}
