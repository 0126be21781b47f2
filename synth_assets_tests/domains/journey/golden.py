"""Digests of two days of a small export, and of the tables derived from a handwritten one, in
``golden_digests.json``.

After a deliberate change of rows, raise the table's ``code_version`` and write the file again:

    python -m synth_assets_tests.domains.journey.golden
"""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

from synth_assets_tests.domains.golden import Digests, digests
from synth_assets_tests.domains.journey import derived
from synth_assets_tests.domains.journey.exports import ODDITIES, shop
from synth_assets_tests.domains.journey.made import DAYS, journey, made

FILE = Path(__file__).with_name("golden_digests.json")
EVENTS = "events"
TABLES = [table.name for table in journey().tables]
AGAIN = "regenerate by `python -m synth_assets_tests.domains.journey.golden`"


def now() -> Digests:
    """The digests of the rows that the code generates."""
    of = journey(scale=0.01)
    frames = {EVENTS: pl.concat(made(of, DAYS).values())}
    # Enough days for late orders. These rows do not depend on the generated events.
    sold = pl.concat([ODDITIES, shop(400)])
    memory = derived.in_memory(derived.journey(sold, 14, gap_rate=0.6, test_order_rate=0.05))
    frames |= {name: derived.whole(memory, name) for name in TABLES if name != EVENTS}
    return digests(of.tables, frames)


def main() -> None:
    """Write the file again."""
    FILE.write_text(json.dumps(now(), indent=2) + "\n", encoding="utf-8")
    print(f"wrote {FILE}")


if __name__ == "__main__":
    main()
