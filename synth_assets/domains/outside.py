"""Domains outside the package: those of installed packages, and those of folders and files.

A package offers a domain by an entry point of the group ``synth_assets.domains``, a function that
returns the ``Domain``. ``SYNTH_DOMAINS`` names folders and files, separated by commas: a folder has
``domain.py`` with ``domain()``, or ``domain.yaml``; a file is a domain as YAML.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from synth_assets.core.consistency import problems
from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain
from synth_assets.core.python_files import called, returned_by

GROUP = "synth_assets.domains"
VARIABLE = "SYNTH_DOMAINS"
PYTHON_FILE, FILE = "domain.py", "domain.yaml"
SUFFIXES = (".yaml", ".yml")


def outside_domains() -> Iterator[tuple[str, Domain]]:
    """Each domain outside the package, with where it comes from.

    Raises:
        UserError: One cannot be loaded; names it, and what is wrong.
    """
    for entry in _offered(tuple(sys.path)):
        yield f"entry point {entry.name} of {GROUP}", _of_package(entry)
    for path in named_paths():
        yield str(path), _named(path)


def _named(path: Path) -> Domain:
    """The domain of a path that ``SYNTH_DOMAINS`` names; an error says how to go on without it."""
    if not path.exists():
        raise UserError(f"there is no {path}, which {VARIABLE} names")
    try:
        return domain_at(path)
    except UserError as error:
        hint = f"{VARIABLE} names {path}: correct it, or leave it out to use the other domains"
        raise UserError(f"{error}\n{hint}") from error.__cause__


def names_in_use() -> Iterator[str]:
    """The names of the domains outside the package, without those that cannot be loaded."""
    for entry in _offered(tuple(sys.path)):
        with suppress(UserError):
            yield _of_package(entry).name
    for path in named_paths():
        with suppress(UserError):
            yield domain_at(path).name


def named_paths() -> list[Path]:
    """The folders and files that ``SYNTH_DOMAINS`` names, in order, each once."""
    named = [part.strip() for part in os.environ.get(VARIABLE, "").split(",")]
    return list(dict.fromkeys(Path(part).expanduser().resolve() for part in named if part))


@cache
def _offered(path: tuple[str, ...]) -> Sequence[EntryPoint]:
    """The entry points of the packages on the path; to find them, all packages are read."""
    return sorted(entry_points(group=GROUP), key=lambda entry: entry.name)


def _of_package(entry: EntryPoint) -> Domain:
    try:
        function = entry.load()
    except UserError:
        raise
    except Exception as error:
        raise UserError(
            f"cannot load the domain {entry.name} ({entry.value}): {type(error).__name__}: {error}"
        ) from error
    return _consistent(called(function, f"{entry.value}()", Domain), _in(entry.value))


def make_paths_absolute() -> None:
    """Writes absolute paths into ``SYNTH_DOMAINS``, for processes in other working folders."""
    if os.environ.get(VARIABLE):
        os.environ[VARIABLE] = ",".join(map(str, named_paths()))


def domain_at(path: Path) -> Domain:
    """The domain of a folder or file.

    Args:
        path: A folder with ``domain.py`` or ``domain.yaml``, or a YAML file.

    Raises:
        UserError: There is no domain, or it is wrong; names it, and what is wrong.
    """
    if not path.exists():
        raise UserError(f"there is no {path}")
    if path.is_dir() and (path / PYTHON_FILE).is_file():
        found = returned_by(path, path.name, "domain", "domain", Domain)
        return replace(_consistent(found, _in(path / PYTHON_FILE)), folder=path)
    if path.suffix in SUFFIXES or (path / FILE).is_file():
        # Importing it takes a second, for which others need not wait.
        from synth_assets.declarative.loader import load_domain, read_spec

        file = path / FILE if path.is_dir() else path

        def located(table: str | None, text: str) -> UserError:
            place = ("domain",) if table is None else ("tables", table)
            return read_spec(file)[0].error([(place, text)])

        found = _consistent(load_domain(file), located)
        return replace(found, folder=path if path.is_dir() else None)
    raise UserError(
        f"{path} is no domain: it must be a folder with {PYTHON_FILE} or {FILE}, or a file that "
        f"ends with {' or '.join(SUFFIXES)}"
    )


def _consistent(domain: Domain, located: Callable[[str | None, str], UserError]) -> Domain:
    """The domain, if its tables fit together.

    Args:
        domain: The domain.
        located: The name of a table, or None for the domain, and what is wrong to an error that
            says where it is.

    Raises:
        UserError: They do not; names the first that does not.
    """
    for table, text in problems(domain):
        raise located(table, text)
    return domain


def _in(where: Path | str) -> Callable[[str | None, str], UserError]:
    return lambda table, text: UserError(f"{where}: {text}")
