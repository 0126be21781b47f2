"""What a record, a partition and an event cost: measured (``docs/benchmarks.md``) or assumed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from synth_assets_tests.bench import results


@dataclass(frozen=True)
class Rates:
    """Costs by unit; times are seconds.

    Attributes:
        record: Processor seconds to make a record and write it.
        judged: Processor seconds of the gates for a record.
        bytes: Compressed bytes of a record.
        event: Seconds of the instance's database for an event.
        event_bytes: Bytes of an event in it.
        step: Seconds of a worker to begin a step (assumed, of Celery on one machine).
        dispatch: Seconds of the process that hands out steps, for a step (assumed).
        request: Seconds of a request to the object store (assumed).
        bandwidth: Bytes that a worker uploads or downloads in a second (assumed).
        part: Bytes of a part of an upload.
    """

    record: float
    judged: float
    bytes: float
    event: float
    event_bytes: float
    step: float = 0.5
    dispatch: float = 0.05
    request: float = 0.03
    bandwidth: float = 100e6
    part: float = 10 * 2**20


def measured() -> Rates:
    """The rates of the kept benchmark results, with what is assumed."""
    parts = results.latest(results.KEPT)
    made = _row(parts["identity"], "eight tables of 50M records, alone")
    gates = _row(parts["identity"], "gates of eight tables of")
    records = 1e6 * float(gates["name"].split()[-2].removesuffix("M"))
    event = _row(parts["jaffle"], "a partition's result stored")
    year = _row(parts["jaffle"], "365 days, one run: cost")
    size = _row(parts["jaffle"], "365 days, one run: size")
    events = year["details"]["partitions"] + year["details"]["results"]
    return Rates(
        record=made["cpu_seconds"] / made["details"]["rows"],
        judged=gates["cpu_seconds"] / records,
        bytes=made["details"]["bytes"] / made["details"]["rows"],
        event=event["value"] / 1e3,
        event_bytes=size["value"] * 1e6 / events,
    )


def _row(part: dict[str, Any], beginning: str) -> dict[str, Any]:
    rows = (row for row in part["rows"] if row["name"].startswith(beginning))
    # Some rows have one number and no others, such as the memory of another row.
    return next(row for row in rows if "cpu_seconds" in row or "value" in row)
