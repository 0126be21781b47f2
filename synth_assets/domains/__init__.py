"""The domains: one folder each, one file per table. They import core, randomness and quality.

A new domain is a new folder whose ``domain.py`` offers ``domain() -> Domain``; it is found here
by itself. Domains never import each other.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from synth_assets.core.model import Domain


def load_domains() -> list[Domain]:
    """Every domain, in order of name, with its scenario read from the environment."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.ispkg)
    return [import_module(f"{__name__}.{name}.domain").domain() for name in names]
