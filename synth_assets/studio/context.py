"""What the studio was started with; pages ask ``current()`` for it.

It is kept on the module, because all sessions of a server share it, and a page is called by
Streamlit without arguments.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain
from synth_assets.domains import load_domains
from synth_assets.stores.routing import Stores

DAGSTER_URL = "http://127.0.0.1:3000"


class Webserver(Protocol):
    """Dagster's webserver and daemon as a process of the studio's own."""

    def start(self) -> None:
        """Starts it; it takes a while until it answers."""

    def state(self) -> Literal["not started", "alive", "ended"]:
        """What has become of the process, whether it answers yet or not."""

    @property
    def log(self) -> Path:
        """The file of what it says."""


@dataclass(frozen=True)
class Studio:
    """The surroundings of the studio.

    Attributes:
        home: The folder of everything, in which drafts are kept.
        open_stores: Opens the stores of all tables.
        warehouse: DuckDB's file with dbt's models.
        gate_folder: Where gate reports are published, a folder for each domain.
        dagster_url: Address of Dagster's webserver.
        dagster_link: The same for a browser.
        read_only: Whether nothing can be started, cancelled or asked at a cost.
        password: The password of a session; none on a loopback address.
        webserver: Dagster's webserver; None where it cannot be started from here.
        domains: Loads all domains with the scenarios of the environment.
    """

    home: Path
    open_stores: Callable[[], Stores]
    warehouse: Path
    gate_folder: Path
    dagster_url: str = DAGSTER_URL
    dagster_link: str = DAGSTER_URL
    read_only: bool = False
    password: str | None = field(default=None, repr=False)
    webserver: Webserver | None = None
    domains: Callable[[], list[Domain]] = load_domains

    def domain(self, name: str) -> Domain:
        """A domain by its name.

        Args:
            name: Name of an existing domain.
        """
        return next(domain for domain in self.domains() if domain.name == name)


_installed: list[Studio] = []


def install(studio: Studio) -> None:
    """Sets what ``current`` returns in every session of this process.

    Args:
        studio: The surroundings.
    """
    _installed[:] = [studio]


def current() -> Studio:
    """What the studio was started with.

    Raises:
        UserError: It was not started by its command.
    """
    if not _installed:
        raise UserError("the studio was not started by its command: run `synth studio`")
    return _installed[0]
