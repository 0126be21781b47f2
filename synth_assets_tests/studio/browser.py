"""A studio that serves, and what a person does with its pages in a browser."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from synth_assets.orchestration.shipped import PROJECT
from synth_assets_tests.ui.server import ARGUMENTS, CHROMIUM, environment, free_port, wait_for

ENTRY = "from synth_assets.cli import main; main()"
# Milliseconds of a step, on a machine that is busy with other things.
STEP = 240_000
# Milliseconds after which a page is looked at again.
PAUSE = 500
# A page has run to its end, and its plots are drawn.
DRAWN = """
() => document.querySelector('h1')
    && document.querySelector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    && !document.querySelector('[data-testid="stSkeleton"]')
    && [...document.querySelectorAll('[data-testid="stVegaLiteChart"]')]
        .every(one => one.querySelector('canvas, svg'))
"""


def command(*words: str) -> list[str]:
    """A ``synth`` command of this checkout."""
    return [sys.executable, "-c", ENTRY, *words]


def synth(home: Path, *words: str, **variables: str) -> None:
    """Runs a command in a home; checks may fail."""
    made = subprocess.run(
        command(*words), env=environment(home, **variables), cwd=PROJECT, capture_output=True,
        text=True,
    )  # fmt: skip
    assert made.returncode in (0, 1), made.stderr


def copy_home(made: Path, home: Path) -> None:
    """Copies a home with the owners of its files: PostgreSQL has a user of its own."""
    subprocess.run(["cp", "-a", str(made), str(home)], check=True)


@contextmanager
def serving(home: Path, *options: str, dagster: bool = False, **variables: str) -> Iterator[str]:
    """The address of a studio while it serves, alone or when Dagster answers, too."""
    port, other = free_port(), free_port()
    words = ["studio", "--port", str(port), "--dagster-port", str(other), *options]
    log = home.with_name(f"{home.name}.log")
    with log.open("wb") as written:
        process = subprocess.Popen(
            command(*words, *(["--dagster"] if dagster else [])),
            env=environment(home, **variables),
            cwd=PROJECT,
            stdout=written,
            stderr=written,
        )
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health", process, log)
        if dagster:
            wait_for(f"http://127.0.0.1:{other}/server_info", process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def tab(browser: Any, width: int = 1280, height: int = 900, **options: Any) -> Iterator[Any]:
    """A tab of a session of its own, in which no dialog may open."""
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    context.set_default_timeout(STEP)
    page = context.new_page()
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog opened: {dialog.message}"))
    yield page
    context.close()


def address(url: str, path: str) -> str:
    """The address of a page."""
    return f"{url}/{'' if path == 'home' else path}"


def visit(tab: Any, url: str, path: str) -> None:
    """Opens a page, and waits until it is drawn."""
    tab.goto(address(url, path))
    tab.get_by_role("heading", level=1).wait_for()
    settled(tab)


def settled(tab: Any) -> None:
    """Waits until the page has run to its end, and runs no more for a moment."""
    end = time.monotonic() + STEP / 1_000
    while time.monotonic() < end:
        # What was pressed is on its way to the server, which may be busy.
        tab.wait_for_timeout(PAUSE)
        tab.wait_for_function(DRAWN)
        tab.wait_for_timeout(PAUSE)
        if tab.evaluate(DRAWN):
            return
    raise AssertionError("the page runs all the time")


def press(tab: Any, name: str) -> None:
    """Presses a button, which a page that runs would draw anew meanwhile."""
    settled(tab)
    # An icon before the name is text, too.
    tab.get_by_role("button", name=re.compile(rf"{re.escape(name)}$")).first.click()
    settled(tab)


def fill(tab: Any, label: str, value: str) -> None:
    """Types a value into a field."""
    field = tab.get_by_label(label, exact=True).first
    field.fill(value)
    field.press("Enter")
    settled(tab)
