"""The studio in a browser on what the demo makes: its first page, and every page when opened.

A page counts as opened when its script has ended and its plots are drawn. Each address is opened
anew, in a browser that keeps the scripts of the studio since its first page. Dagster does not run
beside it: its start would take the processors that are measured.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from synth_assets.orchestration.shipped import PROJECT
from synth_assets_tests.bench import processes
from synth_assets_tests.bench.rows import Goal, Row, Scale, not_measured
from synth_assets_tests.bench.stopwatch import Stopwatch
from synth_assets_tests.studio import browser
from synth_assets_tests.ui.server import CHROMIUM, free_port

SYNTH = Path(sys.executable).with_name("synth")
# Seconds in which the studio is to answer after its start, and any page to be drawn.
FIRST, OTHER = 3, 2
# Pages that are measured without a goal: one measures a sample, the other waits for Dagster.
WITHOUT_GOAL = ("wizard", "jobs")
LONGEST_SECONDS, LOOK_SECONDS = 120.0, 0.02


def pages(scale: Scale) -> Iterator[Row]:
    """Pages of the studio."""
    if scale is Scale.quick or CHROMIUM is None:
        yield not_measured("the studio answers after its start", Scale.default)
        return
    with tempfile.TemporaryDirectory() as home, browser.chromium() as opened:
        processes.run([SYNTH, "demo"], extra={"SYNTH_HOME": home}, cwd=PROJECT)
        yield from of_home(Path(home), opened)


def of_home(home: Path, opened: Any) -> Iterator[Row]:
    """The pages on a home.

    Args:
        home: The home, with what the demo makes.
        opened: A browser.
    """
    from synth_assets.studio.pages import ALL

    with browser.tab(opened) as tab:
        started = time.perf_counter()
        with _serving(home) as (url, tree):
            answered = time.perf_counter() - started
            _open(tab, url, "home")
            drawn = time.perf_counter() - started
            yield Row(
                "the studio answers after its start",
                wall_seconds=answered,
                goal=Goal("wall_seconds", FIRST),
            )
            yield Row("its first page is drawn in a new browser", wall_seconds=drawn)
            for page in ALL:
                with Stopwatch([tree.root.pid]) as first:
                    _open(tab, url, page.path)
                with Stopwatch([tree.root.pid]) as again:
                    _open(tab, url, page.path)
                yield Row(
                    f"the page {page.title}",
                    first.cpu,
                    first.wall,
                    goal=None if page.path in WITHOUT_GOAL else Goal("wall_seconds", OTHER),
                    note=f"{again.wall:.1f} s when opened again",
                )
            tree.sample()
            yield Row("the studio after every page", peak_mib=tree.peak / 2**20)


def _open(tab: Any, url: str, path: str) -> None:
    tab.goto(browser.address(url, path))
    tab.wait_for_function(browser.DRAWN)


@contextmanager
def _serving(home: Path) -> Iterator[tuple[str, processes.Tree]]:
    """A studio that answers: its address and its processes."""
    port = free_port()
    server = subprocess.Popen(
        [SYNTH, "studio", "--port", str(port), "--dagster-port", str(free_port())],
        env=processes.clean_environment({"SYNTH_HOME": str(home)}), cwd=PROJECT,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    tree = processes.Tree(server.pid)
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health", server)
        yield f"http://127.0.0.1:{port}", tree
    finally:
        tree.sample()
        processes.stop(tree)
        server.wait()


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < end and server.poll() is None:
        with suppress(OSError), urllib.request.urlopen(address, timeout=5):
            return
        time.sleep(LOOK_SECONDS)
    raise processes.MeasureError("the studio did not answer")


PART = (pages,)
