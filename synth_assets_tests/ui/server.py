"""Dagster's UI on a home, for tests: a process of its own on a free port, and its GraphQL."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from synth_assets.orchestration.shipped import PROJECT
from synth_assets_tests.shell import SYNTH

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
START_SECONDS, RUN_SECONDS, LOOK_MILLISECONDS = 300, 900, 120_000

needs_browser = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"),
    reason="no chromium on this machine: install Debian's package chromium (.ci/run does)",
)


def environment(home: Path, **variables: str) -> dict[str, str]:
    """The environment of this process without its settings, with a home and other variables."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SYNTH_", "DAGSTER_"))}
    return kept | {"SYNTH_HOME": str(home)} | variables


@contextmanager
def serving(variables: Mapping[str, str]) -> Iterator[str]:
    """The address of the UI while it runs."""
    port, log = free_port(), Path(variables["SYNTH_HOME"]).with_name("ui.log")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        server = subprocess.Popen(
            [SYNTH, "ui", "--port", str(port)],
            env=variables,
            cwd=PROJECT,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_for(f"http://127.0.0.1:{port}/server_info", server, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)


def ask(ui: str, query: str, **variables: Any) -> Any:
    """The data that the UI's GraphQL answers."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    header = {"Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(f"{ui}/graphql", body, header)) as answer:
        found = json.load(answer)
    assert "errors" not in found, found["errors"]
    return found["data"]


def run_ids(ui: str) -> set[str]:
    """The ids of all runs."""
    found = ask(ui, "{ runsOrError { ... on Runs { results { runId } } } }")
    return {run["runId"] for run in found["runsOrError"]["results"]}


def wait_for_new_run(ui: str, before: set[str]) -> dict[str, Any]:
    """The run that was launched after others, when it has ended."""
    query = "{ runsOrError { ... on Runs { results { runId status tags { key value } } } } }"
    deadline = time.time() + RUN_SECONDS
    while time.time() < deadline:
        runs = ask(ui, query)["runsOrError"]["results"]
        for run in runs:
            if run["runId"] not in before and run["status"] in ("SUCCESS", "FAILURE", "CANCELED"):
                return dict(run)
        time.sleep(2)
    pytest.fail(f"no run ended within {RUN_SECONDS} s")


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Waits until an address answers; fails with the end of the server's log."""
    deadline = time.time() + START_SECONDS
    while time.time() < deadline:
        assert server.poll() is None, (
            f"the server stopped while starting:\n{log.read_text()[-2000:]}"
        )
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    pytest.fail(f"the server did not answer within {START_SECONDS} s:\n{log.read_text()[-2000:]}")
