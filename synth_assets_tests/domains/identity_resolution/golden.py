"""Digests of ten thousand records, kept in ``golden_digests.json``.

After a deliberate change of rows, raise the table's ``code_version`` and write the file again:

    python -m synth_assets_tests.domains.identity_resolution.golden
"""

from __future__ import annotations

import json
from pathlib import Path

from synth_assets_tests.domains.golden import Digests, digests
from synth_assets_tests.domains.identity_resolution.made import (
    all_made,
    default,
    generated,
    identity,
)

FILE = Path(__file__).with_name("golden_digests.json")
TABLES = [table.name for table in generated(default())]
AGAIN = "regenerate by `python -m synth_assets_tests.domains.identity_resolution.golden`"


def now() -> Digests:
    """The digests of the rows that the code generates."""
    small = identity(scale="10K")
    return digests(small.tables, all_made(small))


def main() -> None:
    """Write the file."""
    FILE.write_text(json.dumps(now(), indent=2) + "\n", encoding="utf-8")
    print(f"wrote {FILE}")


if __name__ == "__main__":
    main()
