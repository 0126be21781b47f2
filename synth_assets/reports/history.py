"""The history of gate reports: a small SQLite file with counts and findings of each report.

It does not depend on Dagster's event log, whose retention may be short. Only reports of complete
domains are recorded, so that their counts can be compared. Passed checks are counted, not named.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from synth_assets.core.errors import UserError
from synth_assets.reports.gate import DomainOutcome, Status, verdict_of

# Reports of a domain that are kept.
KEPT = 500
# Seconds to wait for another process that records a report.
TIMEOUT = 30
TABLES = """
create table if not exists report (
  id integer primary key, domain text not null, doc text not null, owners text not null,
  created_at text not null, page text not null, passed integer not null, failed integer not null,
  warned integer not null, missing integer not null, tables integer not null,
  models integer not null, partitions integer not null, rows integer not null);
create index if not exists report_of_domain on report (domain, id);
create table if not exists finding (
  report integer not null references report (id) on delete cascade,
  subject text not null, check_name text not null, status text not null,
  primary key (report, subject, check_name)) without rowid;
"""
# Columns, in order.
COUNTS: tuple[Status, ...] = ("passed", "failed", "warned", "missing")
TOTALS = ("tables", "models", "partitions", "rows")


@dataclass(frozen=True)
class Entry:
    """A recorded report of a domain.

    Attributes:
        domain: The domain's name.
        doc: What its tables are about.
        owners: Owners of the assets.
        created_at: When the report was created.
        page: The report's page, relative to the folder of the history; empty if it is elsewhere.
        counts: Checks by status.
        totals: Numbers of tables, models, partitions and rows.
        findings: Status of each check that did not pass, by table and check.
    """

    domain: str
    doc: str
    owners: Sequence[str]
    created_at: datetime
    page: str
    counts: Mapping[Status, int]
    totals: Mapping[str, int]
    findings: Mapping[tuple[str, str], Status]

    @property
    def verdict(self) -> Status:
        """``failed``, else ``warned``, else ``passed``; ``missing`` if nothing was evaluated."""
        return verdict_of(self.counts)


def entry_of(outcome: DomainOutcome, created_at: datetime, page: str) -> Entry:
    """The entry of a domain's report.

    Args:
        outcome: The domain.
        created_at: When the report was created.
        page: The report's page, relative to the folder of the history; empty if it is elsewhere.
    """
    return Entry(
        domain=outcome.name,
        doc=outcome.doc,
        owners=list(outcome.owners),
        created_at=created_at,
        page=page,
        counts=outcome.counts,
        totals=outcome.totals,
        findings={(c.table, c.name): c.status for c in outcome.checks if not c.passed},
    )


def record(file: Path, entry: Entry) -> None:
    """Records a report, and forgets the oldest ones of its domain.

    Args:
        file: The history, which is created if it does not exist.
        entry: The report.

    Raises:
        UserError: The file cannot be written.
    """
    values = [entry.domain, entry.doc, "\n".join(entry.owners), entry.created_at.isoformat()]
    values += [entry.page, *(str(entry.counts[status]) for status in COUNTS)]
    values += [str(entry.totals[name]) for name in TOTALS]
    with _opened(file) as connection, connection:
        # An earlier page at the same place is replaced.
        connection.execute("update report set page = '' where page = ?", (entry.page,))
        marks = ", ".join("?" * len(values))
        cursor = connection.execute(f"insert into report values (null, {marks})", values)
        connection.executemany(
            "insert into finding values (?, ?, ?, ?)",
            [(cursor.lastrowid, *key, status) for key, status in entry.findings.items()],
        )
        connection.execute(
            "delete from report where domain = ?1 and id not in "
            "(select id from report where domain = ?1 order by id desc limit ?2)",
            (entry.domain, KEPT),
        )


def entries(file: Path, domain: str, limit: int = KEPT) -> list[Entry]:
    """The latest recorded reports of a domain, oldest first; none without a history.

    Args:
        file: The history.
        domain: The domain's name.
        limit: The most reports.

    Raises:
        UserError: The file cannot be read.
    """
    if not file.exists():
        return []
    query = "select * from report where domain = ? order by id desc limit ?"
    with _opened(file) as connection:
        rows = connection.execute(query, (domain, limit)).fetchall()
        return [_entry(connection, row) for row in reversed(rows)]


def domains(file: Path) -> list[str]:
    """The domains of which reports are recorded, by name.

    Args:
        file: The history.

    Raises:
        UserError: The file cannot be read.
    """
    if not file.exists():
        return []
    with _opened(file) as connection:
        names = connection.execute("select distinct domain from report order by domain")
        return [row["domain"] for row in names]


def _entry(connection: sqlite3.Connection, row: sqlite3.Row) -> Entry:
    found = connection.execute(
        "select subject, check_name, status from finding where report = ?", (row["id"],)
    )
    return Entry(
        domain=row["domain"],
        doc=row["doc"],
        owners=row["owners"].splitlines(),
        created_at=datetime.fromisoformat(row["created_at"]),
        page=row["page"],
        counts={status: row[status] for status in COUNTS},
        totals={name: row[name] for name in TOTALS},
        findings={(subject, name): status for subject, name, status in found},
    )


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(file, timeout=TIMEOUT)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute("pragma foreign_keys = on")
            connection.executescript(TABLES)
            yield connection
    except (OSError, sqlite3.Error) as error:
        raise UserError(
            f"cannot use the history of gate reports at {file}: {error}; remove it if it is damaged"
        ) from None
