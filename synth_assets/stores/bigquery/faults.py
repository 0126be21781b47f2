"""What BigQuery says, in one line for a person; which of it passes by itself, and until when.

Texts are shortened to BigQuery's own words: URLs of uploads, tokens and credentials stay out.
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
# Seconds: a fault that lasts longer is no longer waited for; waits grow from the first.
PATIENCE, FIRST_WAIT, LONGEST_WAIT = 120.0, 0.5, 20.0
LONGEST = 300

PASSING_REASONS = {
    "rateLimitExceeded", "jobRateLimitExceeded", "backendError", "jobBackendError",
    "internalError", "jobInternalError", "badGateway", "tableUnavailable",
}  # fmt: skip
PASSING_TYPES = (
    exceptions.TooManyRequests, exceptions.InternalServerError, exceptions.BadGateway,
    exceptions.ServiceUnavailable, exceptions.GatewayTimeout, ConnectionError,
    requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError,
    requests.exceptions.Timeout,
)  # fmt: skip
# Two writers whose transactions met; the one that is told so may try again.
MET = re.compile(r"could not serialize access|concurrent update|concurrent transaction", re.I)
FAULTS = (
    exceptions.GoogleAPIError,
    auth.GoogleAuthError,
    requests.exceptions.RequestException,
    ConnectionError,
)


def patience() -> Retry:
    """Tries again, ever later and for a while, what passes by itself; says so once."""
    told: list[Exception] = []

    def tell(error: Exception) -> None:
        if not told:
            log.warning("BigQuery: %s; trying again for up to %g s", type(error).__name__, PATIENCE)
        told.append(error)

    return Retry(
        predicate=passes,
        initial=FIRST_WAIT,
        maximum=LONGEST_WAIT,
        timeout=PATIENCE,
        on_error=tell,
    )


def passes(error: Exception) -> bool:
    """Whether the same request may succeed a little later."""
    if isinstance(error, requests.exceptions.SSLError) or _names_no_host(error):
        return False
    return (
        reason(error) in PASSING_REASONS
        or isinstance(error, PASSING_TYPES)
        or bool(MET.search(str(error)))
    )


def _names_no_host(error: BaseException | None) -> bool:
    """Whether a host's name is unknown, which is not the same as a name server out of reach."""
    while error is not None:
        if isinstance(error, socket.gaierror):
            return error.errno == socket.EAI_NONAME
        error = error.__cause__ or error.__context__
    return False


def reason(error: Exception) -> str:
    """BigQuery's own word for an error; nothing where it has none."""
    errors = getattr(error, "errors", None) or []
    first = errors[0] if errors else None
    return str(first.get("reason", "")) if isinstance(first, dict) else ""


@contextmanager
def explained(doing: str, project: str, after: str = "") -> Iterator[None]:
    """Turns faults of the service into a ``UserError`` that begins with what could not be done."""
    try:
        yield
    except FAULTS as error:
        raise UserError(f"{doing}: {gist(error, project)}{after}") from None


def gist(error: BaseException, project: str) -> str:
    """The cause and its cure."""
    if isinstance(error, exceptions.RetryError) and error.cause is not None:
        return f"{gist(error.cause, project)} (tried for {PATIENCE:g} s)"
    match error:
        case auth.TransportError() | requests.exceptions.RequestException() | ConnectionError():
            return "BigQuery cannot be reached: check the network and BIGQUERY_EMULATOR_HOST"
        case auth.GoogleAuthError() | exceptions.Unauthorized():
            return (
                f"no valid credentials for project {project}: run `gcloud auth "
                "application-default login` or set GOOGLE_APPLICATION_CREDENTIALS"
            )
        case exceptions.GoogleAPICallError():
            return f"{_words(error)}{_cure(error, project)}"
    return type(error).__name__


def _words(error: exceptions.GoogleAPICallError) -> str:
    text = re.sub(r"^\s*[A-Z]+ https?://\S+:\s", "", str(error.message or type(error).__name__))
    text = re.sub(r"https?://\S+", "…", text.split("; reason:")[0].strip())
    line = (text.splitlines() or [""])[0].rstrip(". ")
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"


def _cure(error: exceptions.GoogleAPICallError, project: str) -> str:
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
