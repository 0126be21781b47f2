"""The password of the studio: a page that asks for it, and the cookie of a browser that knows it.

Nothing else is answered without the cookie: no page, no session, no file of one.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from html import escape
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from synth_assets.studio.same_origin import refuse

PAGE = Path(__file__).with_name("login.html")
PATH = "/login"
# What a process needs to know of another one, such as whether it serves.
OPEN = ("/_stcore/health",)
# Seconds that a wrong password costs all who try meanwhile, and bytes of a form at most.
DELAY, MOST_BYTES = 1.0, 10_000


class Login:
    """Answers browsers that have sent the password, and asks the others for it.

    The cookie is a random number of this process: it says nothing of the password, and ends with
    the browser or the studio. Scripts cannot read it, and requests of other sites do not have it.

    Args:
        app: What answers browsers that know the password.
        password: The password.
        port: The port of the studio: browsers send cookies to all ports of a host.
    """

    def __init__(self, app: ASGIApp, password: str, port: int) -> None:
        self._app, self._password = app, password
        self._cookie, self._number = f"synth_studio_{port}", secrets.token_urlsafe(32)
        self._trying = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, or asks for the password."""
        free = scope["type"] == "lifespan" or scope["path"] in OPEN
        if free or self._knows(Headers(scope=scope)):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await refuse("the password is missing", 403)(scope, receive, send)
        else:
            await (await self._answer(Request(scope, receive)))(scope, receive, send)

    def _knows(self, headers: Headers) -> bool:
        cookies = SimpleCookie(headers.get("cookie", ""))
        return self._cookie in cookies and _same(cookies[self._cookie].value, self._number)

    async def _answer(self, request: Request) -> Response:
        if request.url.path != PATH:
            return _form(request.url.path, request.url.query)
        then = _inside(request.query_params.get("then", "/"))
        if request.method != "POST":
            return _form(*then)
        if not await self._is_password(request):
            return _form(*then, wrong=True)
        path, query = then
        inside = RedirectResponse(f"{quote(path)}{'?' * bool(query)}{query}", 303)
        # Behind a proxy with TLS, the browser's page is of another scheme than this server.
        secure = request.headers.get("origin", "").startswith("https:")
        inside.set_cookie(self._cookie, self._number, httponly=True, samesite="lax", secure=secure)
        return inside

    async def _is_password(self, request: Request) -> bool:
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > MOST_BYTES:
                return False
        given = parse_qs(body.decode("utf-8", "replace")).get("password", [""])[0]
        async with self._trying:
            if _same(given, self._password):
                return True
            await asyncio.sleep(DELAY)
            return False


def _same(given: str, known: str) -> bool:
    """Whether two texts are equal, in a time that does not depend on where they differ."""
    return hmac.compare_digest(given.encode(), known.encode())


def _inside(address: str) -> tuple[str, str]:
    """Path and query of an address of the studio; those of its first page for any other address."""
    parts = urlsplit(address)
    elsewhere = parts.scheme or parts.netloc or not parts.path.startswith("/")
    # A browser reads a backslash as a slash, and two slashes as another host.
    if elsewhere or parts.path.startswith("//") or "\\" in address or not address.isprintable():
        return "/", ""
    return parts.path, parts.query


def _form(path: str, query: str, *, wrong: bool = False) -> Response:
    """The page that asks for the password, and opens another one when it is known."""
    then = quote(path + ("?" * bool(query)) + query, safe="")
    text = PAGE.read_text("utf-8").replace("{action}", escape(f"{PATH}?then={then}"))
    said = '<p role="alert">This is not the password.</p>' if wrong else ""
    return HTMLResponse(text.replace("{said}", said), 401, {"Cache-Control": "no-store"})
