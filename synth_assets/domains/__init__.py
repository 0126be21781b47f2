"""The domains: one folder each, one file per table. They import core, randomness and quality.

A new domain is a new folder whose ``domain.py`` offers ``domain() -> Domain``; it is found here
by itself. Domains never import each other. Domains outside the package are found by ``outside``.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from synth_assets.core.errors import UnknownNameError, UserError
from synth_assets.core.model import Domain
from synth_assets.domains import outside


def load_domains() -> list[Domain]:
    """Every domain, in order of name, with its scenario read from the environment.

    Raises:
        UserError: A domain outside the package cannot be loaded, or two have the same name.
    """
    found = {name: _of_package(name) for name in _names()}
    places = dict.fromkeys(found, "the package synth_assets")
    for place, domain in outside.outside_domains():
        if domain.name in found:
            raise UserError(
                f"two domains are called {domain.name!r}: that of {places[domain.name]} and that "
                f"of {place}; give one another name"
            )
        found[domain.name], places[domain.name] = domain, place
    return sorted(found.values(), key=lambda domain: domain.name)


def names_in_use() -> set[str]:
    """The names that a new domain cannot have; a domain that cannot be loaded has none."""
    return {*_names(), *outside.names_in_use()}


def load_domain(name: str) -> Domain:
    """One domain; one of the package without the import of the others.

    Args:
        name: The domain's name.

    Raises:
        UnknownNameError: There is no such domain.
        UserError: A domain outside the package cannot be loaded.
    """
    if name in _names():
        return _of_package(name)
    domains = {domain.name: domain for domain in load_domains()}
    if name not in domains:
        raise UnknownNameError("domain", name, list(domains))
    return domains[name]


def _of_package(name: str) -> Domain:
    domain: Domain = import_module(f"{__name__}.{name}.domain").domain()
    return domain


def _names() -> list[str]:
    """The names of the package's domains, in order; none is imported."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.ispkg)
