"""The PostgreSQL of Dagster's records: its URL, and whether it can be reached.

Dagster itself retries for a quarter of a minute, whatever is wrong, and then raises errors that may
quote the URL with its password.
"""

from __future__ import annotations

import logging
import os

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from synth_assets.core.errors import UserError
from synth_assets.stores.postgres.address import SCHEMES, Address
from synth_assets.stores.postgres.connections import Connection, Connections
from synth_assets.stores.postgres.errors import reason_of

POSTGRES = "DAGSTER_POSTGRES_URL"
# What Dagster logs, with SQLAlchemy's error, when a connection that it had breaks.
RETRYING = "Retrying failed database connection: %s"


def records_server() -> Address | None:
    """The server and database of the records; None where SQLite keeps them.

    Raises:
        UserError: The URL cannot be read; its text is not repeated.
    """
    given = os.environ.get(POSTGRES)
    if not given:
        return None
    try:
        # As Dagster reads it; it may name a driver (postgresql+psycopg2).
        url = make_url(given)
        dialect = url.get_backend_name()
        plain = url.set(drivername=dialect).render_as_string(hide_password=False)
    except (ArgumentError, ValueError):
        dialect, plain = "", ""
    if f"{dialect}://" != SCHEMES[0]:
        raise UserError(
            f"{POSTGRES} must be a URL like postgresql://user:password@host:5432/database"
        )
    try:
        return Address.of(plain)
    except UserError as error:
        raise UserError(f"{POSTGRES}: {error}") from None


def connect() -> Connection:
    """Opens a connection to the server; waits for one that is starting.

    Raises:
        UserError: There is none, it cannot be reached, or it refuses the connection.
    """
    server = records_server()
    if server is None:
        raise UserError(f"{POSTGRES} is not set")
    try:
        return Connections(server).connect()
    except UserError as error:
        raise UserError(f"{POSTGRES}: {error}") from None


def require_records_server() -> None:
    """Connects to the server once, if there is one.

    Raises:
        UserError: It cannot be reached, or refuses the connection.
    """
    if records_server() is not None:
        logging.getLogger().addFilter(_in_a_line)
        connect().close()


def _in_a_line(record: logging.LogRecord) -> bool:
    """Shortens what Dagster logs before it tries to connect again."""
    if record.msg == RETRYING and isinstance(record.args, tuple):
        error = record.args[0]
        reason = reason_of(getattr(error, "orig", None) or ValueError(str(error)))
        record.msg, record.args = f"{POSTGRES}: {reason}; trying again", ()
    return True
