"""The clock moved back by a day: what was stored before is dated in the future.

The clock of a machine is everybody's, so the dates of what is stored are moved forward instead, in
files and in Delta's log, which is the same to all that compares them with the clock.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

from synth_assets_tests.torture.places import FILES, KINDS
from synth_assets_tests.torture.states import KEYS, TABLE, first_versions, problem, replace
from synth_assets_tests.torture.trials import Budget, Trial

DAY_SECONDS = 86_400
# Fields of Delta's log with milliseconds since 1970.
DATED = re.compile(r'"(timestamp|modificationTime|deletionTimestamp|createdTime|lastUpdated)"'
                   r":(\d{13})")  # fmt: skip


def moved_clocks(budget: Budget) -> Iterator[Trial]:
    """Partitions are replaced, read, maintained and dropped after the clock has moved back."""
    for kind in FILES:
        trial = Trial("the clock moved back a day", kind)
        with KINDS[kind]() as opened:
            place = opened()
            first_versions(place)
            for version, chance in enumerate(budget.rounds(trial, len(FILES)), start=1):
                _date_in_the_future(Path(place.location))
                store, key = place.open(), chance.choice(KEYS)
                replace(store, key, version)
                found = problem(place, {key: version})
                if kind == "delta":
                    store.maintain(TABLE, retain_hours=0)  # type: ignore[attr-defined]
                    found = found or problem(place, {key: version})
                store.drop(TABLE, [key])
                if key in place.open().describe(TABLE):
                    found = found or f"{key} is stored though it was dropped"
                replace(store, key, version)
                trial.hold(found)
        yield trial


def _date_in_the_future(root: Path) -> None:
    files = [root] if root.is_file() else [p for p in root.rglob("*") if p.is_file()]
    for file in files:
        if file.parent.name == "_delta_log" and file.suffix == ".json":
            text = DATED.sub(_a_day_later, file.read_text())
            for line in text.splitlines():
                json.loads(line)
            file.write_text(text)
        stamp = file.stat().st_mtime + DAY_SECONDS
        os.utime(file, (stamp, stamp))


def _a_day_later(found: re.Match[str]) -> str:
    return f'"{found[1]}":{int(found[2]) + DAY_SECONDS * 1000}'


PART = (moved_clocks,)
