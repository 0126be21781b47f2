"""Digests of a thousand users' data, kept in ``golden_digests.json``.

After a deliberate change of rows, raise the table's ``code_version`` and write the file anew:

    python -m synth_assets_tests.domains.clean_room.golden
"""

from __future__ import annotations

import json
from pathlib import Path

from synth_assets_tests.domains.clean_room.made import all_made, clean_room, default, generated
from synth_assets_tests.domains.golden import Digests, digests

FILE = Path(__file__).with_name("golden_digests.json")
TABLES = [table.name for table in generated(default())]
AGAIN = "regenerate by `python -m synth_assets_tests.domains.clean_room.golden`"


def now() -> Digests:
    """The digests as the code makes the rows."""
    small = clean_room(users=1_000)
    return digests(small.tables, all_made(small))


def main() -> None:
    """Write the file anew."""
    FILE.write_text(json.dumps(now(), indent=2) + "\n", encoding="utf-8")
    print(f"wrote {FILE}")


if __name__ == "__main__":
    main()
