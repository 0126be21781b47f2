"""Services that cannot start, or are stopped while they start, say so in a line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from synth_assets.cli.exits import BAD_INPUT, INTERRUPTED
from synth_assets.orchestration import run_services
from synth_assets.orchestration.service_process import END_SECONDS
from synth_assets.orchestration.shipped import PROJECT
from synth_assets_tests.cli.conftest import Synth
from synth_assets_tests.environment import OURS

SYNTH = "from synth_assets.cli import main; main()"
# A busy machine needs many times what a quiet one does.
SECONDS = 120


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "sign"),
    [
        (["webserver", "--port", "39872"], "Starting Dagster code server"),
        (["webserver", "--port", "39872"], "Running dbt command"),
        (["daemon"], "Instance is configured with the following daemons"),
    ],
)
def test_a_service_that_is_stopped_while_it_starts(
    words: list[str], sign: str, tmp_path: Path
) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    path = os.pathsep.join([str(PROJECT), os.environ.get("PYTHONPATH", "")])
    with (tmp_path / "log").open("ab") as log:
        service = subprocess.Popen(
            [sys.executable, "-c", SYNTH, "service", *words],
            env={**kept, "SYNTH_HOME": str(tmp_path / "home"), "PYTHONPATH": path},
            stdout=log,
            stderr=log,
        )
    try:
        end = time.monotonic() + SECONDS
        while sign not in (tmp_path / "log").read_text():
            assert service.poll() is None
            assert time.monotonic() < end
            time.sleep(0.1)
        service.send_signal(signal.SIGTERM)
        code = service.wait(2 * END_SECONDS)
    finally:
        service.kill()
    time.sleep(END_SECONDS)  # what it has started
    text = (tmp_path / "log").read_text()
    # A daemon whose threads were idle ends in Dagster's own way.
    said = {
        0: "Daemon threads shut down",
        INTERRUPTED: f"interrupted: the {words[0]} was stopped\n",
    }
    assert said[code] in text
    assert "Traceback" not in text, text


@pytest.mark.parametrize(
    "words",
    ["service daemon", "service webserver", "ui", "submit jaffle/stg_google_ads"],
)
def test_nothing_starts_without_the_service_that_executes_runs(
    words: str, synth: Synth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_services, "PATIENCE_SECONDS", 0.0)
    monkeypatch.setenv("SYNTH_EXECUTION", "dask")
    monkeypatch.setenv("SYNTH_DASK_SCHEDULER", "tcp://127.0.0.1:1")
    done = synth(*words.split())
    problem = "cannot reach Dask's scheduler at 127.0.0.1:1: Connection refused"
    assert (done.code, done.out) == (BAD_INPUT, "")
    assert done.err == f"error: SYNTH_DASK_SCHEDULER: {problem}\n"
