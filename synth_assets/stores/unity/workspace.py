"""Requests to the workspace, with retries and one-line errors without secrets.

The client itself retries where a host is busy (429, 503) or does not answer; this adds the other
failures of a server. The client's own messages are never shown, since they may quote requests and
settings; the first line of the server's message is.
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
TIMEOUT = 20
# Seconds between attempts after a failure of the server's own.
WAITS = (0.25, 0.5, 1.0)
MAX_LENGTH = 300
SECRETS = ("DATABRICKS_TOKEN", "DATABRICKS_CLIENT_SECRET", "DATABRICKS_PASSWORD")
NO_WORKSPACE = "the host answers, but not as a Databricks workspace does: check DATABRICKS_HOST"
SIGN_IN = (
    "cannot sign in to Databricks: set DATABRICKS_HOST and DATABRICKS_TOKEN in the environment "
    "(or whatever else Databricks' SDK signs in with)"
)


class NotFoundError(UserError):
    """The requested object does not exist, or is hidden from the account."""


class NotPermittedError(UserError):
    """The account lacks a privilege for the request."""


class AlreadyExistsError(UserError):
    """The object to create exists."""


def connect() -> WorkspaceClient:
    """Connects to the workspace that the environment names; ``UserError`` if it names none."""
    # The client first asks the host for its metadata, and warns if there are none; a wrong host
    # is reported by the first real request.
    log = logging.getLogger("databricks.sdk")
    before, log.disabled = log.disabled, True
    try:
        config = Config(retry_timeout_seconds=TIMEOUT, http_timeout_seconds=TIMEOUT)
        if not config.host:
            raise UserError(SIGN_IN)
        return WorkspaceClient(config=config)
    except ValueError:
        raise UserError(SIGN_IN) from None
    finally:
        log.disabled = before


def request(action: str, call: Callable[[], T]) -> T:
    """Calls the workspace, with retries of failures of the server.

    Args:
        action: What the request does; an error begins with ``cannot`` and this.
        call: The call of the client.

    Raises:
        UserError: The request failed.
        NotFoundError: The requested object does not exist.
        NotPermittedError: The account lacks a privilege.
        AlreadyExistsError: The object to create exists.
    """
    with translate_errors(action):
        for wait in WAITS:
            try:
                return call()
            except DatabricksError as error:
                if not _is_transient(error):
                    raise
                time.sleep(wait)
        return call()


def _is_transient(error: DatabricksError) -> bool:
    # The client has no class of its own for some failures of a gateway.
    return isinstance(error, InternalError | DeadlineExceeded) or type(error) is DatabricksError


@contextmanager
def translate_errors(action: str) -> Iterator[None]:
    """Turns errors of the workspace and of the network into a ``UserError``.

    Args:
        action: What the request does; the message begins with ``cannot`` and this.

    Raises:
        UserError: The request failed; see ``request`` for its subclasses.
    """
    try:
        yield
    except DatabricksError as error:
        raise _error_class(error)(f"cannot {action}: {summary(error)}") from None
    except requests.exceptions.JSONDecodeError:
        raise UserError(f"cannot {action}: {NO_WORKSPACE}") from None
    except (TimeoutError, requests.RequestException) as error:
        raise UserError(f"cannot {action}: {_unreachable(error)}") from None


def _error_class(error: DatabricksError) -> type[UserError]:
    if _is_no_workspace(error):
        return UserError
    if str(error.error_code or "").endswith("ALREADY_EXISTS"):
        return AlreadyExistsError
    kinds: dict[type[DatabricksError], type[UserError]] = {
        NotFound: NotFoundError,
        PermissionDenied: NotPermittedError,
        ResourceConflict: AlreadyExistsError,
    }
    return next((ours for theirs, ours in kinds.items() if isinstance(error, theirs)), UserError)


def summary(error: DatabricksError) -> str:
    """The first line of the server's message, without secrets, or what the error means.

    Args:
        error: An error of the client.
    """
    if _is_no_workspace(error):
        return NO_WORKSPACE
    if isinstance(error, Unauthenticated):
        return "the workspace refused the credentials: check DATABRICKS_TOKEN (it may have expired)"
    message = (str(error).strip().splitlines() or [""])[0] or type(error).__name__
    for secret in filter(None, map(os.environ.get, SECRETS)):
        message = message.replace(secret, "…")
    return message if len(message) <= MAX_LENGTH else f"{message[:MAX_LENGTH]}…"


def _is_no_workspace(error: DatabricksError) -> bool:
    return "unable to parse response" in str(error)


def _unreachable(error: Exception) -> str:
    # The client raises a timeout after its last attempt, with the server's error as its cause.
    if isinstance(error.__cause__, DatabricksError):
        return f"{summary(error.__cause__)} (for {TIMEOUT} seconds; try again later)"
    return "the workspace does not answer: check DATABRICKS_HOST and the network"
