"""Starts Streamlit in this process, with the settings of the studio."""

from __future__ import annotations

import gc
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from streamlit.starlette import App
from streamlit.web import bootstrap
from streamlit.web.server.starlette import UvicornRunner

from synth_assets.core.errors import UserError
from synth_assets.studio.access import Address
from synth_assets.studio.context import Studio, install
from synth_assets.studio.login import Login
from synth_assets.studio.same_origin import SameOrigin
from synth_assets.studio.theme import THEME

SCRIPT = Path(__file__).with_name("session") / "app.py"
# Megabytes of an uploaded file.
MOST_UPLOADED = 200


def options(host: str, port: int) -> dict[str, Any]:
    """Streamlit's settings.

    Args:
        host: The address to listen on.
        port: The port.
    """
    return {
        "server.address": host,
        "server.port": port,
        "server.headless": True,
        "server.fileWatcherType": "none",
        "server.maxUploadSize": MOST_UPLOADED,
        "server.enableStaticServing": False,
        "browser.gatherUsageStats": False,
        # The export of Streamlit's tables writes formulas as they are; ``safe.csv`` does not.
        "client.disableDataExport": True,
        "client.toolbarMode": "viewer",
        "client.showErrorDetails": "none",
        "client.showErrorLinks": False,
        # A full collection after every run of a script stops all sessions for a third of a second.
        "runner.postScriptGC": False,
        # Its warnings are of functions that are imported before it serves.
        "logger.level": "error",
        "logger.hideWelcomeMessage": True,
        **THEME,
    }


def application(address: Address, password: str | None) -> App:
    """What answers requests: Streamlit, behind what refuses some of them.

    Args:
        address: The addresses of the studio.
        password: The password; None if there is none.
    """
    guards = [Middleware(SameOrigin, address=address)]
    if password is not None:
        guards.append(Middleware(Login, password=password, port=address.port))
    return App(SCRIPT, middleware=guards, routes=[Route("/home", _first_page)])


async def _first_page(request: Request) -> Response:
    """The first page by its own path; Streamlit serves it under the empty one alone."""
    return RedirectResponse("/")


def serve(studio: Studio, address: Address) -> None:
    """Serves the studio until the process is stopped.

    Args:
        studio: The surroundings.
        address: Where to listen, already found to be allowed and free.
    """
    install(studio)
    settings = options(address.host, address.port)
    # Keys are flags of a command line, in which a dot is an underscore.
    flags = {name.replace(".", "_"): value for name, value in settings.items()}
    bootstrap.load_config_options(flags)
    threading.Thread(target=_prepare, args=(studio,), name="prepare", daemon=True).start()
    with suppress(KeyboardInterrupt):  # how a person stops it
        UvicornRunner(application(address, studio.password)).run()


def _prepare(studio: Studio) -> None:
    """Imports what pages need, the first page's first, while a browser loads its own scripts."""
    from synth_assets.studio.pages import ALL

    first, *others = ALL
    first.load()
    with suppress(UserError):  # the pages say it
        studio.domains()
    for page in others:
        page.load()
    # What is imported stays: collections need not look at it again.
    gc.freeze()
