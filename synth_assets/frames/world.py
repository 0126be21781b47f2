"""A world: a domain with settings given by a program, with tables that are computed on request."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from synth_assets.core.errors import UnknownNameError, UserError
from synth_assets.core.given import given
from synth_assets.core.model import Domain, Reader
from synth_assets.domains import load_domain
from synth_assets.domains.outside import FILE, PYTHON_FILE, SUFFIXES, domain_at
from synth_assets.frames.readers import FolderReader, MemoryReader
from synth_assets.frames.table import WorldTable


class World(Mapping[str, WorldTable]):
    """The tables of a domain by name.

    Args:
        domain: The domain, with its scenario.
        reader: Has the rows that derived tables read.
    """

    def __init__(self, domain: Domain, reader: Reader) -> None:
        self.domain = domain
        self.reader = reader

    @property
    def name(self) -> str:
        """The domain's name."""
        return self.domain.name

    @property
    def scenario(self) -> Any:
        """The domain's settings, all of them."""
        return self.domain.scenario

    def __getitem__(self, name: str) -> WorldTable:
        """A table.

        Args:
            name: The table's name in the domain.

        Raises:
            UnknownNameError: The domain has no such table.
        """
        table = self.domain.table(name)
        return WorldTable(self.domain, table, self.reader, tuple(table.partitioning.keys()))

    def __iter__(self) -> Iterator[str]:
        return (table.name for table in self.domain.tables)

    def __len__(self) -> int:
        return len(self.domain.tables)

    def __contains__(self, name: object) -> bool:
        return any(table.name == name for table in self.domain.tables)

    def __repr__(self) -> str:
        return f"World({self.name}: {', '.join(self)})"


def open_world(
    domain: str | PathLike[str],
    *,
    folder: str | PathLike[str] | None = None,
    **scenario: Any,
) -> World:
    """Opens a domain as frames, without Dagster, a home or a store.

    The rows depend on the arguments alone: no variable and no home is read. They are those that
    ``synth materialize`` stores with the same settings.

    Args:
        domain: The domain's name, such as ``jaffle``, or the path of a domain outside the package:
            a folder, or a YAML file. A text is a path if it has ``/`` or ends as a YAML file.
        folder: A folder in which the tables that derived ones read are kept as Parquet files; in
            memory without it.
        **scenario: Fields of the domain's scenario, such as ``seed``; defaults for all others.

    Raises:
        UserError: The domain or a field is unknown, a value is wrong, or the folder has a world of
            other settings.
    """
    for name, given_path in (("domain", domain), ("folder", folder or "")):
        if not isinstance(given_path, str | PathLike):
            raise UserError(f"{name} must be a text or a path, not {given_path!r}")
    opened = _opened(domain, scenario)
    reader = MemoryReader(opened) if folder is None else FolderReader(opened, Path(folder))
    return World(opened, reader)


def _opened(domain: str | PathLike[str], scenario: Mapping[str, Any]) -> Domain:
    if isinstance(domain, str) and os.sep not in domain and not domain.endswith(SUFFIXES):
        with given(domain, scenario):
            return _named(domain)
    # Its name is in what the path has.
    name = domain_at(Path(domain)).name
    with given(name, scenario):
        return domain_at(Path(domain))


def _named(name: str) -> Domain:
    try:
        return load_domain(name)
    except UnknownNameError as error:
        if not any(Path(name, file).is_file() for file in (FILE, PYTHON_FILE)):
            raise
        raise UserError(f"{error}; for the folder write {f'./{name}'!r}") from None
