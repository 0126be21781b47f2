"""Tools in an environment of their own: their packages differ from the project's."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from synth_assets.orchestration.shipped import PROJECT
from synth_assets_tests.supply_chain.pins import FILE

TOOLS = Path(__file__).with_name("tools.txt")
ENVIRONMENT = PROJECT / ".synth" / "tools"
BILL = "sbom.json"


def tool(name: str) -> str:
    """The path of a tool; the environment is built when it is first needed.

    Args:
        name: The tool's command.

    Raises:
        subprocess.CalledProcessError: The environment cannot be built.
    """
    ready = ENVIRONMENT / ".ready"
    if not ready.exists() or ready.read_text() != TOOLS.read_text():
        subprocess.run([sys.executable, "-m", "venv", "--clear", ENVIRONMENT], check=True)
        install = [ENVIRONMENT / "bin" / "pip", "install", "--quiet", "-r", TOOLS]
        subprocess.run(install, check=True)
        ready.write_text(TOOLS.read_text())
    return str(ENVIRONMENT / "bin" / name)


def sbom(output: Path = PROJECT / BILL) -> None:
    """Writes the bill of materials of the environment (CycloneDX, JSON).

    Args:
        output: The file.
    """
    subprocess.run(
        [
            tool("cyclonedx-py"), "environment", sys.executable, "--pyproject", "pyproject.toml",
            "--mc-type", "application", "--output-reproducible", "--output-file", output,
        ],
        cwd=PROJECT, check=True,
    )  # fmt: skip


def audit() -> int:
    """Prints known vulnerabilities of the pins; needs PyPI's records of them.

    Returns:
        0 if none is known, 1 if some are, 2 if a package could not be asked about.
    """
    command = [tool("pip-audit"), "--requirement", str(FILE), "--require-hashes", "--disable-pip"]
    asked = subprocess.run(
        [*command, "--progress-spinner", "off", "--format", "json"],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    try:
        packages = json.loads(asked.stdout)["dependencies"]
    except ValueError:
        print(asked.stderr, end="")
        return 2
    return report(packages)


def report(packages: Sequence[Mapping[str, Any]]) -> int:
    """Prints the vulnerabilities that were found, and how many packages are unknown.

    Args:
        packages: The ``dependencies`` of pip-audit's JSON.

    Returns:
        The exit code of ``audit``.
    """
    found = [(p, v) for p in packages for v in p.get("vulns", [])]
    for package, vulnerability in found:
        fixed = ", ".join(vulnerability["fix_versions"]) or "no version"
        print(f"{package['name']} {package['version']}: {vulnerability['id']}, fixed in {fixed}")
    unknown = [package for package in packages if "skip_reason" in package]
    asked = f"{len(packages) - len(unknown)} of {len(packages)} packages"
    print(f"{asked} were looked up: {len(found)} known vulnerabilities")
    if unknown:
        print(f"the others could not be, for example: {unknown[0]['skip_reason']}")
    return 1 if found else 2 if unknown else 0
