"""Makes ``docs/reliability.md`` from the kept results.

``python -m synth_assets_tests.torture.page`` reads ``docs/reliability/results.json``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synth_assets_tests.bench.page import number, table
from synth_assets_tests.torture import results
from synth_assets_tests.torture.__main__ import PARTS

PAGE = results.KEPT.parent.parent / "reliability.md"
Line = Mapping[str, Any]
INTRODUCTION = """# Reliability

A partition is stored whole or not at all, whatever happens to the process that writes it. This page
says what was tried, how often, and what was stored afterwards. Its tables are made from
[results.json](reliability/results.json) by

<!-- not run: it takes an hour -->
```sh
make torture                                       # all parts, an hour at most
python -m synth_assets_tests.torture kills disk --minutes 10 --json docs/reliability/results.json
python -m synth_assets_tests.torture.page
```

Words of the tables:

- **Torn**: rows of a partition that are not those of one version of it, or not as many as recorded.
- **Lost**: a partition that is missing, or older than the version of which `replace` had returned.
- **Failed**: how often something was torn, lost, left behind, or reported as it should not be.
  After every fault the same partition is written again, which has to succeed.
- **Simulated days**: each night the records of runs that are older than a week are purged. What is
  left of the instance grows with the partitions that are stored, by half a mebibyte a day.

Stores are real ones, except BigQuery's, which is an emulator on this machine, and the object
store, a server of `moto` behind a proxy that fails. Commands run in homes of their own. Signals,
kills and faults come at random instants of a seed; a slow machine spreads them otherwise than a
fast one. Fewer times than asked for mean that the time was up.
"""
RULES = """## What is done about a fault

| fault | what happens |
| --- | --- |
| a writer is killed | the former partition stays; files of the dead writer are removed later |
| a full or failing disk | a line, exit code 2 or 3; the former partition stays |
| a file that is no database, a wrong password | an error at once that names it, without retries |
| a command that is killed while it creates the home | the next one completes it |
| a lock that another process holds | it is waited for, up to 30 s (DuckDB) or 60 s, and said so |
| a PostgreSQL that starts, or recovers | it is waited for, up to 30 s, and said so |
| a conflict of writers, a server that is busy | retried a few times with growing waits |
| Ctrl-C, SIGTERM | exit code 130 within seconds; finished partitions are kept |
| Ctrl-C, SIGTERM of `synth submit` | the daemon goes on; a line says where to cancel the backfill |
| a run that was killed | recorded as failed by the next command; its slot of a pool is freed |
| a file of which a bit changed | the gate fails and names the slice; making it again repairs it |
| a damaged DuckDB file | a line that names the file, to be moved away and made again |
| an embedded PostgreSQL without owners | stopped by its watcher |

DuckDB lets no process read a file while another one writes it: a reader waits, and is refused after
30 s. The other stores give a reader the partition as it was. How damage is found is in
[stores](stores.md#damage).
"""


def problem_texts(line: Line) -> str:
    """Numbers, remarks and failures of a line."""
    numbers = [
        f"{name} {number(value, 0 if float(value).is_integer() else 1)}"
        for name, value in line["numbers"].items()
    ]
    failures = [failure.replace("|", "/") for failure in line["failures"]]
    return "; ".join(filter(None, [*numbers, line["note"], *failures]))


def part_table(lines: list[Line]) -> str:
    """The lines of a part."""
    rows = [
        [line["fault"], line["place"], str(line["times"]), str(line["failed"]),
         number(line["seconds"], 0), problem_texts(line)]
        for line in lines
    ]  # fmt: skip
    head = ["fault", "where", "times", "failed", "s", "numbers"]
    texts = table(head, rows, texts=2).splitlines()
    texts[1] = texts[1].removesuffix("---: |") + "--- |"
    return "\n".join(texts)


def series_table(line: Line) -> str:
    """Numbers after each of the times, such as simulated days."""
    names = list(line["series"][0])
    rows = [
        [str(day), *(number(numbers[name], 1) for name in names)]
        for day, numbers in enumerate(line["series"], start=1)
    ]
    counts = {"open files", "threads", "runs"}
    head = ["day", *(name if name in counts else f"{name} (MiB)" for name in names)]
    return table(head, rows)


def summary(parts: Mapping[str, Any]) -> str:
    """All faults and failures in a sentence."""
    lines = [line for part in parts.values() for line in part["lines"]]
    times = sum(line["times"] for line in lines)
    failed = sum(line["failed"] for line in lines)
    kills = sum(line["times"] for line in lines if line["fault"].startswith("killed"))
    text = f"In all {times:,} faults, {kills:,} of them kills: {failed:,} failed."
    missing = [name for name in PARTS if name not in parts]
    return text + (
        f" These parts are not in the kept run: {', '.join(missing)}." if missing else ""
    )


def render(parts: Mapping[str, Any]) -> str:
    """The page.

    Args:
        parts: What ``results.read`` returns.
    """
    every = [line for part in parts.values() for line in part["lines"]]
    made = [f"{name}: {part['date']}" for name, part in parts.items()]
    texts = [INTRODUCTION, f"## What was tried\n\n{summary(parts)}\n", part_table(every), ""]
    for line in every:
        if line["series"]:
            texts += [f"## {line['fault'].capitalize()}\n", series_table(line), ""]
    machine = next(iter(parts.values()))["machine"] if parts else {}
    texts += [RULES, "## Machine\n"]
    if machine:
        texts.append(
            f"{machine['cpu']}, {machine['cores']} cores shared with others, "
            f"{machine['memory_gib']} GiB; {machine['os']}; Python {machine['python']}. "
            f"{'; '.join(made)}."
        )
    return "\n".join(texts).rstrip() + "\n"


def main() -> None:
    """Writes the page."""
    PAGE.write_text(render(results.read(results.KEPT)), encoding="utf-8")


if __name__ == "__main__":
    main()
