"""A local server that answers as Unity Catalog's documented REST API does.

It has catalogs, schemas, tables, external locations, the signed-in account, and effective
permissions with their inheritance, which it also enforces. ``fail`` injects faults.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import RLock, Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from synth_assets_tests.secrets import SECRET

ME = "maker@example.com"
GROUP = "makers"
API = "/api/2.1/unity-catalog/"
# The privileges that the account needs for external tables, and the fields that the API requires
# of a column.
ENOUGH = ("USE_CATALOG", "CREATE_SCHEMA", "USE_SCHEMA", "CREATE_TABLE", "EXTERNAL_USE_SCHEMA")
COLUMN = ("name", "type_text", "type_json", "type_name", "position", "nullable")

Answer = tuple[int, dict[str, Any]]


class RefusalError(Exception):
    """An error in the format of the API."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.answer: Answer = (status, {"error_code": code, "message": message})


@dataclass
class Fault:
    """A planted answer to requests that begin with ``request``, a number of times."""

    request: str
    status: int
    times: int = 1
    body: bytes = b'{"error_code": "PLANTED", "message": "planted"}'
    headers: dict[str, str] = field(default_factory=dict)
    after: bool = False  # the request is carried out first; its response is lost


class Workspace:
    """The contents of the catalog, and every request that it received."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.token = SECRET
        self.catalogs: dict[str, dict[str, Any]] = {}
        self.schemas: dict[str, dict[str, Any]] = {}
        self.tables: dict[str, dict[str, Any]] = {}
        self.locations: dict[str, dict[str, Any]] = {}
        self.grants: dict[tuple[str, str], set[str]] = {}  # (principal, securable's name)
        self.faults: list[Fault] = []
        self.requests: list[str] = []

    def add_catalog(self, name: str, privileges: tuple[str, ...] = ENOUGH) -> None:
        self.catalogs[name] = {"name": name, "owner": "admin@example.com"}
        self.grant(name, *privileges)

    def grant(self, name: str, *privileges: str, to: str = ME) -> None:
        self.grants.setdefault((to, name), set()).update(privileges)

    def fail(self, request: str, status: int, times: int = 1, **more: Any) -> None:
        self.faults.append(Fault(request, status, times, **more))

    def request_count(self, request: str) -> int:
        """The number of received requests that begin with ``request``."""
        return sum(line.startswith(request) for line in self.requests)

    def answer(self, method: str, path: str, query: dict[str, str], body: dict[str, Any]) -> Answer:
        if path == "/api/2.0/preview/scim/v2/Me":
            return 200, {"userName": ME, "groups": [{"display": GROUP}]}
        if not path.startswith(API):
            raise RefusalError(404, "ENDPOINT_NOT_FOUND", f"No API found for '{method} {path}'")
        kind, _, name = unquote(path.removeprefix(API)).partition("/")
        if kind == "effective-permissions":
            securable, _, name = name.partition("/")
            return 200, self._effective(securable, name, query["principal"])
        match method, kind, name:
            case "GET", "catalogs" | "external-locations", "":
                held = self.catalogs if kind == "catalogs" else self.locations
                return 200, {kind.replace("-", "_"): list(held.values())}
            case "GET", "catalogs", _:
                return 200, self._one(self.catalogs, "Catalog", name)
            case "GET", "external-locations", _:
                return 200, self._one(self.locations, "External location", name)
            case "GET", "schemas", _:
                self._one(self.catalogs, "Catalog", name.split(".")[0])
                return 200, self._one(self.schemas, "Schema", name)
            case "GET", "tables", _:
                return 200, self._one(self.tables, "Table", name)
            case "POST", "schemas", "":
                return 200, self._create_schema(body)
            case "POST", "tables", "":
                return 200, self._create_table(body)
            case "DELETE", "tables", _:
                self._one(self.tables, "Table", name)
                del self.tables[name]
                return 200, {}
        raise RefusalError(404, "ENDPOINT_NOT_FOUND", f"No API found for '{method} {path}'")

    def _one(self, held: dict[str, dict[str, Any]], what: str, name: str) -> dict[str, Any]:
        if name not in held:
            raise RefusalError(
                404, f"{what.upper()}_DOES_NOT_EXIST", f"{what} '{name}' does not exist."
            )
        return held[name]

    def _held(self, principal: str, name: str) -> set[str]:
        parts = name.split(".")
        above = [".".join(parts[: n + 1]) for n in range(len(parts))]
        return {p for n in above for p in self.grants.get((principal, n), ())}

    def _effective(self, kind: str, name: str, principal: str) -> dict[str, Any]:
        self._one(
            {"CATALOG": self.catalogs, "SCHEMA": self.schemas, "EXTERNAL_LOCATION": self.locations}[
                kind
            ],
            kind.title(),
            name,
        )
        privileges = [{"privilege": p} for p in sorted(self._held(principal, name))]
        if not privileges:
            return {}
        return {"privilege_assignments": [{"principal": principal, "privileges": privileges}]}

    def _need(self, name: str, privilege: str, owner: str = "") -> None:
        if owner != ME and privilege not in self._held(ME, name) | self._held(GROUP, name):
            said = f"User does not have {privilege.replace('_', ' ')} on '{name}'."
            raise RefusalError(403, "PERMISSION_DENIED", said)

    def _create_schema(self, body: dict[str, Any]) -> dict[str, Any]:
        name = f"{body['catalog_name']}.{body['name']}"
        self._one(self.catalogs, "Catalog", body["catalog_name"])
        self._need(body["catalog_name"], "CREATE_SCHEMA")
        if name in self.schemas:
            raise RefusalError(400, "SCHEMA_ALREADY_EXISTS", f"Schema '{name}' already exists")
        self.schemas[name] = {**body, "full_name": name, "owner": ME}
        return self.schemas[name]

    def _create_table(self, body: dict[str, Any]) -> dict[str, Any]:
        schema = f"{body['catalog_name']}.{body['schema_name']}"
        name = f"{schema}.{body['name']}"
        owner = self._one(self.schemas, "Schema", schema)["owner"]
        self._need(schema, "CREATE_TABLE", owner)
        self._need(schema, "EXTERNAL_USE_SCHEMA")
        if (body["table_type"], body["data_source_format"]) != ("EXTERNAL", "DELTA"):
            raise RefusalError(400, "INVALID_PARAMETER_VALUE", "only external Delta tables")
        for column in body["columns"]:
            if missing := [n for n in COLUMN if n not in column]:
                raise RefusalError(400, "INVALID_PARAMETER_VALUE", f"column without {missing}")
        if name in self.tables:
            raise RefusalError(400, "TABLE_ALREADY_EXISTS", f"Table '{name}' already exists")
        for other in self.tables.values():
            if other["storage_location"] == body["storage_location"]:
                raise RefusalError(
                    400, "INVALID_PARAMETER_VALUE", "Input path overlaps another table"
                )
        self.tables[name] = {**body, "full_name": name, "owner": ME}
        return self.tables[name]


@contextmanager
def serving(workspace: Workspace) -> Iterator[str]:
    """Serves the workspace on a local port and gives its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one go, or each request waits for an acknowledgement

        def _serve(self) -> None:
            url = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else {}
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            with workspace.lock:
                line = f"{self.command} {url.path}"
                workspace.requests.append(line)
                fault = next(
                    (f for f in workspace.faults if f.times and line.startswith(f.request)), None
                )
                if fault is not None:
                    fault.times -= 1
                    if fault.after:
                        with suppress(RefusalError):
                            workspace.answer(self.command, url.path, query, body)
                    self._send(fault.status, fault.body, fault.headers)
                    return
                try:
                    if url.path.startswith("/api/"):
                        self._authenticate()
                    status, answer = workspace.answer(self.command, url.path, query, body)
                except RefusalError as refusal:
                    status, answer = refusal.answer
            self._send(status, json.dumps(answer).encode(), {})

        def _authenticate(self) -> None:
            if self.headers.get("Authorization") != f"Bearer {workspace.token}":
                raise RefusalError(401, "UNAUTHENTICATED", f"Invalid access token. {SECRET}")

        def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()

        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def do_DELETE(self) -> None:
            self._serve()

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
