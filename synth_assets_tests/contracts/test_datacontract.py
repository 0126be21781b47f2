"""The Data Contract CLI, as it is, lints our contracts and tests them against stored tables."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import psycopg.conninfo
import pytest

from synth_assets_tests.shell import InProcess, Shell

pytestmark = pytest.mark.slow

REQUIREMENTS = Path(__file__).with_name("datacontract.txt")
DAYS = "2026-01-01..2026-01-08"
TABLES = ("raw_customers_training", "raw_orders_training", "raw_payments_training")


@pytest.fixture(scope="session")
def datacontract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command, in an environment of its own."""
    given = os.environ.get("DATACONTRACT_CLI")
    if given:
        return Path(given)
    folder = tmp_path_factory.mktemp("datacontract")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    install = [folder / "bin" / "pip", "install", "--quiet", "-r", REQUIREMENTS]
    done = subprocess.run(install, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"the Data Contract CLI cannot be installed: {done.stderr.strip()[-200:]}")
    return folder / "bin" / "datacontract"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    shell = InProcess(tmp_path_factory.mktemp("made"))
    done = shell("materialize", "jaffle", "--partitions", DAYS)
    assert done.returncode == 0, done.stderr
    return shell


def test_contracts_of_all_tables_are_valid(datacontract: Path, made: Shell, tmp_path: Path) -> None:
    assert made("contract", "--to", str(tmp_path)).returncode == 0
    # One of each domain, and one with nested columns: each is a process of seconds.
    chosen = [min(folder.glob("*.odcs.yaml")) for folder in sorted(tmp_path.iterdir())]
    for path in [*chosen, tmp_path / "journey" / "events.odcs.yaml"]:
        _run(datacontract, "lint", path)


def test_contracts_hold_for_the_lake(datacontract: Path, made: Shell, tmp_path: Path) -> None:
    assert made("contract", "jaffle", "--to", str(tmp_path)).returncode == 0
    for table in TABLES:
        found = _run(datacontract, "test", tmp_path / "jaffle" / f"{table}.odcs.yaml")
        assert "passed" in found
        assert "failed" not in found


def test_contracts_hold_for_postgresql(
    datacontract: Path, made: Shell, tmp_path: Path, postgres_url: str
) -> None:
    stored = {"SYNTH_POSTGRES_URL": postgres_url, "SYNTH_STORE": "postgres"}
    copied = made(
        "copy", "jaffle/raw_*_training", "--from", "parquet", "--to", "postgres", **stored
    )
    assert copied.returncode == 0, copied.stderr
    assert made("contract", "jaffle", "--to", str(tmp_path), **stored).returncode == 0
    known = psycopg.conninfo.conninfo_to_dict(postgres_url)
    login = {
        "DATACONTRACT_POSTGRES_USERNAME": str(known["user"]),
        "DATACONTRACT_POSTGRES_PASSWORD": str(known.get("password") or "none"),
        "DATACONTRACT_POSTGRES_HOST": str(known["host"]),
    }
    for table in TABLES:
        found = _run(datacontract, "test", tmp_path / "jaffle" / f"{table}.odcs.yaml", **login)
        assert "has physical type" in " ".join(found.split())


def test_a_broken_reference_fails(datacontract: Path, made: Shell, tmp_path: Path) -> None:
    assert made("contract", "jaffle", "--to", str(tmp_path)).returncode == 0
    path = tmp_path / "jaffle" / "raw_orders_training.odcs.yaml"
    text = path.read_text().replace(
        "lake/jaffle/raw_customers_training/*", "lake/jaffle/raw_customers_validation/*"
    )
    path.write_text(text)
    done = subprocess.run([datacontract, "test", path], capture_output=True, text=True)
    assert done.returncode == 1, done.stdout


def test_exported_rows_are_of_their_json_schema(made: Shell, tmp_path: Path) -> None:
    assert made("contract", "jaffle", "--to", str(tmp_path)).returncode == 0
    files = tmp_path / "files"
    done = made("export", "jaffle", "--to", str(files), "--format", "ndjson")
    assert done.returncode == 0, done.stderr
    for file in sorted(files.glob("*.ndjson")):
        schema = json.loads((tmp_path / "jaffle" / f"{file.stem}.schema.json").read_text())
        validator = jsonschema.Draft202012Validator(schema)
        for line in file.read_text().splitlines()[:200]:
            validator.validate(json.loads(line))


def _run(command: Path, verb: str, contract: Path, **environment: str) -> str:
    done = subprocess.run(
        [command, verb, contract], capture_output=True, text=True, env=os.environ | environment
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout
