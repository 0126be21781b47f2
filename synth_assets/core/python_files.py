"""Python modules of folders that are not installed: the domains and tables of users.

A folder becomes the package ``synth_domains.<name>``, so that its modules can import each other.
"""

from __future__ import annotations

import sys
from importlib import import_module, invalidate_caches
from pathlib import Path
from types import ModuleType

from synth_assets.core.errors import UserError

ROOT = "synth_domains"


def module_of(folder: Path, name: str, module: str, function: str) -> ModuleType:
    """A module of a folder.

    Args:
        folder: The folder.
        name: The name of its package.
        module: The module's name in it, such as ``tables.readings``.
        function: The function that it must offer.

    Raises:
        UserError: The module cannot be imported, or has no such function.
    """
    _make_package(folder, name)
    file = folder.joinpath(*module.split(".")).with_suffix(".py")
    try:
        found = import_module(f"{ROOT}.{name}.{module}")
    except UserError:
        raise
    except Exception as error:
        raise UserError(f"cannot import {file}: {type(error).__name__}: {error}") from error
    if not callable(getattr(found, function, None)):
        raise UserError(f"{file} must have a function {function}()")
    return found


def _make_package(folder: Path, name: str) -> None:
    package = f"{ROOT}.{name}"
    known = sys.modules.get(package)
    if known is not None and list(known.__path__) == [str(folder)]:
        return
    for module in [module for module in sys.modules if f"{module}.".startswith(f"{package}.")]:
        del sys.modules[module]
    invalidate_caches()
    for made, path in ((ROOT, []), (package, [str(folder)])):
        if made not in sys.modules:
            sys.modules[made] = ModuleType(made)
            sys.modules[made].__path__ = path
