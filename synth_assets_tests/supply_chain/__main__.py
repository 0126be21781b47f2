"""``python -m synth_assets_tests.supply_chain lock|licences|sbom|audit``."""

from __future__ import annotations

import sys

from synth_assets_tests.supply_chain.licences import licences
from synth_assets_tests.supply_chain.pins import FILE, lock, pins
from synth_assets_tests.supply_chain.tools import audit, sbom


def print_licences() -> None:
    """Prints a line for each package."""
    for licence in licences(pins(FILE.read_text())):
        print(f"{licence.package}\t{licence.version}\t{licence.name}")


COMMANDS = {"lock": lock, "licences": print_licences, "sbom": sbom, "audit": audit}


def main() -> int:
    """Runs one of the commands; its exit code."""
    name = sys.argv[1] if len(sys.argv) == 2 else ""
    if name not in COMMANDS:
        print(f"usage: python -m synth_assets_tests.supply_chain {'|'.join(COMMANDS)}")
        return 2
    return COMMANDS[name]() or 0


if __name__ == "__main__":
    sys.exit(main())
