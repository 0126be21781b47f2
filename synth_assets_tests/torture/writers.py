"""Two writers of one partition, and a reader while it is replaced."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Iterator

from synth_assets.core.errors import UserError
from synth_assets_tests.stores.places import Place
from synth_assets_tests.torture.places import KINDS
from synth_assets_tests.torture.states import (
    KEYS,
    TABLE,
    first_versions,
    problem,
    replace,
    rows_of,
)
from synth_assets_tests.torture.trials import Budget, Trial

SPAWNED = multiprocessing.get_context("spawn")
# What one process replaces while others write or read.
REPLACEMENTS = 8


def two_writers(budget: Budget) -> Iterator[Trial]:
    """Two processes replace the same partitions at the same time."""
    for kind in KINDS:
        trial = Trial("two writers on a slice", kind)
        with KINDS[kind]() as opened:
            place = opened()
            first_versions(place)
            for chance in budget.rounds(trial, len(KINDS)):
                version = chance.randrange(1, 1_000_000)
                writers = [
                    SPAWNED.Process(target=_write, args=(place, version + n)) for n in range(2)
                ]
                for writer in writers:
                    writer.start()
                for writer in writers:
                    writer.join()
                failed = [w.exitcode for w in writers if w.exitcode]
                trial.count("replaced", 2 * REPLACEMENTS)
                trial.hold(f"exit codes {failed}" if failed else problem(place))
        yield trial


def _write(place: Place, version: int) -> None:
    store = place.open()
    for number in range(REPLACEMENTS):
        replace(store, KEYS[number % len(KEYS)], version + 2 * number)


def readers(budget: Budget) -> Iterator[Trial]:
    """A reader reads a partition again and again while another process replaces it."""
    for kind in KINDS:
        trial = Trial("a reader during every replace", kind)
        with KINDS[kind]() as opened:
            place = opened()
            first_versions(place)
            for chance in budget.rounds(trial, len(KINDS)):
                version = chance.randrange(1, 1_000_000)
                writer = SPAWNED.Process(target=_write, args=(place, version))
                writer.start()
                ended = threading.Thread(target=writer.join)
                ended.start()
                found = _read_until(place, ended, trial)
                ended.join()
                if writer.exitcode:
                    found = found or f"the writer's exit code is {writer.exitcode}"
                trial.hold(found)
        yield trial


def _read_until(place: Place, ended: threading.Thread, trial: Trial) -> str | None:
    """Reads while the writer writes; what was read that is no version of a partition."""
    store, key = place.open(), KEYS[0]
    while ended.is_alive():
        try:
            rows = store.scan(TABLE, [key]).select("name", "id").collect()
        except UserError as error:
            # DuckDB lets nobody read a file that another process writes: the reader is told so.
            if "lock" not in str(error):
                return f"a reader failed: {error}"
            trial.count("reads refused")
            continue
        trial.count("reads")
        names = rows["name"].unique().to_list()
        if len(names) != 1:
            return f"torn: a reader saw {len(names)} versions"
        expected = rows_of(key, int(names[0].split()[1])).collect().height
        if len(rows) != expected:
            return f"torn: a reader saw {len(rows)} of {expected} rows"
    return None


PART = (two_writers, readers)
