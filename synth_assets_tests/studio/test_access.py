"""Who may come in."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from synth_assets.core.errors import UserError
from synth_assets.studio import login
from synth_assets.studio.access import Address, is_loopback, refuse_open_address, served_name
from synth_assets.studio.same_origin import SameOrigin
from synth_assets.studio.server import SCRIPT, application, options
from synth_assets_tests.shell import InProcess


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.1.2.3"])
def test_loopback_needs_no_password(host: str) -> None:
    refuse_open_address(host, None)
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "example.com"])
def test_other_addresses_need_a_password(host: str) -> None:
    with pytest.raises(UserError, match="SYNTH_STUDIO_PASSWORD"):
        refuse_open_address(host, None)
    with pytest.raises(UserError, match="at least 8 characters") as raised:
        refuse_open_address(host, "short")
    assert "short" not in str(raised.value)
    refuse_open_address(host, "long enough")


def test_the_command_refuses_an_open_address(tmp_path: Path) -> None:
    done = InProcess(tmp_path)("studio", "--host", "0.0.0.0")
    assert done.returncode == 2
    assert "SYNTH_STUDIO_PASSWORD" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_nothing_is_reported_to_anyone() -> None:
    found = options("127.0.0.1", 1)
    assert found["browser.gatherUsageStats"] is False
    assert found["server.address"] == "127.0.0.1"
    assert found["client.disableDataExport"] is True
    assert found["client.showErrorDetails"] == "none"


LOCAL = Address("127.0.0.1", 8501)


@pytest.mark.parametrize(
    ("address", "host", "known"),
    [
        (LOCAL, "127.0.0.1:8501", True),
        (LOCAL, "localhost:8501", True),
        (LOCAL, "LOCALHOST:8501", True),
        (LOCAL, "[::1]:8501", True),
        (LOCAL, "localhost", False),
        (LOCAL, "localhost:3000", False),
        (LOCAL, "evil.example:8501", False),
        (LOCAL, "evil.example", False),
        (LOCAL, "localhost.evil.example:8501", False),
        (LOCAL, "192.168.1.2:8501", False),
        (LOCAL, "x@localhost:8501", False),
        (LOCAL, "localhost:8501/", False),
        (LOCAL, "localhost:x", False),
        (LOCAL, "", False),
        (Address("localhost", 80), "localhost", True),
        (Address("192.168.1.2", 8501), "192.168.1.2:8501", True),
        (Address("192.168.1.2", 8501), "localhost:8501", False),
        (Address("studio.lan", 8501), "studio.lan:8501", True),
        (Address("0.0.0.0", 8501), "192.168.1.2:8501", True),
        (Address("::", 8501), "[fe80::1]:8501", True),
        (Address("0.0.0.0", 8501), "localhost:8501", True),
        (Address("0.0.0.0", 8501), "evil.example:8501", False),
        (Address("127.0.0.1", 8501, ["studio.example.com"]), "studio.example.com", True),
        (Address("127.0.0.1", 8501, ["studio.example.com"]), "studio.example.com:8501", False),
    ],
)
def test_a_host_is_one_under_which_the_studio_is_served(
    address: Address, host: str, known: bool
) -> None:
    assert address.has(host) == known


@pytest.mark.parametrize("text", ["https://a.example", "a.example/x", "a b:c", "", "u@a.example"])
def test_a_name_of_a_proxy_is_a_host(text: str) -> None:
    with pytest.raises(UserError, match="--served-as"):
        served_name(text)
    assert served_name("a.example:8443") == "a.example:8443"


async def _inside(scope: Any, receive: Any, send: Any) -> None:
    """What is behind the guards: it accepts everything."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
    else:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"inside"})


@dataclass
class Answer:
    """What a server has answered: its status, headers and text."""

    status: int
    headers: dict[str, str]
    text: str


def ask(
    app: Any, path: str = "/", *, kind: str = "http", body: bytes = b"", **given: str
) -> Answer:
    """Sends a request with headers to an application."""
    headers = {"host": "127.0.0.1:8501", **given}
    path, _, query = path.partition("?")
    scope = {
        "type": kind, "path": path, "query_string": query.encode(), "scheme": "http",
        "method": "POST" if body else "GET", "server": ("127.0.0.1", 8501),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    if sent[0]["type"].startswith("websocket"):
        return Answer(101 if sent[0]["type"] == "websocket.accept" else 403, {}, "")
    found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], found, b"".join(m.get("body", b"") for m in sent).decode())


