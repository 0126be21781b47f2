"""The GA4 export of the journey: the whole sample's size, and a day against a bare write."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import Any

from synth_assets_tests.bench.processes import answer, measure
from synth_assets_tests.bench.rows import Goal, Row, Scale
from synth_assets_tests.bench.stopwatch import Stopwatch, best

WHOLE_SAMPLE = {"SYNTH_JOURNEY_SCALE": "1", "SYNTH_JOURNEY_END_DATE": "2021-02-01"}
TENTH = WHOLE_SAMPLE | {"SYNTH_JOURNEY_SCALE": "0.1"}
BUSIEST = "2020-12-08"


def export() -> dict[str, Any]:
    """The events of three months into Parquet files."""
    from synth_assets.core import sources
    from synth_assets.domains.journey.domain import domain
    from synth_assets.domains.journey.tables import events
    from synth_assets.stores import open_store

    with Stopwatch() as watch, tempfile.TemporaryDirectory() as folder:
        journey = domain()
        table = journey.table(events.NAME)
        store, rows = open_store("parquet", folder), 0
        for partition, frame in sources.frames(table, journey.scenario, table.partitioning.keys()):
            rows += store.replace(table, partition.key, frame, "bench").rows
    return {"rows": rows, **watch.numbers()}


def day() -> dict[str, Any]:
    """The busiest day's events made, and a bare write of them."""
    from synth_assets.core import sources
    from synth_assets.domains.journey.domain import domain
    from synth_assets.domains.journey.tables import events

    journey = domain()
    table = journey.table(events.NAME)
    partition = table.partition(journey.scenario, BUSIEST)
    made = sources.frame(table, journey.scenario, partition).collect()
    ours = best(lambda: sources.frame(table, journey.scenario, partition).collect())
    with tempfile.NamedTemporaryFile() as file:
        bare = best(lambda: made.write_parquet(file.name, compression_level=1))
    return {"rows": len(made), **ours.numbers(), **bare.numbers("bare_")}


def three_months(scale: Scale) -> Iterator[Row]:
    """Three months of events into Parquet files."""
    whole = scale is not Scale.quick
    found = measure(__name__, "export", **(WHOLE_SAMPLE if whole else TENTH))
    yield Row(
        "GA4 events of three months, the sample's size" if whole else "GA4 events, a tenth of it",
        found["cpu_seconds"],
        found["wall_seconds"],
        found["peak_mib"],
        goal=Goal("wall_seconds", 20) if whole else None,
        details={"rows": found["rows"]},
    )


def one_day(scale: Scale) -> Iterator[Row]:
    """A day of events made, against a bare write of them."""
    found = measure(__name__, "day", **WHOLE_SAMPLE)
    yield Row(
        "a day of GA4 events made",
        found["cpu_seconds"],
        found["wall_seconds"],
        found["peak_mib"],
        ratio=found["cpu_seconds"] / found["bare_cpu_seconds"],
        against="a bare Parquet write of them",
        details={"rows": found["rows"]},
    )


PART = (three_months, one_day)

if __name__ == "__main__":
    answer({"export": export, "day": day})
