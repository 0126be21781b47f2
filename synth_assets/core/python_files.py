"""Python modules of folders that are not installed: the domains and tables of users.

A folder becomes the package ``synth_domains.<name>``, so that its modules can import each other.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module, invalidate_caches
from pathlib import Path
from threading import RLock
from types import ModuleType
from typing import Any, TypeVar

from synth_assets.core.errors import UserError

ROOT = "synth_domains"

# A module of a folder may load another folder, in the same thread.
_IMPORTING = RLock()

T = TypeVar("T")


def returned_by(
    folder: Path, name: str, module: str, function: str, kind: type[T], *arguments: Any
) -> T:
    """What a function of a module of a folder returns.

    Args:
        folder: The folder.
        name: The name of its package.
        module: The module's name in it, such as ``tables.readings``.
        function: The function that it must offer.
        kind: The class of what it must return.
        *arguments: The arguments of the function.

    Raises:
        UserError: The module cannot be imported or has no such function, or the function fails or
            returns something else.
    """
    file = folder.joinpath(*module.split(".")).with_suffix(".py")
    offered = getattr(_imported(folder, name, module, file), function, None)
    if not callable(offered):
        raise UserError(f"{file} must have a function {function}()")
    return called(offered, f"{function}() of {file}", kind, *arguments)


def called(function: Callable[..., object], where: str, kind: type[T], *arguments: Any) -> T:
    """What a function of a user returns.

    Args:
        function: The function.
        where: Its name and where it is, for errors.
        kind: The class of what it must return.
        *arguments: Its arguments.

    Raises:
        UserError: It fails, or returns something else.
    """
    try:
        found = function(*arguments)
    except UserError:
        raise
    except Exception as error:
        raise UserError(f"{where} fails: {_in_words(error)}") from error
    if not isinstance(found, kind):
        returned = type(found).__name__
        raise UserError(f"{where} must return a {kind.__name__}, and returned {returned}")
    return found


def _imported(folder: Path, name: str, module: str, file: Path) -> ModuleType:
    try:
        # Two folders of one name take turns: the modules of one must be whole before they go.
        with _IMPORTING:
            _make_package(folder, name)
            return import_module(f"{ROOT}.{name}.{module}")
    except UserError:
        raise
    except Exception as error:
        raise UserError(f"cannot import {file}: {_in_words(error)}") from error


def _in_words(error: Exception) -> str:
    """The first line of an error, with its class."""
    lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


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
