"""``synth psql``: the embedded server's address, kept up, and programs run on a server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from synth_assets_tests.cli.conftest import Synth


def test_without_a_server_it_says_how_to_get_one(synth: Synth, home: Path) -> None:
    done = synth("psql")
    assert done.code == 2
    assert "no embedded PostgreSQL is stored at" in done.err
    assert "SYNTH_STORE=postgres synth materialize" in done.err
    assert not home.exists()


def test_an_external_server_is_not_kept_up(synth: Synth, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNTH_POSTGRES_URL", "postgresql://me:secret@db.example/shop")
    done = synth("psql")
    assert done.code == 2
    assert "postgresql://db.example/shop: connect with psql " in done.err
    assert "secret" not in done.out + done.err


def test_a_program_gets_the_address_and_its_exit_code_counts(
    synth: Synth, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SYNTH_POSTGRES_URL", "postgresql://me:secret@db.example/shop")
    monkeypatch.setenv("PGPASSWORD", "another")
    program = f'echo "$PGHOST $PGDATABASE $PGUSER $PGPASSWORD" > {tmp_path}/given; exit 7'
    assert synth("psql", "--", "sh", "-c", program).code == 7
    assert (tmp_path / "given").read_text() == "db.example shop me secret\n"


def test_a_program_that_a_signal_ends_counts_as_in_a_shell(
    synth: Synth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTH_POSTGRES_URL", "postgresql://db.example/shop")
    assert synth("psql", "--", "sh", "-c", "kill -TERM $$").code == 128 + signal.SIGTERM


@pytest.mark.parametrize("program", ["no-such-program", "", "/"])
def test_a_program_that_cannot_be_run_is_named(
    synth: Synth, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setenv("SYNTH_POSTGRES_URL", "postgresql://db.example/shop")
    done = synth("psql", "--", program)
    assert done.code == 2
    assert done.err.startswith(f"error: {program}: there is no such program")


COMMAND = [sys.executable, "-c", "from synth_assets.cli import main; main()", "psql"]


@pytest.mark.slow
def test_the_embedded_server_is_up_until_it_is_interrupted(tmp_path: Path) -> None:
    from synth_assets.stores.postgres.embedded import server_url

    folder = tmp_path / "home" / "postgres"
    start = f"from {server_url.__module__} import server_url; server_url({str(folder)!r})"
    subprocess.run([sys.executable, "-c", start], check=True)
    environment = {**os.environ, "SYNTH_HOME": str(folder.parent)}
    server = subprocess.Popen(COMMAND, env=environment, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    address = server.stdout.readline().strip()
    with psycopg.connect(address) as db:
        assert db.execute("select 1").fetchone() == (1,)
    query = [*COMMAND, "--", sys.executable, "-c"]
    query.append("import psycopg; print(psycopg.connect('').execute('select 7').fetchone())")
    done = subprocess.run(query, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "(7,)\n")
    server.send_signal(signal.SIGTERM)
    assert server.wait(timeout=60) == 0
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(address)
