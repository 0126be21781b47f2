"""What a store must have after a fault: whole partitions, none older than what was acknowledged.

A writer replaces partitions with the versions 1, 2, 3 … and reports each one that ``replace`` has
returned. A partition is torn if its rows are not those of one version. It is lost if it is missing
or older than the version that was reported.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from multiprocessing.connection import Connection

import polars as pl

from synth_assets.stores import Store
from synth_assets_tests.stores.frames import FRAME, table
from synth_assets_tests.stores.places import Place

KEYS = ("s0000", "s0001", "s0002")
TABLE = table()
ROWS = 4_000
# After which a server has ended the transactions of clients that are gone.
SETTLED_SECONDS = 2.0


def rows_of(key: str, version: int, rows: int = ROWS) -> pl.LazyFrame:
    """The rows of a version of a partition; their number depends on the version."""
    first = (KEYS.index(key) + 1) * 10_000_000
    number = rows + version % 7
    frame = pl.concat([FRAME] * (number // len(FRAME) + 1)).head(number)
    return frame.with_columns(
        id=first + pl.int_range(pl.len()), name=pl.lit(f"{key} {version}")
    ).lazy()


def replace(store: Store, key: str, version: int, rows: int = ROWS) -> None:
    """Replaces a partition by a version of it; the fingerprint is the version."""
    store.replace(TABLE, key, rows_of(key, version, rows), str(version))


def first_versions(place: Place) -> None:
    """Stores version 0 of each partition."""
    store = place.open()
    for key in KEYS:
        replace(store, key, 0)


def _begun(place: Place, reports: Connection) -> Store:
    """The store, once a first partition is replaced; reports how many seconds the next one took."""
    store = place.open()
    replace(store, KEYS[0], 0)
    started = time.perf_counter()
    replace(store, KEYS[0], 0)
    reports.send(("ready", time.perf_counter() - started))
    return store


def _written(
    place: Place, reports: Connection, keys: Sequence[str] = KEYS
) -> Iterator[tuple[Store, str]]:
    """The store after each partition that is replaced and reported, without an end."""
    store = _begun(place, reports)
    for version in count(1):
        for key in keys:
            replace(store, key, version)
            reports.send((key, version))
            yield store, key


def write_forever(place: Place, reports: Connection, keys: Sequence[str] = KEYS) -> None:
    """Replaces partitions one after the other, and reports each that is stored."""
    for _ in _written(place, reports, keys):
        pass


def read_forever(place: Place, reports: Connection) -> None:
    """Writes, and reads all partitions after each one that it has written."""
    for store, _ in _written(place, reports):
        store.scan(TABLE).collect()
        store.describe(TABLE)


def maintain_forever(place: Place, reports: Connection) -> None:
    """Writes, and maintains the table after each version of all partitions."""
    for store, key in _written(place, reports):
        if key == KEYS[-1]:
            store.maintain(TABLE, retain_hours=0)  # type: ignore[attr-defined]


def problem(
    place: Place, reported: Mapping[str, int] | None = None, *, written: bool = False
) -> str | None:
    """What is torn or lost; None if nothing is.

    Args:
        place: The store.
        reported: The version of each partition that the writer has reported.
        written: Whether a process writes meanwhile, so that the store's record of a partition may
            be older than its rows.
    """
    found = _problem(place, reported or {}, written)
    if found and not written:
        # A server may have ended the transaction of a killed client between two looks at it. What
        # is torn or lost stays so.
        time.sleep(SETTLED_SECONDS)
        found = _problem(place, reported or {}, written)
    return found


def _problem(place: Place, reported: Mapping[str, int], written: bool) -> str | None:
    store = place.open()
    found = store.describe(TABLE)
    for key in KEYS:
        if key not in found:
            return f"lost: {key} is not stored"
        rows = store.scan(TABLE, [key]).collect()
        names = rows["name"].unique().to_list()
        if len(names) != 1:
            return f"torn: {key} has rows of {len(names)} versions"
        version = int(names[0].split()[1])
        expected = rows_of(key, version).select(pl.len()).collect().item()
        if len(rows) != expected or rows["id"].n_unique() != expected:
            return f"torn: {key} has {len(rows)} rows, {expected} were written"
        record = (found[key].rows, found[key].fingerprint)
        if not written and record != (expected, str(version)):
            return f"torn: {key} is version {version}, recorded is {record}"
        if version < reported.get(key, 0):
            return f"lost: {key} is version {version}, {reported[key]} was reported"
    return None
