"""Digests of the default scenario's first ten days, kept in ``golden_digests.json``.

After a deliberate change of rows, raise the table's ``code_version`` and write the file anew:

    python -m synth_assets_tests.domains.jaffle.golden
"""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

import polars as pl

from synth_assets_tests.domains.jaffle.made import Frames, all_made, default

FILE = Path(__file__).with_name("golden_digests.json")
DAYS = 10
AGAIN = "regenerate by `python -m synth_assets_tests.domains.jaffle.golden`"

Digests = dict[str, dict[str, str]]


def digest(frame: pl.DataFrame) -> str:
    """A hash of column names and values as text, the same under any version of Polars."""
    text = blake2b(repr(frame.columns).encode(), digest_size=16)
    for row in frame.iter_rows():
        text.update(repr([_plain(value) for value in row]).encode())
    return text.hexdigest()


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def digests(frames: Frames) -> Digests:
    """Code version and digest of each table."""
    versions = {table.name: table.code_version for table in default().tables}
    return {n: {"code_version": versions[n], "digest": digest(f)} for n, f in frames.items()}


def complaint(table: str, golden: Digests, now: Digests) -> str | None:
    """What is wrong with a table's digest, in words; None where all is well."""
    if table not in now:
        return f"{table} is no longer made: {AGAIN}"
    if table not in golden:
        return f"{table} is new: {AGAIN}"
    if golden[table] == now[table]:
        return None
    was, is_ = golden[table]["code_version"], now[table]["code_version"]
    if was != is_:
        return f"{table} has code_version {is_}, the file knows {was}: {AGAIN}"
    return (
        f"the rows of {table} changed but its code_version is still {is_}. Slices made before and "
        "after would be taken for the same. Either undo the change or, if it is meant, raise "
        f"code_version in the table's file and {AGAIN}. (Another release of Faker changes its "
        "words, and therefore rows, too.)"
    )


def main() -> None:
    """Write the file anew."""
    text = json.dumps(digests(all_made(default(), DAYS)), indent=2)
    FILE.write_text(text + "\n", encoding="utf-8")
    print(f"wrote {FILE}")


if __name__ == "__main__":
    main()
