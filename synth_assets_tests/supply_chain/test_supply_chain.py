"""Pins name no address, have hashes or none, and declare their licences."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from synth_assets_tests.supply_chain.licences import UNDECLARED, licences
from synth_assets_tests.supply_chain.pins import FILE, Pin, command, pins
from synth_assets_tests.supply_chain.tools import audit, report, sbom

TEXT = """# a comment
agate==1.9.1 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
psycopg[binary]==3.3.9 ; python_version < '3.13' \\
    --hash=sha256:cc
plain==2.0
"""


def test_pins_are_read_with_their_hashes() -> None:
    assert pins(TEXT) == [
        Pin("agate", "1.9.1", ("sha256:aa", "sha256:bb")),
        Pin("psycopg", "3.3.9", ("sha256:cc",)),
        Pin("plain", "2.0", ()),
    ]


def test_the_file_names_no_address_and_pip_accepts_its_hashes() -> None:
    text = FILE.read_text()
    assert "://" not in text
    found = pins(text)
    without = [pin.name for pin in found if not pin.hashes]
    # With a hash anywhere, pip refuses every package without one.
    assert not without or len(without) == len(found), f"run `make lock`: {without}"


def test_the_command_pins_every_extra_without_addresses(tmp_path: Path) -> None:
    words = command(tmp_path / "pins.txt")
    assert {"--all-extras", "--generate-hashes", "--no-emit-index-url"} <= set(words)


@pytest.mark.slow
def test_licences_are_declared() -> None:
    found = list(licences(pins(FILE.read_text())))
    print("\n".join(f"{one.package} {one.version}: {one.name}" for one in found))
    undeclared = [one.package for one in found if one.name == UNDECLARED]
    reciprocal = [f"{one.package}: {one.name}" for one in found if one.is_reciprocal]
    print("not declared:", undeclared, "reciprocal:", reciprocal)
    assert len(found) > 100
    assert len(undeclared) < len(found) / 10


@pytest.mark.slow
def test_the_bill_names_what_is_installed(tmp_path: Path) -> None:
    try:
        sbom(tmp_path / "sbom.json")
    except subprocess.CalledProcessError as error:
        pytest.skip(f"the tools cannot be installed here: {error}")
    bill = json.loads((tmp_path / "sbom.json").read_text())
    assert bill["bomFormat"] == "CycloneDX"
    assert {"dagster", "polars"} <= {part["name"] for part in bill["components"]}


KNOWN = {"name": "old", "version": "1.0", "vulns": [{"id": "X-1", "fix_versions": ["1.1"]}]}
CLEAN = {"name": "new", "version": "2.0", "vulns": []}
UNKNOWN = {"name": "own", "version": "3.0", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("packages", "code", "words"),
    [
        ([CLEAN], 0, "1 of 1 packages were looked up: 0 known"),
        ([CLEAN, KNOWN], 1, "old 1.0: X-1, fixed in 1.1"),
        ([CLEAN, UNKNOWN], 2, "1 of 2 packages were looked up"),
    ],
)
def test_an_audit_tells_what_it_could_not_look_up(
    packages: list[dict[str, Any]], code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report(packages) == code
    assert words in capsys.readouterr().out


@pytest.mark.slow
def test_the_audit_is_reported() -> None:
    try:
        code = audit()
    except subprocess.CalledProcessError as error:
        pytest.skip(f"the tools cannot be installed here: {error}")
    assert code in (0, 1, 2)  # what is known changes without the project: it does not fail here
