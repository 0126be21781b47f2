"""The server and database of a location, and how they are shown without secrets."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from psycopg import ProgrammingError, pq
from psycopg.conninfo import conninfo_to_dict

from synth_assets.core.errors import UserError
from synth_assets.stores.postgres.embedded import server_url

SCHEMES = ("postgresql://", "postgres://")
EMBEDDED_DATABASE = "postgres"
# Parameters that dbt needs; it takes all others from the same places as libpq.
DBT_PARAMETERS = ("host", "port", "user", "password", "dbname", "sslmode")

UNREADABLE = (
    "the PostgreSQL URL cannot be read: it must be like "
    "postgresql://user:password@host:5432/database, with special characters of the password "
    "percent-encoded"
)


@dataclass(frozen=True)
class Address:
    """The URL of a server, or the folder of an embedded server.

    Attributes:
        shown: A URL without secrets, for display.
        embedded: Whether the location is a folder.
    """

    shown: str
    _location: str = field(repr=False)
    embedded: bool

    @classmethod
    def of(cls, location: str) -> Address:
        """Parses a location.

        Args:
            location: A ``postgresql://`` URL or a folder.

        Raises:
            UserError: The location is another URL, or cannot be parsed; its text is not repeated.
        """
        if location.startswith(SCHEMES):
            return cls(_without_secrets(location), location, embedded=False)
        if "://" in location:
            raise UserError("the place of a PostgreSQL store is a postgresql:// URL or a folder")
        folder = str(Path(location).expanduser().absolute())
        return cls(f"postgresql://{folder}/{EMBEDDED_DATABASE}", folder, embedded=True)

    @property
    def location(self) -> str:
        """The folder, or the URL without user and password."""
        return self._location if self.embedded else self.shown

    @property
    def initialized(self) -> bool:
        """Whether there is a server: an embedded one creates its folder at its first start."""
        return not self.embedded or (Path(self._location) / "PG_VERSION").exists()

    def parameters(self) -> dict[str, str]:
        """The connection parameters of libpq, with secrets; starts the embedded server."""
        return _parse(server_url(self._location) if self.embedded else self._location)

    def connection_info(self) -> dict[str, str]:
        """Host, port, user, password, dbname and sslmode, for another client."""
        known = _defaults() | self.parameters()
        return {name: known[name] for name in DBT_PARAMETERS if known.get(name)}


def _parse(url: str) -> dict[str, str]:
    # Libpq takes the part behind a second @, or behind a slash before one, for a host or database.
    place = url.partition("://")[2].partition("?")[0]
    if place.count("@") > 1 or "@" in place.partition("/")[2]:
        raise UserError(UNREADABLE)
    try:
        return {name: str(value) for name, value in conninfo_to_dict(url).items() if value}
    except ProgrammingError:
        # Its message quotes a part of the URL, which may be part of a password.
        raise UserError(UNREADABLE) from None


def _without_secrets(url: str) -> str:
    parameters = _defaults() | _parse(url)
    host, port = parameters.get("host", "localhost"), parameters.get("port", "5432")
    database = parameters.get("dbname") or parameters.get("user", "")
    return f"postgresql://{host}{'' if port == '5432' else f':{port}'}/{database}"


def _defaults() -> dict[str, str]:
    """Libpq's values, from the environment (PGHOST), for parameters that a URL leaves out."""
    options = pq.Conninfo.get_defaults()
    return {o.keyword.decode(): o.val.decode() for o in options if o.val}
