"""The wheel in an environment of its own, away from the checkout: what it needs, it brings."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import duckdb
import pytest

from synth_assets.orchestration.shipped import PROJECT

pytestmark = pytest.mark.slow
DBT = "import sys; from dbt.cli.main import cli; sys.argv[0] = 'dbt'; sys.exit(cli())"
LOADED = "{workspaceOrError{__typename ... on Workspace{locationEntries{loadStatus name}}}}"


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel, and the empty folder that commands are given in."""

    bin: Path
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        ours = ("SYNTH_", "DAGSTER_", "DBT_", "PYTHONPATH")
        return {n: v for n, v in os.environ.items() if not n.startswith(ours)}

    def __call__(self, *words: str) -> str:
        done = subprocess.run(
            [str(self.bin / words[0]), *words[1:]],
            cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @property
    def package(self) -> Path:
        """Where the package is installed."""
        return Path(self("python", "-c", "import synth_assets as s; print(s.__path__[0])").strip())


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The dependencies are this environment's; its checkout is out of sight."""
    made = tmp_path_factory.mktemp("installed")
    python = made / "venv" / "bin" / "python"
    for words in (
        ("hatchling", "build", "-t", "wheel", "-d", str(made)),
        ("venv", "--without-pip", str(made / "venv")),
        ("pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index", "WHEEL"),
    ):
        wheels = map(str, made.glob("*.whl"))
        given = [*words[:-1], *wheels] if words[-1] == "WHEEL" else words
        done = subprocess.run(
            [sys.executable, "-m", *given], cwd=PROJECT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    # A folder that is named in a .pth file is searched, and its own .pth files are not read.
    others = made / "venv" / "lib" / version / "site-packages" / "dependencies.pth"
    others.write_text(sysconfig.get_paths()["purelib"])
    dbt = python.with_name("dbt")
    dbt.write_text(f"#!{python}\n{DBT}\n")
    dbt.chmod(0o755)
    folder = made / "anywhere"
    folder.mkdir()
    return Installed(python.parent, folder)


def files(folder: Path) -> set[str]:
    """Everything below a folder but compiled modules."""
    found = (str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())
    return {path for path in found if "__pycache__" not in path}


def test_everything_is_made_from_any_folder_and_nothing_beside_the_package(
    installed: Installed,
) -> None:
    package = installed.package
    assert PROJECT not in package.parents
    before = files(package)
    made = installed(
        "synth", "materialize", "jaffle", "--partitions", "2026-01-01..2026-01-02", "--dbt"
    )
    assert "Gate passed" in made
    with duckdb.connect(str(installed.folder / ".synth" / "warehouse.duckdb")) as db:
        counted = db.sql("select count(*) from jaffle_marts.customers").fetchall()[0][0]
    assert counted > 60
    assert files(package) == before
    assert [path.name for path in installed.folder.iterdir()] == [".synth"]


def test_type_checkers_read_the_types_of_the_package(installed: Installed) -> None:
    assert (installed.package / "py.typed").is_file()


def test_the_demo_is_made(installed: Installed) -> None:
    made = installed("synth", "demo", "--days", "8")
    assert made.count("Gate passed") == 5
    assert "synth ui" in made


@contextmanager
def ui(installed: Installed) -> Iterator[str]:
    """The UI's address, while it runs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [str(installed.bin / "synth"), "ui", "--port", str(port)],
        cwd=installed.folder, env=installed.environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


def test_the_ui_loads_the_assets_of_the_folder(installed: Installed) -> None:
    query = json.dumps({"query": LOADED}).encode()
    with ui(installed) as address:
        request = Request(f"{address}/graphql", query, {"Content-Type": "application/json"})
        entries: list[dict[str, str]] = []
        until = time.monotonic() + 240
        while not entries and time.monotonic() < until:
            with suppress(URLError, ConnectionError), urlopen(request, timeout=60) as answer:
                found = json.load(answer)["data"]["workspaceOrError"]
                entries = found.get("locationEntries", [])
            time.sleep(1)
    assert entries == [{"loadStatus": "LOADED", "name": "synth_assets"}]
    assert not (installed.folder / ".synth" / ".synth").exists()
