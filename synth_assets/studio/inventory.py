"""What is stored of each domain, counted in a thread of its own, so that no page waits for it.

A store may have to be started before it can be asked, which takes seconds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain, Table
from synth_assets.core.scenario import Scenario
from synth_assets.reports.gate import Status, verdict_of
from synth_assets.stores.routing import Stores
from synth_assets.studio.background import Background
from synth_assets.studio.context import Studio

# Seconds after which a page has it counted again.
FRESH = 20.0


@dataclass(frozen=True)
class Stored:
    """What is stored of a domain.

    Attributes:
        tables: Tables that have rows.
        partitions: Partitions of all tables.
        rows: Rows of all tables.
        bytes: Their size.
        problem: Why it could not be counted.
    """

    tables: int = 0
    partitions: int = 0
    rows: int = 0
    bytes: int = 0
    problem: str | None = None


class Inventory:
    """Counts what is stored, once for all sessions.

    Args:
        studio: Where tables are stored.
    """

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._found: dict[str, Stored] = {}
        self._counting = Background(self._count, FRESH)

    def stored(self, domain: str) -> Stored | None:
        """What is stored of a domain as last counted; None if that has not ended yet.

        Args:
            domain: The domain's name.
        """
        self._counting.ensure()
        return self._found.get(domain)

    def outdated(self) -> None:
        """Has it counted again, the next time that a page asks."""
        self._counting.outdated()

    def _count(self) -> None:
        try:
            stores = self._studio.open_stores()
            for domain in self._studio.domains():
                self._found[domain.name] = count(domain, stores)
        except UserError as error:
            for domain in self._studio.domains():
                self._found[domain.name] = Stored(problem=str(error))


def count(domain: Domain, stores: Stores) -> Stored:
    """Counts what is stored of a domain.

    Args:
        domain: The domain.
        stores: Where its tables are stored.
    """
    tables = partitions = rows = size = 0
    try:
        for table in domain.tables:
            found = described(table, stores)
            tables += bool(found)
            partitions += len(found)
            rows += sum(stats.rows for stats in found.values())
            size += sum(stats.bytes for stats in found.values())
    except Exception as error:  # of a server that does not answer, in any store's words
        return Stored(tables, partitions, rows, size, str(error).strip().splitlines()[0])
    return Stored(tables, partitions, rows, size)


def require_own_settings(
    tables: Iterable[Table], scenario: Scenario, stores: Stores, cure: str
) -> None:
    """Refuses a run that would replace what other settings have made.

    Args:
        tables: The tables that the run makes.
        scenario: The run's settings.
        stores: Where the tables are stored.
        cure: What to do to have it replaced.

    Raises:
        UserError: Partitions of other settings are stored; names the tables.
    """
    own, others = scenario.fingerprint(), []
    for table in tables:
        # What cannot be read cannot be replaced either: the run fails, and says why.
        with suppress(Exception):
            found = described(table, stores).values()
            others += [table.name] if any(stats.fingerprint != own for stats in found) else []
    if others:
        raise UserError(f"{', '.join(others)}: other settings have made what is stored; {cure}")


def described(table: Table, stores: Stores) -> dict[str, Any]:
    """What is stored of a table; a local store that does not exist is not created for it.

    Args:
        table: The table.
        stores: Where it is stored.
    """
    location = stores.of_kind(stores.routes.kind_of(table)).location
    if "://" not in location and location.startswith("/") and not Path(location).exists():
        return {}
    return dict(stores.describe(table))


@dataclass(frozen=True)
class Gate:
    """What a published gate report says of a domain.

    Attributes:
        verdict: What its report says of all checks together.
        at: When it was published.
        checks: How many checks have each status.
        document: The domain's part of ``report.json``.
    """

    verdict: Status
    at: datetime
    checks: dict[str, int]
    document: dict[str, Any]


def gate(folder: Path, domain: str) -> Gate | None:
    """The latest published gate report of a domain; None if there is none that can be read.

    Args:
        folder: Where gate reports are published.
        domain: The domain's name.
    """
    try:
        document = json.loads((folder / domain / "report.json").read_text(encoding="utf-8"))
        at = datetime.fromisoformat(document["created_at"])
        own = next(one for one in document["domains"] if one["name"] == domain)
        return Gate(verdict_of(own["checks"]), at, dict(own["checks"]), own)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, StopIteration):
        return None
