"""A proxy of the BigQuery emulator that records requests and injects faults.

It also adds features of the service that the emulator lacks: loads into partitions, and jobs by id.
"""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH")


@dataclass
class Fault:
    """A fault for requests with a matching ``METHOD path body``, a number of times.

    The response is ``status`` and ``reason``. Without a status the connection is reset: in the
    middle of the request, or with ``arrived`` after the emulator has processed it.
    """

    pattern: str
    status: int = 0
    reason: str = "backendError"
    times: int = 1
    arrived: bool = False
    message: str = "planted"


@dataclass
class Request:
    """A request as it was received."""

    method: str
    path: str
    body: bytes

    @property
    def line(self) -> str:
        """Method, path, and the body where it is text."""
        return f"{self.method} {self.path} {self.body.decode('utf-8', 'replace')[:20_000]}"

    @property
    def json(self) -> Any:
        """The body, where it is JSON; an empty object where it is not."""
        return json.loads(self.body) if self.body.startswith(b"{") else {}


@dataclass
class Proxy:
    """The proxy's state; ``url`` is its address.

    A query that contains a key of ``instead`` is replaced by the value.
    """

    emulator: str
    url: str = ""
    requests: list[Request] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    uploads: dict[str, dict[str, Any]] = field(default_factory=dict)
    instead: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def client(self, project: str) -> Iterator[bigquery.Client]:
        """A client of the emulator that goes through the proxy."""
        options = ClientOptions(api_endpoint=self.url)
        client = bigquery.Client(
            project, credentials=AnonymousCredentials(), client_options=options
        )
        yield client
        client.close()

    def queries(self) -> list[dict[str, Any]]:
        """The configuration of every query, in order."""
        queries = [r.json.get("configuration", {}).get("query") for r in list(self.requests)]
        return [query for query in queries if query]

    def loads(self) -> list[dict[str, Any]]:
        """The body of every load request, in order."""
        return [r.json for r in list(self.requests) if "load" in r.json.get("configuration", {})]

    def fault_for(self, request: Request) -> Fault | None:
        """The first matching fault, with its remaining times decreased."""
        with self.lock:
            for fault in self.faults:
                if fault.times and re.search(fault.pattern, request.line, re.DOTALL):
                    fault.times -= 1
                    return fault
        return None

    def forward(self, request: Request, headers: dict[str, str]) -> requests.Response:
        """Sends a request to the emulator."""
        address, body = self.emulator + request.path, self.body_for(request)
        return requests.request(request.method, address, data=body, headers=headers, timeout=60)

    def body_for(self, request: Request) -> bytes:
        """The body to send to the emulator."""
        query = request.json.get("configuration", {}).get("query", {})
        for text, other in self.instead.items():
            if text in query.get("query", ""):
                body = request.json
                body["configuration"]["query"]["query"] = other
                return json.dumps(body).encode()
        return request.body

    # Features that the emulator lacks.

    def begin_load(self, request: Request) -> tuple[Request, dict[str, Any]]:
        """The request of a load without its partition decorator, and the facts to process it."""
        begun = request.json
        load = begun["configuration"]["load"]
        reference = load["destinationTable"]
        reference["tableId"], _, part = reference["tableId"].partition("$")
        truncates = str(load.get("writeDisposition", "")).startswith("WRITE_TRUNCATE")
        load["writeDisposition"] = "WRITE_APPEND"
        known = {
            "job": begun["jobReference"],
            "table": reference,
            "part": part,
            "truncates": truncates,
            "column": load["schema"]["fields"][-1],
        }
        return Request(request.method, request.path, json.dumps(begun).encode()), known

    def delete_replaced(self, known: dict[str, Any]) -> None:
        """Removes the rows that a load replaces."""
        table, part, column = known["table"], known["part"], known["column"]
        if not known["truncates"]:
            return
        value = part
        if column["type"] == "DATE":
            value = f"DATE '{part[:4]}-{part[4:6]}-{part[6:]}'"
        condition = f"`{column['name']}` = {value}" if part else "TRUE"
        name = f"`{table['projectId']}`.`{table['datasetId']}`.`{table['tableId']}`"
        query = {"query": f"DELETE FROM {name} WHERE {condition}", "useLegacySql": False}
        address = f"{self.emulator}/bigquery/v2/projects/{table['projectId']}/queries"
        requests.post(address, json=query, timeout=60).raise_for_status()

    def ended(self, known: dict[str, Any], answer: bytes) -> bytes:
        """The finished job, under the id that it was requested with."""
        job = json.loads(answer)
        job["jobReference"] = known["job"]
        now = str(int(time.time() * 1000))
        job["statistics"] |= {"creationTime": now, "startTime": now, "endTime": now}
        job["statistics"]["load"]["outputBytes"] = "12345"
        self.jobs[known["job"]["jobId"]] = job
        return json.dumps(job).encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    proxy: Proxy

    def log_message(self, *_: object) -> None:
        pass

    def handle_one(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        # A connection that is to be reset is read halfway.
        early = Request(self.command, self.path, b"")
        reset = any(
            f.times and not f.status and not f.arrived and re.search(f.pattern, early.line)
            for f in self.proxy.faults
        )
        body = self.rfile.read(length // 2 if reset else length)
        request = Request(self.command, self.path, body)
        self.proxy.requests.append(request)
        fault = self.proxy.fault_for(request)
        if fault is None:
            self._answer(*self._forwarded(request))
        elif fault.status:
            error = {"reason": fault.reason, "message": fault.message}
            answer = {"error": {"code": fault.status, "message": fault.message, "errors": [error]}}
            self._answer(fault.status, json.dumps(answer).encode(), {})
        else:
            if fault.arrived:
                self._forwarded(request)
            # Closing with a linger time of zero resets the connection.
            now = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RD)
            self.connection.close()

    def _forwarded(self, request: Request) -> tuple[int, bytes, Mapping[str, str]]:
        proxy, path = self.proxy, self.path.split("?")[0]
        job = proxy.jobs.get(path.rsplit("/", 1)[-1])
        if self.command == "GET" and job is not None:
            return 200, json.dumps(job).encode(), {}
        upload = re.search(r"upload_id=([^&]+)", self.path)
        known = proxy.uploads.get(upload[1]) if upload else None
        headers = {
            name: self.headers[name]
            for name in ("Host", "Content-Type", "Content-Range")
            if self.headers.get(name)
        }
        if path.startswith("/upload/") and self.command == "POST":
            request, known = proxy.begin_load(request)
            if known["job"]["jobId"] in proxy.jobs:
                error = {"message": "Already Exists", "errors": [{"reason": "duplicate"}]}
                return 409, json.dumps({"error": error}).encode(), {}
            answer = proxy.forward(request, headers)
            proxy.uploads[answer.headers["X-GUploader-UploadID"]] = known
            return answer.status_code, answer.content, answer.headers
        if known is None:
            answer = proxy.forward(request, headers)
            return answer.status_code, answer.content, answer.headers
        if known["job"]["jobId"] in proxy.jobs:
            return 200, json.dumps(proxy.jobs[known["job"]["jobId"]]).encode(), {}
        last = re.fullmatch(r"bytes \d+-(\d+)/(\d+)", headers.get("Content-Range", ""))
        with proxy.lock:
            if last and int(last[1]) + 1 == int(last[2]):
                proxy.delete_replaced(known)
            answer = proxy.forward(request, headers)
        content = proxy.ended(known, answer.content) if answer.status_code == 200 else b""
        return answer.status_code, content, answer.headers

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name in ("Location", "X-GUploader-UploadID", "Range"):
            if name in headers:
                self.send_header(name, headers[name])
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def proxied(emulator: str) -> Iterator[Proxy]:
    """Runs a proxy of the emulator until the context ends."""
    proxy = Proxy(emulator)
    answers = {f"do_{method}": _Handler.handle_one for method in METHODS}
    handler = type("Handler", (_Handler,), {"proxy": proxy, **answers})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        proxy.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield proxy
        server.shutdown()
