"""Digests of two days of a small export, kept in ``golden_digests.json``.

After a deliberate change of rows, raise the table's ``code_version`` and write the file anew:

    python -m synth_assets_tests.domains.journey.golden
"""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

from synth_assets_tests.domains.golden import Digests, digests
from synth_assets_tests.domains.journey.made import DAYS, journey, made

FILE = Path(__file__).with_name("golden_digests.json")
TABLES = ["events"]
AGAIN = "regenerate by `python -m synth_assets_tests.domains.journey.golden`"


def now() -> Digests:
    """The digests as the code makes the rows."""
    of = journey(scale=0.01)
    return digests(of.tables, {"events": pl.concat(made(of, DAYS).values())})


def main() -> None:
    """Write the file anew."""
    FILE.write_text(json.dumps(now(), indent=2) + "\n", encoding="utf-8")
    print(f"wrote {FILE}")


if __name__ == "__main__":
    main()
