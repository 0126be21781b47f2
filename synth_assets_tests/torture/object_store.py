"""An object store in which one request in five fails: by an error of the server, or cut off."""

from __future__ import annotations

import os
import random
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest.mock import patch

import requests

from synth_assets.core.errors import UserError
from synth_assets_tests.stores.places import Place
from synth_assets_tests.torture.places import ON_S3
from synth_assets_tests.torture.states import KEYS, TABLE, first_versions, problem, replace
from synth_assets_tests.torture.trials import Budget, Trial

SHARE = 0.2
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")
ADDRESS = "AWS_ENDPOINT_URL"
# Headers of the connection between client and proxy, not of the request.
NOT_PASSED_ON = {"transfer-encoding", "connection", "content-length", "expect"}
SLOW_DOWN = b"<?xml version='1.0'?><Error><Code>SlowDown</Code><Message>planted</Message></Error>"


class FailingProxy(ThreadingHTTPServer):
    """Passes requests on to a server, except those that fail.

    Attributes:
        requests: How many arrived.
        failed: How many of them failed.
    """

    daemon_threads = True

    def __init__(self, server: str, seed: int) -> None:
        self.server, self.chance = server, random.Random(seed)
        self.requests = self.failed = 0
        self.counting = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Prints nothing of a client that has gone."""

    def fault(self) -> str | None:
        """The fault of the next request; None if it is passed on."""
        with self.counting:
            self.requests += 1
            if self.chance.random() >= SHARE:
                return None
            self.failed += 1
            return self.chance.choice(["500", "503", "cut"])


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FailingProxy

    def __getattr__(self, name: str) -> object:
        if name.removeprefix("do_") in METHODS:
            return self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        body = self._body()
        fault = self.server.fault()
        if fault == "cut":
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()
            self.close_connection = True
            return
        if fault:
            self._respond(int(fault), {"Content-Type": "application/xml"}, SLOW_DOWN)
            return
        headers = {n: v for n, v in self.headers.items() if n.lower() not in NOT_PASSED_ON}
        answer = requests.request(
            self.command, self.server.server + self.path, headers=headers, data=body, timeout=60,
            allow_redirects=False,
        )  # fmt: skip
        self._respond(answer.status_code, dict(answer.headers), answer.content)

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _respond(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in NOT_PASSED_ON | {"date"}:
                self.send_header(name, value)
        # The length of what a HEAD request is about is not that of a body.
        length = headers.get("Content-Length") if self.command == "HEAD" else None
        self.send_header("Content-Length", length or str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Prints nothing."""


@contextmanager
def failing(seed: int) -> Iterator[FailingProxy]:
    """A proxy of the object store, which the environment points to."""
    proxy = FailingProxy(os.environ[ADDRESS], seed)
    thread = threading.Thread(target=proxy.serve_forever, daemon=True)
    thread.start()
    host, port = proxy.server_address[:2]
    try:
        with patch.dict(os.environ, {ADDRESS: f"http://{host}:{port}"}):
            yield proxy
    finally:
        proxy.shutdown()
        proxy.server_close()


def failing_requests(budget: Budget) -> Iterator[Trial]:
    """Replaces and reads partitions while requests fail; a refusal is a line."""
    for kind, opening in ON_S3.items():
        trial = Trial("one request in five fails", kind)
        with opening() as opened:
            place = opened()
            first_versions(place)
            stored = dict.fromkeys(KEYS, 0)
            with failing(budget.seed) as proxy:
                for number, _ in enumerate(budget.rounds(trial, len(ON_S3)), start=1):
                    key = KEYS[number % len(KEYS)]
                    _attempt(place, key, number, stored, trial)
            trial.count("requests", proxy.requests)
            trial.count("failed requests", proxy.failed)
            # What was refused may be stored nevertheless: the answer was lost, not the write.
            trial.hold(problem(place, stored))
        yield trial


def _attempt(place: Place, key: str, version: int, stored: dict[str, int], trial: Trial) -> None:
    store, started = place.open(), time.monotonic()
    try:
        replace(store, key, version)
        stored[key] = version
        store.scan(TABLE, [key]).collect()
        trial.hold(None)
    except UserError:
        trial.count("refused")
        trial.hold(None)
    except Exception as error:
        trial.hold(f"{type(error).__name__}: {str(error).splitlines()[0]}")
    trial.largest("longest seconds", time.monotonic() - started)


PART = (failing_requests,)
