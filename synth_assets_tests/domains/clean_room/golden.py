"""Digests of a thousand users' data, stored in ``golden_digests.json``.

The account tier model is left out, since its last bits depend on libraries and on the processor.

After a deliberate change of rows, raise the table's ``code_version`` and rewrite the file:

    python -m synth_assets_tests.domains.clean_room.golden
"""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

from synth_assets_tests.domains.clean_room.made import (
    ASKED,
    PARTIES,
    all_made,
    clean_room,
    default,
    derived,
    generated,
    stored,
)
from synth_assets_tests.domains.golden import Digests, digests

FILE = Path(__file__).with_name("golden_digests.json")
DERIVED = [*PARTIES, *ASKED]
TABLES = [*(table.name for table in generated(default())), *DERIVED]
AGAIN = "regenerate by `python -m synth_assets_tests.domains.clean_room.golden`"


def now() -> Digests:
    """The digests of the generated rows; splits of derived tables are concatenated."""
    # Months of orders, so that the use cases have large enough groups.
    small = clean_room(users=1_000, snapshot_window_days=365)
    frames = all_made(small)
    slices = derived(small, stored(frames), DERIVED).slices
    return digests(
        small.tables, frames | {name: pl.concat(slices[name].values()) for name in DERIVED}
    )


def main() -> None:
    """Rewrite the file."""
    FILE.write_text(json.dumps(now(), indent=2) + "\n", encoding="utf-8")
    print(f"wrote {FILE}")


if __name__ == "__main__":
    main()
