"""Tools in an environment of their own: their packages differ from the project's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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
        The exit code of pip-audit: 0 if it knows of none.
    """
    command = [tool("pip-audit"), "--requirement", str(FILE), "--no-deps", "--disable-pip"]
    return subprocess.run([*command, "--progress-spinner", "off"], check=False).returncode
