"""The workspace: its client, and what it says in one line for a person and without secrets.

The client waits and asks again where a host is busy (429, 503) or does not answer; this adds
the other failures of a server. Text of the client is never passed on, since it may quote
requests and settings; the server's own first line is.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import requests
from databricks.sdk import WorkspaceClient
from databricks.sdk.config import Config
from databricks.sdk.errors import (
    DeadlineExceeded,
    InternalError,
    NotFound,
    PermissionDenied,
    ResourceConflict,
    Unauthenticated,
)
from databricks.sdk.errors.base import DatabricksError

from synth_assets.core.errors import UserError

T = TypeVar("T")

# Seconds that a request may take with all its attempts.
PATIENCE = 20
# Seconds between attempts after a failure of the server's own.
WAITS = (0.25, 0.5, 1.0)
LONGEST = 300
SECRETS = ("DATABRICKS_TOKEN", "DATABRICKS_CLIENT_SECRET", "DATABRICKS_PASSWORD")
NO_WORKSPACE = "the host answers, but not as a Databricks workspace does: check DATABRICKS_HOST"
SIGN_IN = (
    "cannot sign in to Databricks: set DATABRICKS_HOST and DATABRICKS_TOKEN in the environment "
    "(or whatever else Databricks' SDK signs in with)"
)


class NotThereError(UserError):
    """What was asked for does not exist, or is hidden."""


class NotAllowedError(UserError):
    """The account may not do what was asked."""


class TakenError(UserError):
    """What was to be made exists."""


def connect() -> WorkspaceClient:
    """A client of the workspace that the environment names."""
    # The client asks the host about itself first, and warns of hosts that do not know; one that
    # is wrong is told by the first real question.
    log = logging.getLogger("databricks.sdk")
    before, log.disabled = log.disabled, True
    try:
        config = Config(retry_timeout_seconds=PATIENCE, http_timeout_seconds=PATIENCE)
        if not config.host:
            raise UserError(SIGN_IN)
        return WorkspaceClient(config=config)
    except ValueError:
        raise UserError(SIGN_IN) from None
    finally:
        log.disabled = before


def asked(doing: str, call: Callable[[], T]) -> T:
    """What the workspace answers; ``UserError`` that begins with ``cannot`` and ``doing``."""
    with explained(doing):
        for wait in WAITS:
            try:
                return call()
            except DatabricksError as error:
                if not _passing(error):
                    raise
                time.sleep(wait)
        return call()


def _passing(error: DatabricksError) -> bool:
    # Of a gateway's failures the client has no name for some.
    return isinstance(error, InternalError | DeadlineExceeded) or type(error) is DatabricksError


@contextmanager
def explained(doing: str) -> Iterator[None]:
    """Turns what the workspace and the way to it say into a ``UserError``."""
    try:
        yield
    except DatabricksError as error:
        raise _kind(error)(f"cannot {doing}: {reason(error)}") from None
    except requests.exceptions.JSONDecodeError:
        raise UserError(f"cannot {doing}: {NO_WORKSPACE}") from None
    except (TimeoutError, requests.RequestException) as error:
        raise UserError(f"cannot {doing}: {_silence(error)}") from None


def _kind(error: DatabricksError) -> type[UserError]:
    if _foreign(error):
        return UserError
    if str(error.error_code or "").endswith("ALREADY_EXISTS"):
        return TakenError
    kinds: dict[type[DatabricksError], type[UserError]] = {
        NotFound: NotThereError, PermissionDenied: NotAllowedError, ResourceConflict: TakenError
    }  # fmt: skip
    return next((ours for theirs, ours in kinds.items() if isinstance(error, theirs)), UserError)


def reason(error: DatabricksError) -> str:
    """The server's own first line, or what it means."""
    if _foreign(error):
        return NO_WORKSPACE
    if isinstance(error, Unauthenticated):
        return "the workspace refused the credentials: check DATABRICKS_TOKEN (it may have expired)"
    said = (str(error).strip().splitlines() or [""])[0] or type(error).__name__
    for secret in filter(None, map(os.environ.get, SECRETS)):
        said = said.replace(secret, "…")
    return said if len(said) <= LONGEST else f"{said[:LONGEST]}…"


def _foreign(error: DatabricksError) -> bool:
    return "unable to parse response" in str(error)


def _silence(error: Exception) -> str:
    # After the client's last attempt its own timeout hides what it waited for.
    if isinstance(error.__cause__, DatabricksError):
        return f"{reason(error.__cause__)} (for {PATIENCE} seconds; try again later)"
    return "the workspace does not answer: check DATABRICKS_HOST and the network"
