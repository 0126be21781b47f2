"""What a run from the UI costs before its first step starts, measured on a real UI.

The run is submitted over GraphQL, as the browser does. Counted are the processes that did not
exist before: the run's worker, and what it starts.
"""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from synth_assets.orchestration.shipped import PROJECT
from synth_assets_tests.bench.processes import MeasureError, Tree, clean_environment, stop

ASSET, PARTITION = ["jaffle", "raw_customers_training"], "2026-01-05"
LOOK_SECONDS, LONGEST_SECONDS = 0.2, 300.0
SUBMIT = """
mutation ($params: ExecutionParams!) {
  launchRun(executionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
  }
}"""
EVENTS = """
query ($id: ID!) {
  runOrError(runId: $id) {
    ... on Run {
      status
      eventConnection { events { __typename ... on MessageEvent { timestamp } } }
    }
  }
}"""
SELECTOR = {
    "repositoryLocationName": "synth_assets",
    "repositoryName": "__repository__",
    "pipelineName": "__ASSET_JOB",
    "assetSelection": [{"path": ASSET}],
    "assetCheckSelection": [],
}


def before_first_step(home: Path) -> tuple[float, float]:
    """Processor seconds of the run's processes, and seconds since it was submitted.

    Args:
        home: A folder for the UI's instance and the data.
    """
    with serving(home) as (address, tree):
        tree.sample()
        before = {process.pid for process in tree.alive()}
        submitted = time.time()
        params = {
            "selector": SELECTOR,
            "runConfigData": {},
            "mode": "default",
            "executionMetadata": {"tags": [{"key": "dagster/partition", "value": PARTITION}]},
        }
        answer = ask(address, SUBMIT, params=params)["launchRun"]
        if "run" not in answer:
            raise MeasureError(f"the UI refused the run: {answer}")
        samples: list[tuple[float, float]] = []
        while time.time() < submitted + LONGEST_SECONDS:
            tree.sample()
            samples.append((time.time(), _cpu_seconds(tree, before)))
            run = ask(address, EVENTS, id=answer["run"]["runId"])["runOrError"]
            if started := _first_step(run):
                return max(cpu for at, cpu in samples if at <= started), started - submitted
            if run["status"] in ("FAILURE", "CANCELED"):
                raise MeasureError(f"the run ended before its first step: {run['status']}")
            time.sleep(LOOK_SECONDS)
    raise MeasureError(f"the run did not start a step within {LONGEST_SECONDS:g} s")


def _first_step(run: dict[str, Any]) -> float | None:
    events = run["eventConnection"]["events"]
    starts = [e for e in events if e["__typename"] == "ExecutionStepStartEvent"]
    return float(starts[0]["timestamp"]) / 1_000 if starts else None


def _cpu_seconds(tree: Tree, before: set[int]) -> float:
    total = 0.0
    for process in tree.alive():
        if process.pid not in before:
            with contextlib.suppress(psutil.Error):
                total += sum(process.cpu_times()[:2])
    return total


@contextlib.contextmanager
def serving(home: Path) -> Iterator[tuple[str, Tree]]:
    """A UI with its daemon, answering; its address and its processes.

    Args:
        home: The home.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(
            [Path(sys.executable).with_name("synth"), "ui", "--port", str(port)],
            env=clean_environment({"SYNTH_HOME": str(home)}), cwd=PROJECT, stdout=log,
            stderr=log, start_new_session=True,
        )  # fmt: skip
        tree = Tree(server.pid)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(f"{address}/server_info", server)
            yield address, tree
        finally:
            tree.sample()
            stop(tree)
            server.wait()


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.time() + LONGEST_SECONDS
    while time.time() < deadline and server.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5):
            return
        time.sleep(LOOK_SECONDS)
    raise MeasureError("the UI did not answer")


def ask(address: str, query: str, **variables: Any) -> dict[str, Any]:
    """Data of a GraphQL query.

    Args:
        address: The UI's address.
        query: The query.
        variables: Its variables.

    Raises:
        MeasureError: The server reports errors.
    """
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = urllib.request.Request(
        f"{address}/graphql", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        found: dict[str, Any] = json.load(response)
    if found.get("errors"):
        raise MeasureError(found["errors"][0]["message"])
    return dict(found["data"])
