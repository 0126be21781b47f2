"""Digests of a thousand households, kept in ``golden_digests.json``.

After a deliberate change of rows, raise the table's ``code_version`` and write the file again:

    python -m synth_assets_tests.domains.identity_graph.golden
"""

from __future__ import annotations

import json
from pathlib import Path

from synth_assets_tests.domains.golden import Digests, digests
from synth_assets_tests.domains.identity_graph.made import default, graph, stored, whole

FILE = Path(__file__).with_name("golden_digests.json")
TABLES = [table.name for table in default().tables]
AGAIN = "regenerate by `python -m synth_assets_tests.domains.identity_graph.golden`"


def now() -> Digests:
    """The digests of the rows that the code generates."""
    # Few engagements per person, since hashing rows in Python is slow.
    small = graph(1_000, engagement_config={"events_per_person": {"mean": 10}})
    return digests(small.tables, whole(stored(small)))


def main() -> None:
    """Write the file."""
    FILE.write_text(json.dumps(now(), indent=2) + "\n", encoding="utf-8")
    print(f"wrote {FILE}")


if __name__ == "__main__":
    main()
