"""Errors of the server as one-line messages without secrets, and retries of transient ones.

Messages of the client library are never shown, since they may quote a URL. The first line of the
server's message is shown, without the user's name.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

import psycopg
from psycopg import errors

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table

T = TypeVar("T")

UNTOUCHED = "; what was stored before is untouched"
ATTEMPTS, FIRST_WAIT = 6, 0.1
# Errors that a concurrent writer can cause and that a second attempt can avoid.
TRANSIENT = (errors.SerializationFailure, errors.DeadlockDetected, errors.DuplicateTable)
# What a server says of itself when it starts, and when it recovers.
STARTING = ("is starting up", "not yet accepting connections", "in recovery mode")
NUL = (errors.CharacterNotInRepertoire, errors.UntranslatableCharacter)
# What a server says of a character that its encoding lacks.
NOT_IN_ENCODING = "has no equivalent in encoding"


class UnstorableError(UserError):
    """A value that PostgreSQL cannot hold exactly."""


def retry(action: Callable[[], T]) -> T:
    """Calls an action again after transient errors, a few times and with growing waits.

    Args:
        action: A whole transaction.
    """
    for attempt in range(ATTEMPTS - 1):
        try:
            return action()
        except TRANSIENT:
            time.sleep(FIRST_WAIT * 2**attempt * random.uniform(0.5, 1))
    return action()


@contextmanager
def translate_errors(action: str, suffix: str = "", table: Table | None = None) -> Iterator[None]:
    """Turns errors of the server into a ``UserError``.

    Args:
        action: What is being done; the message begins with ``cannot`` and this.
        suffix: What the message ends with.
        table: The table that is written, for messages about foreign keys.

    Raises:
        UserError: The server reported an error, or the connection broke.
    """
    try:
        yield
    except UnstorableError as error:
        raise UserError(f"cannot {action}: {error}{suffix}") from None
    except psycopg.Error as error:
        raise UserError(f"cannot {action}: {_summary(error, table)}{suffix}") from None


def _summary(error: psycopg.Error, table: Table | None) -> str:
    message, detail = _line(error.diag.message_primary), _line(error.diag.message_detail)
    match error:
        case errors.ForeignKeyViolation() if table is not None:
            return _broken_key(error, table, detail)
        case errors.UniqueViolation():
            return (
                f"its primary key would not be unique ({detail}); if that row is another "
                "scenario's, drop what is stored with --recreate"
            )
        case errors.NotNullViolation():
            return f"column {error.diag.column_name} is null, which its schema does not allow"
        case errors.InsufficientPrivilege():
            hint = "the store needs CREATE on the database and owns its schemas and tables"
            return f"{message} ({hint})"
        case errors.DependentObjectsStillExist():
            return f"{detail}: drop what depends on it first (dbt makes its own views again)"
        case errors.ProgramLimitExceeded():
            return f"{message} (a key or a clustering column has texts too long for an index)"
        case _ if isinstance(error, NUL) and NOT_IN_ENCODING in message:
            return f"{message}: the database must have the encoding UTF8"
        case _ if isinstance(error, NUL):
            return "a text holds the NUL character, which PostgreSQL cannot store"
        case _ if message and not isinstance(error, errors.AdminShutdown):
            return message
        case psycopg.DataError() if "NUL" in str(error):
            return "a name or a description holds the NUL character, which PostgreSQL cannot store"
    return "the connection was cut; see the server's log, then run it again"


def _broken_key(error: psycopg.Error, table: Table, detail: str) -> str:
    child = f"{error.diag.schema_name}/{error.diag.table_name}"
    if child == table.path:
        return f"a parent's row is missing ({detail}): materialize the parent first"
    return (
        f"rows of {child} refer to what would be gone ({detail}): make both anew with "
        f"--recreate, which drops what is stored, or drop what is stored of {child} first"
    )


def is_starting(error: psycopg.Error) -> bool:
    """Whether a server refused a connection because it starts, or recovers from a crash.

    Args:
        error: The client's error; it has no SQLSTATE before a connection is open.
    """
    return any(text in str(error) for text in STARTING)


def connection_error(error: psycopg.Error, shown: str, parameters: Mapping[str, str]) -> UserError:
    """The error for a connection that cannot be opened; names host and database, not the user.

    Args:
        error: The client's error.
        shown: The server's URL without secrets.
        parameters: The connection parameters, which are removed from the message.
    """
    line = reason_of(error)
    hidden = [f'"{parameters.get("user")}"', parameters.get("password")]
    for secret in filter(None, hidden):
        line = line.replace(secret, "…")
    return UserError(
        f"cannot connect to PostgreSQL at {shown}: {line} (check the URL's host, database, user "
        "and password, and that the server runs)"
    )


def reason_of(error: Exception) -> str:
    """Why a connection cannot be opened, or broke, in a line that does not name the user.

    Args:
        error: The error of a client of PostgreSQL.
    """
    text = str(error).strip().splitlines() or [type(error).__name__]
    line = next((line for line in text if "FATAL:" in line), text[0])
    line = re.split(r"FATAL:\s*| failed: ", line)[-1].strip()
    return re.sub(r'\b(user|role) "[^"]*"', "the user", line)


def _line(text: str | None) -> str:
    return (text or "").splitlines()[0] if text else ""
