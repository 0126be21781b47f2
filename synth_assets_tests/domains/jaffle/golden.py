"""Digests of the default scenario's first ten days, kept in ``golden_digests.json``.

After a deliberate change of rows, raise the table's ``code_version`` and write the file again:

    python -m synth_assets_tests.domains.jaffle.golden
"""

from __future__ import annotations

import json
from pathlib import Path

from synth_assets_tests.domains.golden import Digests, digests
from synth_assets_tests.domains.jaffle.made import all_made, default

FILE = Path(__file__).with_name("golden_digests.json")
DAYS = 10
TABLES = [table.name for table in default().tables]
AGAIN = "regenerate by `python -m synth_assets_tests.domains.jaffle.golden`"


def now() -> Digests:
    """The digests of the rows that the code generates."""
    return digests(default().tables, all_made(default(), DAYS))


def main() -> None:
    """Write the file again."""
    FILE.write_text(json.dumps(now(), indent=2) + "\n", encoding="utf-8")
    print(f"wrote {FILE}")


if __name__ == "__main__":
    main()
