"""Events as requests with lines of JSON, repeated until they are taken or refused for good.

A request has the positions of its events in ``Idempotency-Key``, so that a receiver can recognize
one that is repeated. The token is a secret of the environment, and no error has it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import polars as pl
import requests
from urllib3.exceptions import HTTPError

from synth_assets.core.errors import UserError
from synth_assets.replay.envelope import lines
from synth_assets.replay.variables import TOKEN

# Seconds to connect, and to wait for an answer.
TIMEOUT = (5, 30)
# Answers that another attempt may change.
TRANSIENT = {408, 425, 429, 500, 502, 503, 504}
ATTEMPTS, FIRST_WAIT, LONGEST_WAIT = 6, 0.5, 30.0
SHOWN = 200


class HttpTarget:
    """Posts batches to a web address.

    Args:
        url: The address; without user and password.
        wait: Waits for some seconds; true if there is to be no further attempt.

    Raises:
        UserError: The address cannot be used.
    """

    def __init__(self, url: str, wait: Callable[[float], object] = time.sleep) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UserError("--url: must be a web address, http:// or https://")
        if parts.username or parts.password:
            raise UserError(f"--url: must have no user or password; put a token into {TOKEN}")
        self._url, self._wait = url, wait
        # Queries may have keys.
        self.shown = f"{parts.scheme}://{parts.netloc}{parts.path}"
        self._session = requests.Session()
        if token := os.environ.get(TOKEN, "").strip():
            self._session.headers["Authorization"] = f"Bearer {token}"

    def send(self, batch: pl.DataFrame) -> None:
        body, key = lines(batch), f"{batch['position'][0]}-{batch['position'][-1]}"
        headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": key}
        wait, problem = FIRST_WAIT, ""
        for attempt in range(ATTEMPTS):
            if attempt and self._wait(min(wait, LONGEST_WAIT)):
                break
            wait = FIRST_WAIT * 2 ** (attempt + 1)
            try:
                with self._session.post(
                    self._url, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False,
                    stream=True,
                ) as answer:  # fmt: skip
                    if 200 <= answer.status_code < 300:
                        return
                    problem = f"answered {answer.status_code}{_start_of(answer)}"
                    if answer.status_code not in TRANSIENT:
                        raise UserError(f"{self.shown} {problem}")
                    wait = max(wait, _asked_for(answer))
            except (OSError, ValueError, HTTPError) as error:
                # Whatever refuses the address, the text of the error may have its query.
                problem = f"cannot be reached ({type(error).__name__})"
        raise UserError(f"{self.shown} {problem}, tried {attempt + 1} times")

    def close(self) -> None:
        """Ends the connection."""
        self._session.close()


def _start_of(answer: requests.Response) -> str:
    """The beginning of an answer, which may have no end."""
    text = answer.raw.read(SHOWN, decode_content=True).decode(errors="replace")
    return f": {' '.join(text.split())}" if text.strip() else ""


def _asked_for(answer: requests.Response) -> float:
    """The seconds of ``Retry-After``."""
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isdigit() else 0.0
