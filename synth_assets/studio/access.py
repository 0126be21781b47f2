"""Who may come in: addresses that need a password, and the hosts that a request may name."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from synth_assets.core.errors import UserError

PASSWORD = "SYNTH_STUDIO_PASSWORD"
LOOPBACK = "127.0.0.1"
# Characters of a password at least.
LEAST_CHARACTERS = 8
# The port that an address does not name.
PORTS = {"http": 80, "https": 443}


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address.

    Args:
        host: An address or a host's name.
    """
    address = _ip(host)
    return host == "localhost" if address is None else address.is_loopback


def refuse_open_address(host: str, password: str | None) -> None:
    """Refuses to listen where others can come in without a password.

    Args:
        host: The address to listen on.
        password: The password, if there is one.

    Raises:
        UserError: The address is not a loopback one, and there is no password or a short one.
    """
    if is_loopback(host):
        return
    if not password:
        raise UserError(
            f"--host {host}: others can reach this address, and whoever opens the studio can start "
            f"runs: set {PASSWORD}, or use {LOOPBACK}"
        )
    if len(password) < LEAST_CHARACTERS:
        raise UserError(f"{PASSWORD} must have at least {LEAST_CHARACTERS} characters")


def served_name(text: str) -> str:
    """A name under which a proxy serves the studio.

    Args:
        text: A host, with a port where a browser shows one.

    Raises:
        UserError: It is something else, such as an address with a scheme.
    """
    if _host_and_port(text):
        return text
    raise UserError(f"--served-as {text}: give a host, or host:port, as in studio.example.com")


@dataclass(frozen=True)
class Address:
    """The addresses under which a browser may open the studio.

    A page of another site can make a name of its own point to this machine, and is then of the same
    origin as the studio for a browser (DNS rebinding). It cannot choose the name in the header
    ``Host``, so that a request with an unknown one is refused.

    Attributes:
        host: The address to listen on.
        port: The port.
        names: Names under which a proxy serves the studio, with their port where they have one.
    """

    host: str
    port: int
    names: Collection[str] = ()

    def has(self, host: str) -> bool:
        """Whether a header ``Host`` names the studio.

        Args:
            host: A name or an address, and a port if it is not that of HTTP.
        """
        host = host.lower()
        if host in {name.lower() for name in self.names}:
            return True
        found = _host_and_port(host)
        return found is not None and found[1] == self.port and self._is(found[0])

    def _is(self, name: str) -> bool:
        if is_loopback(name):
            return is_loopback(self.host) or self._everywhere
        if self._everywhere:
            # No site makes an address without a name its own.
            return _ip(name) is not None or name == socket.gethostname().lower()
        return name == self.host.lower()

    @property
    def _everywhere(self) -> bool:
        address = _ip(self.host)
        return address is not None and address.is_unspecified

    def same(self, origin: str, host: str) -> bool:
        """Whether a header ``Origin`` is of a page of the studio.

        Args:
            origin: Scheme, host and port of the page that has sent a request.
            host: The header ``Host`` of the request.
        """
        try:
            parts = urlsplit(origin.lower())
        except ValueError:
            return False
        return parts.scheme in PORTS and parts.netloc == host.lower()


def _host_and_port(text: str) -> tuple[str, int] | None:
    """The parts of a text that has a host and perhaps a port, and nothing else."""
    try:
        parts = urlsplit(f"//{text}")
        name, port = parts.hostname, parts.port or PORTS["http"]
    except ValueError:
        return None
    only = parts.netloc == text and parts.username is None and not set(text) & set(" \\")
    return (name, port) if name and only else None


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address by its text; None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
