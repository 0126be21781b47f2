"""Commands of dbt are forked from one server, and behave like processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from synth_assets.orchestration import dbt_process
from synth_assets.orchestration.dbt_process import DbtProcess
from synth_assets.orchestration.shipped import DBT_PROJECT

# A server that has imported dbt answers within a second; a first one takes longer.
LONGEST_SECONDS = 60
OWNER = """
import os
from synth_assets.orchestration.dbt_process import DbtProcess, _idle

command = DbtProcess(["dbt", "nonsense"], env=dict(os.environ), cwd="/")
command.stdout.read(), command.wait()
print(_idle[0].process.pid, flush=True)
input()
"""

# A model whose parsing lasts for ever, and a profile; Jinja allows no larger range.
ENDLESS = {
    "dbt_project.yml": "{name: endless, version: 1.0.0, profile: endless, model-paths: [models]}",
    "profiles.yml": "endless: {target: here, outputs: {here: {type: duckdb, path: ':memory:'}}}",
    "models/endless.sql": "{% for a in range(99999) %}" * 3 + "1" + "{% endfor %}" * 3,
}
OWNER_OF_ENDLESS = """
import os
from synth_assets.orchestration.dbt_process import DbtProcess

command = DbtProcess(["dbt", "parse"], env=dict(os.environ), cwd=os.environ["DBT_PROFILES_DIR"])
for line in command.stdout:
    if b"Registered adapter" in line:
        break
print(command._server.process.pid, command.pid, flush=True)
input()
"""


@pytest.fixture(autouse=True)
def no_servers() -> Iterator[None]:
    """No server of another test is used, and none is left."""
    dbt_process._idle.clear()
    yield
    while dbt_process._idle:
        dbt_process._idle.pop().close()


def _started(*words: str, folder: Path | str = "/", **env: str) -> DbtProcess:
    return DbtProcess(["dbt", *words], env={**os.environ, **env}, cwd=folder)


def _ended(command: DbtProcess) -> tuple[int, str]:
    with command.stdout:
        text = command.stdout.read().decode()
    return command.wait(LONGEST_SECONDS), text


def test_commands_print_and_end_as_usual_and_share_a_server() -> None:
    version, unknown = _started("--version"), _ended(_started("nonsense"))
    code, text = _ended(version)
    assert (code, "installed:" in text) == (0, True)
    assert (unknown[0], "No such command 'nonsense'" in unknown[1]) == (2, True)
    # They overlapped, so that there are two; the next one is of either of them.
    servers = {server.process.pid for server in dbt_process._idle}
    again = _started("nonsense")
    assert again._server.process.pid in servers
    assert _ended(again)[0] == again.poll() == 2


def test_a_command_has_its_own_environment_and_folder(tmp_path: Path) -> None:
    paths = {"DBT_TARGET_PATH": str(tmp_path), "DBT_LOG_PATH": str(tmp_path)}
    words = ("parse", "--target", "nowhere")
    code, text = _ended(_started(*words, folder=tmp_path, DBT_PROFILES_DIR=str(tmp_path), **paths))
    assert (code, "No dbt_project.yml found" in text) == (2, True), text
    code, text = _ended(_started(*words, folder=DBT_PROJECT, **paths))
    assert (code, "'nowhere'" in text) == (2, True), text


def test_an_interrupted_command_leaves_its_server_to_the_next(tmp_path: Path) -> None:
    paths = {"DBT_TARGET_PATH": str(tmp_path), "DBT_LOG_PATH": str(tmp_path)}
    command = _started("parse", "--no-partial-parse", folder=DBT_PROJECT, **paths)
    until = time.monotonic() + LONGEST_SECONDS
    while not (tmp_path / "dbt.log").exists() and time.monotonic() < until:
        time.sleep(0.02)
    with pytest.raises(subprocess.TimeoutExpired):
        command.wait(0.01)
    command.send_signal(signal.SIGINT)
    code, text = _ended(command)
    assert code != 0
    assert "Traceback" not in text
    command.send_signal(signal.SIGINT)  # it has ended: nothing is sent
    killed = _started("parse", "--no-partial-parse", folder=DBT_PROJECT, **paths)
    assert killed._server is command._server
    os.kill(killed.pid, signal.SIGKILL)
    assert _ended(killed)[0] == -signal.SIGKILL
    assert _ended(_started("nonsense"))[0] == 2


def test_a_server_that_has_ended_is_replaced() -> None:
    command = _started("nonsense")
    assert _ended(command)[0] == 2
    ended = command._server.process
    ended.kill()
    ended.wait()
    again = _started("nonsense")
    assert _ended(again)[0] == 2
    assert again._server.process.pid != ended.pid


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_server_ends_with_its_owner(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        server = psutil.Process(int(owner.stdout.readline()))
        assert server.is_running()
        owner.send_signal(number)
        owner.wait()
        assert not psutil.wait_procs([server], timeout=10)[1]


def test_a_command_that_runs_ends_with_its_owner(tmp_path: Path) -> None:
    for name, text in ENDLESS.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    with subprocess.Popen(
        [sys.executable, "-c", OWNER_OF_ENDLESS],
        env={**os.environ, "DBT_PROFILES_DIR": str(tmp_path)},
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as owner:
        assert owner.stdout is not None
        pids = map(int, owner.stdout.readline().split())
        processes = [psutil.Process(pid) for pid in pids]
        assert all(process.is_running() for process in processes)
        owner.kill()
        owner.wait()
        left = psutil.wait_procs(processes, timeout=10)[1]
        for process in left:
            process.kill()
        assert not left


@pytest.mark.parametrize("after", [0.0, 0.6])
def test_ctrl_c_while_a_server_starts_prints_nothing(
    after: float, capfd: pytest.CaptureFixture[str]
) -> None:
    server = dbt_process._Server(os.environ)
    time.sleep(after)
    server.process.send_signal(signal.SIGINT)
    server.close()
    server.process.wait(LONGEST_SECONDS)
    assert capfd.readouterr().err == ""
