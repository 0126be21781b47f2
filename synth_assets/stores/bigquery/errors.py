"""Errors of BigQuery as one-line messages, and the retry policy for transient ones.

Messages are shortened to BigQuery's own text, without URLs of uploads, tokens and credentials.
"""

from __future__ import annotations

import logging
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import requests
from google.api_core import exceptions
from google.api_core.retry import Retry
from google.auth import exceptions as auth

from synth_assets.core.errors import UserError

log = logging.getLogger(__name__)

UNTOUCHED = "; what was stored before is untouched"
# Seconds that transient errors are retried for, and the first and longest wait between attempts.
RETRY_SECONDS, FIRST_WAIT, LONGEST_WAIT = 120.0, 0.5, 20.0
MAX_LENGTH = 300

TRANSIENT_REASONS = {
    "rateLimitExceeded", "jobRateLimitExceeded", "backendError", "jobBackendError",
    "internalError", "jobInternalError", "badGateway", "tableUnavailable",
}  # fmt: skip
TRANSIENT_TYPES = (
    exceptions.TooManyRequests, exceptions.InternalServerError, exceptions.BadGateway,
    exceptions.ServiceUnavailable, exceptions.GatewayTimeout, ConnectionError,
    requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError,
    requests.exceptions.Timeout,
)  # fmt: skip
# Messages of conflicting transactions; the one that fails can be retried.
CONFLICT = re.compile(r"could not serialize access|concurrent update|concurrent transaction", re.I)
SERVICE_ERRORS = (
    exceptions.GoogleAPIError,
    auth.GoogleAuthError,
    requests.exceptions.RequestException,
    ConnectionError,
)


def retry_policy() -> Retry:
    """Retries transient errors with growing waits, for a limited time; logs only the first."""
    seen: list[Exception] = []

    def log_first(error: Exception) -> None:
        if not seen:
            log.warning(
                "BigQuery: %s; trying again for up to %g s", type(error).__name__, RETRY_SECONDS
            )
        seen.append(error)

    return Retry(
        predicate=is_transient,
        initial=FIRST_WAIT,
        maximum=LONGEST_WAIT,
        timeout=RETRY_SECONDS,
        on_error=log_first,
    )


def is_transient(error: Exception) -> bool:
    """Whether the same request may succeed if it is repeated.

    Args:
        error: The error of a request.
    """
    if isinstance(error, requests.exceptions.SSLError) or _is_unknown_host(error):
        return False
    return (
        reason(error) in TRANSIENT_REASONS
        or isinstance(error, TRANSIENT_TYPES)
        or bool(CONFLICT.search(str(error)))
    )


def _is_unknown_host(error: BaseException | None) -> bool:
    """Whether a host name does not exist, as opposed to a name server that cannot be reached."""
    while error is not None:
        if isinstance(error, socket.gaierror):
            return error.errno == socket.EAI_NONAME
        error = error.__cause__ or error.__context__
    return False


def reason(error: Exception) -> str:
    """BigQuery's ``reason`` code of an error; empty if it has none.

    Args:
        error: The error of a request.
    """
    errors = getattr(error, "errors", None) or []
    first = errors[0] if errors else None
    return str(first.get("reason", "")) if isinstance(first, dict) else ""


@contextmanager
def translate_errors(action: str, project: str, suffix: str = "") -> Iterator[None]:
    """Turns errors of the service into a ``UserError``.

    Args:
        action: What could not be done; the message begins with it.
        project: The project, for advice on credentials, roles and quotas.
        suffix: What the message ends with.

    Raises:
        UserError: A request failed.
    """
    try:
        yield
    except SERVICE_ERRORS as error:
        raise UserError(f"{action}: {summary(error, project)}{suffix}") from None


def summary(error: BaseException, project: str) -> str:
    """The cause of an error and its remedy, in one line.

    Args:
        error: An error of the service or of the network.
        project: The project, for advice on credentials, roles and quotas.
    """
    if isinstance(error, exceptions.RetryError) and error.cause is not None:
        return f"{summary(error.cause, project)} (tried for {RETRY_SECONDS:g} s)"
    match error:
        case auth.TransportError() | requests.exceptions.RequestException() | ConnectionError():
            return "BigQuery cannot be reached: check the network and BIGQUERY_EMULATOR_HOST"
        case auth.GoogleAuthError() | exceptions.Unauthorized():
            return (
                f"no valid credentials for project {project}: run `gcloud auth "
                "application-default login` or set GOOGLE_APPLICATION_CREDENTIALS"
            )
        case exceptions.GoogleAPICallError():
            return f"{_message(error)}{_remedy(error, project)}"
    return type(error).__name__


def _message(error: exceptions.GoogleAPICallError) -> str:
    text = re.sub(r"^\s*[A-Z]+ https?://\S+:\s", "", str(error.message or type(error).__name__))
    text = re.sub(r"https?://\S+", "…", text.split("; reason:")[0].strip())
    line = (text.splitlines() or [""])[0].rstrip(". ")
    return line if len(line) <= MAX_LENGTH else f"{line[:MAX_LENGTH]}…"


def _remedy(error: exceptions.GoogleAPICallError, project: str) -> str:
    match reason(error):
        case "quotaExceeded":
            return (
                f" (a quota of project {project} is used up: wait until it is renewed, or have "
                "it raised under IAM & Admin > Quotas)"
            )
        case "rateLimitExceeded" | "jobRateLimitExceeded":
            return f" (project {project} is asked too often: let fewer runs write at once)"
        case "accessNotConfigured" | "billingNotEnabled":
            return f" (project {project} needs the BigQuery API and billing)"
    if isinstance(error, exceptions.Forbidden):
        return (
            f" (project {project}: the account needs the roles BigQuery Data Editor "
            "(roles/bigquery.dataEditor), BigQuery Job User (roles/bigquery.jobUser) and BigQuery "
            "Read Session User (roles/bigquery.readSessionUser))"
        )
    if isinstance(error, exceptions.NotFound):
        return f" (check that project {project} exists and that the account may see it)"
    return ""
