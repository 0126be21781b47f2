"""Sends alerts about failed runs to a webhook.

The address is a secret: it is read from the environment alone, and no log, error or file has it.
"""

from __future__ import annotations

import logging
import os
from threading import Thread
from typing import get_args
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from synth_assets.core.errors import UserError
from synth_assets.reports.alerts import SHAPES, Alert, Shape, payload

WEBHOOK, FORMAT = "SYNTH_ALERT_WEBHOOK", "SYNTH_ALERT_FORMAT"
# Seconds to connect, and to wait for an answer.
TIMEOUT = (5, 10)
# Seconds to wait for all of an answer.
TOTAL_SECONDS = 20
# The shape that webhooks at a host expect, by the end of its name.
HOSTS: dict[str, Shape] = {
    "slack.com": "slack",
    "slack-gov.com": "slack",
    "webhook.office.com": "teams",
    "logic.azure.com": "teams",
    "api.powerplatform.com": "teams",
}


def webhook() -> tuple[str, Shape] | None:
    """The address of the webhook and its shape; None if no alerts are to be sent.

    Raises:
        UserError: A variable is wrong; the error does not show the address.
    """
    address, shape = os.environ.get(WEBHOOK, "").strip(), os.environ.get(FORMAT, "").strip()
    if shape and shape not in get_args(Shape):
        raise UserError(f"{FORMAT} = {shape!r}: must be one of {', '.join(SHAPES)}")
    if not address:
        return None
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not host:
        raise UserError(f"{WEBHOOK}: must be a web address (it is not shown: it is a secret)")
    known = next((s for end, s in HOSTS.items() if f".{host}".endswith(f".{end}")), SHAPES[-1])
    return address, next((s for s in SHAPES if s == shape), known)


def send(alert: Alert) -> str:
    """Sends an alert, if the environment names a webhook.

    Args:
        alert: The alert.

    Returns:
        What happened, in words without the address.
    """
    try:
        target = webhook()
    except UserError as error:
        return f"no alert was sent: {error}"
    if target is None:
        return f"no alert was sent: {WEBHOOK} is not set"
    address, shape = target
    outcome: list[str] = []
    # requests limits the time between bytes, not that of the whole answer.
    sender = Thread(target=lambda: outcome.append(_post(address, alert, shape)), daemon=True)
    sender.start()
    sender.join(TOTAL_SECONDS)
    return outcome[0] if outcome else f"no answer to an alert within {TOTAL_SECONDS} s"


def _post(address: str, alert: Alert, shape: Shape) -> str:
    """What happened, in words without the address."""
    # Its log of requests has the path of the address.
    logging.getLogger("urllib3.connectionpool").disabled = True
    try:
        # The body is not read: it may have no end.
        with requests.post(
            address, json=payload(alert, shape), timeout=TIMEOUT, allow_redirects=False, stream=True
        ) as answer:
            code = answer.status_code
    except (OSError, ValueError, HTTPError) as error:
        # Whatever refuses the address, the text of the error may have it.
        return f"no alert was sent: the webhook cannot be reached ({type(error).__name__})"
    finally:
        logging.getLogger("urllib3.connectionpool").disabled = False
    if not 200 <= code < 300:
        return f"no alert was sent: the webhook answered {code}"
    return f"an alert was sent ({shape})"
