"""Digests of made rows, kept in a file: rows change only together with their ``code_version``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import blake2b

import polars as pl

from synth_assets.core.model import Table

Digests = dict[str, dict[str, str]]


def digest(frame: pl.DataFrame) -> str:
    """A hash of column names and values as text, the same under any version of Polars."""
    text = blake2b(repr(frame.columns).encode(), digest_size=16)
    for row in frame.iter_rows():
        text.update(repr([_plain(value) for value in row]).encode())
    return text.hexdigest()


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def digests(tables: Iterable[Table], frames: Mapping[str, pl.DataFrame]) -> Digests:
    """Code version and digest of each table's frame."""
    versions = {table.name: table.code_version for table in tables}
    return {n: {"code_version": versions[n], "digest": digest(f)} for n, f in frames.items()}


def complaint(table: str, golden: Digests, now: Digests, again: str) -> str | None:
    """What is wrong with a table's digest, in words; None where all is well.

    ``again`` says how to write the file anew.
    """
    if table not in now:
        return f"{table} is no longer made: {again}"
    if table not in golden:
        return f"{table} is new: {again}"
    if golden[table] == now[table]:
        return None
    was, is_ = golden[table]["code_version"], now[table]["code_version"]
    if was != is_:
        return f"{table} has code_version {is_}, the file knows {was}: {again}"
    return (
        f"the rows of {table} changed but its code_version is still {is_}. Slices made before and "
        "after would be taken for the same. Either undo the change or, if it is meant, raise "
        f"code_version in the table's file and {again}. (Another release of Faker changes its "
        "words, and therefore rows, too.)"
    )
