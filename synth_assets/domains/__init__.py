"""The domains: one folder each, one file per table. They import core, randomness and quality.

A new domain is a new folder whose ``domain.py`` offers ``domain() -> Domain``; it is found here
by itself. Domains never import each other.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from synth_assets.core.errors import UnknownNameError
from synth_assets.core.model import Domain


def load_domains() -> list[Domain]:
    """Every domain, in order of name, with its scenario read from the environment."""
    return [load_domain(name) for name in domain_names()]


def load_domain(name: str) -> Domain:
    """One domain, without the import of the others.

    Args:
        name: The domain's name.

    Raises:
        UnknownNameError: There is no such domain.
    """
    if name not in domain_names():
        raise UnknownNameError("domain", name, domain_names())
    domain: Domain = import_module(f"{__name__}.{name}.domain").domain()
    return domain


def domain_names() -> list[str]:
    """The name of every domain, in order; none is imported."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.ispkg)
