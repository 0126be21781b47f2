"""Requests that are answered: those of the studio's own pages, which no site shows in a frame.

Streamlit compares the origin of a request with the host that the request itself names, for the
session alone, and takes every origin of this machine. This is in front of all its routes.
"""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from synth_assets.studio.access import Address

# What it measures is named as the code names it, and nobody needs it.
CLOSED = ("/_stcore/metrics", "/_stcore/script-health-check")
# A page in a frame of another site is pressed by people who see something else.
HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


class SameOrigin:
    """Refuses requests of other sites' pages, and frames in them.

    Args:
        app: What answers the others.
        address: The addresses of the studio.
    """

    def __init__(self, app: ASGIApp, address: Address) -> None:
        self._app, self._address = app, address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, or refuses it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        why = self._refusal(Headers(scope=scope))
        if why:
            await refuse(why, 403)(scope, receive, with_headers)
        elif scope["path"].rstrip("/") in CLOSED:
            await refuse("not found", 404)(scope, receive, with_headers)
        else:
            await self._app(scope, receive, with_headers)

    def _refusal(self, headers: Headers) -> str | None:
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self._address.has(host):
            return (
                "the studio is not served under this host: open the address that it has printed, "
                "or name the host with --served-as"
            )
        if origin is not None and not self._address.same(origin, host):
            return "the request is not of a page of the studio"
        return None


def refuse(why: str, status: int) -> ASGIApp:
    """What answers a request that is refused; a websocket is closed before it opens.

    Args:
        why: The text of the answer.
        status: Its status.
    """
    response = PlainTextResponse(f"{why}\n", status)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        refused = WebSocketClose(1008) if scope["type"] == "websocket" else response
        await refused(scope, receive, send)

    return answer