OWN = "http://127.0.0.1:8501"


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    ("given", "admitted"),
    [
        ({}, True),
        ({"origin": OWN}, True),
        ({"host": "localhost:8501", "origin": "http://localhost:8501"}, True),
        ({"host": "evil.example"}, False),
        ({"host": "evil.example:8501", "origin": "http://evil.example:8501"}, False),
        ({"origin": "http://127.0.0.1:3000"}, False),
        ({"origin": "http://localhost:3000"}, False),
        ({"origin": "http://evil.example"}, False),
        ({"origin": "file://127.0.0.1:8501"}, False),
        ({"origin": "null"}, False),
    ],
)
def test_requests_of_other_sites_are_refused(
    kind: str, given: dict[str, str], admitted: bool
) -> None:
    found = ask(SameOrigin(_inside, LOCAL), "/_stcore/stream", kind=kind, **given)
    assert found.status == ({"http": 200, "websocket": 101}[kind] if admitted else 403)


def test_no_other_page_frames_the_studio_and_nobody_reads_its_measures() -> None:
    app = SameOrigin(_inside, LOCAL)
    for found in (ask(app), ask(app, host="evil.example")):
        assert found.headers["content-security-policy"] == "frame-ancestors 'none'"
        assert found.headers["x-frame-options"] == "DENY"
    assert ask(app, "/_stcore/metrics").status == 404
    assert ask(app, "/_stcore/metrics/").status == 404


def test_a_browser_enters_with_the_password_and_stays_inside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(login, "DELAY", 0)
    app = login.Login(_inside, "open, sesame", 8501)
    asked = ask(app, "/jobs?x=1")
    assert asked.status == 401
    assert 'action="/login?then=%2Fjobs%3Fx%3D1"' in asked.text
    assert ask(app, "/_stcore/stream", kind="websocket").status == 403
    assert ask(app, "/_stcore/health").status == 200
    wrong = ask(app, "/login?then=%2Fjobs", body=b"password=guess")
    assert (wrong.status, "set-cookie" in wrong.headers) == (401, False)
    assert "This is not the password." in wrong.text
    assert ask(app, "/login", body=b"password=" + b"x" * 20_000).status == 401
    right = ask(app, "/login?then=%2Fjobs%3Fx%3D1", body=b"password=open%2C+sesame")
    assert (right.status, right.headers["location"]) == (303, "/jobs?x=1")
    cookie = right.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "sesame" not in cookie
    assert "Secure" not in cookie
    tls = ask(app, "/login", body=b"password=open%2C+sesame", origin="https://studio.example.com")
    assert "Secure" in tls.headers["set-cookie"]
    assert ask(app, "/jobs", cookie=cookie.partition(";")[0]).text == "inside"
    assert ask(app, "/x", kind="websocket", cookie=cookie.partition(";")[0]).status == 101
    assert ask(app, "/jobs", cookie="synth_studio_8501=guess").status == 401
    # Another process knows nothing of it.
    other = login.Login(_inside, "open, sesame", 8501)
    assert ask(other, cookie=cookie.partition(";")[0]).status == 401


@pytest.mark.parametrize(
    "then", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", "/a\nb"]
)
def test_the_password_opens_pages_of_the_studio_alone(then: str) -> None:
    app = login.Login(_inside, "open, sesame", 8501)
    found = ask(app, f"/login?then={quote(then, safe='')}", body=b"password=open%2C+sesame")
    assert found.headers["location"] == "/"


def test_streamlit_finds_no_pages_that_would_pass_by_the_password() -> None:
    assert SCRIPT.is_file()
    assert not SCRIPT.with_name("pages").exists()


def test_the_server_has_its_guards_before_everything_else() -> None:
    found = [guard.cls for guard in application(LOCAL, "open, sesame")._user_middleware]
    assert found == [SameOrigin, login.Login]
    assert [guard.cls for guard in application(LOCAL, None)._user_middleware] == [SameOrigin]
