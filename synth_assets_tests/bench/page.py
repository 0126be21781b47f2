"""Makes ``docs/benchmarks.md`` and its plots from the kept results.

``python -m synth_assets_tests.bench.page`` reads ``docs/benchmarks/results.json``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from synth_assets_tests.bench import plots, results
from synth_assets_tests.bench.growth import growths
from synth_assets_tests.bench.peers.catalogue import OURS, PEERS
from synth_assets_tests.bench.rows import UNITS, Goal

PAGE = results.KEPT.parent.parent / "benchmarks.md"
Row = Mapping[str, Any]
HEADINGS = {
    "jaffle": "Range runs of the jaffle shop",
    "commands": "Commands",
    "identity": "Identity resolution",
    "graph": "Identity graph",
    "journey": "Customer journey",
    "stores": "Stores",
    "studio": "Pages of the studio",
}
# What the page begins with: parts, and how the names of their rows begin.
SUMMARY = (
    ("identity", "eight tables of 50M records, alone"),
    ("identity", "cells a processor second"),
    ("graph", "1,000,000 households, ten tables"),
    ("journey", "GA4 events of three months"),
    ("jaffle", "60 days of"),
)
INTRODUCTION = """# Benchmarks

This page and its plots are made from [results.json](benchmarks/results.json) by

<!-- not run: it takes a quarter of an hour -->
```sh
make bench-peers                                   # other generators, once
python -m synth_assets_tests.bench --scale full --json docs/benchmarks/results.json
python -m synth_assets_tests.bench.page
```

`make bench` measures the default scale in about a quarter of an hour and keeps its results in
`bench-results/latest.json`; `make bench PARTS="jaffle stores" SCALE=quick` measures a part.

How to read the numbers:

- They come from a shared virtual machine with 2 cores, which others used at the same time: seconds
  differ between runs. Processor seconds differ less, and ratios least: a ratio is one of processor
  seconds, against a peer in the same run.
- Processor seconds and memory are those of all processes that a measurement starts. Memory is the
  largest sum at one moment, looked at five times a second; what processes share is counted once.
- A goal is judged at the size for which it is set.
"""
LIMITS_TEXT = """## Where the time goes

What profiles of the measured commands show, and what goals that are not met would need:

- A partition of the jaffle shop costs 14 ms of processor time, of which 4 make and store it. Of the
  rest, 1.8 record its seven check results, 1.2 evaluate them, 1.1 read and write the preview, and
  0.7 are Dagster's handling of signals around each event. The goal would need Dagster to take the
  results of a step as one event.
- `make demo` keeps its two cores busy at 83%. dbt works 36 ms on a model or test, of which a fifth
  is SQL.
- A run from the UI imports Dagster (0.6 s) and the domains (1.3 s), then builds the definitions
  (1 s). Nothing else is left to leave out.
- Eight tables of identity resolution: a third of the time is the bare Parquet write. Of the rest no
  function takes more than 7%: positions of lookups are checked (7%), memory is copied (6%), texts
  are joined (4%), runs are searched (4%), and 500 more operations, 1 to 5 nanoseconds a row each.
  The plan of a batch's query takes 20 to 25 ms, 6 to 13% of a batch; larger batches need more
  memory, and smaller ones are slower. The goals would need all columns of a row in one pass of
  compiled code, instead of one pass of memory for each operation. Tried with numba: where a person
  lives takes 10 nanoseconds instead of 40; but half of what is made is text, which gains nothing,
  so that all numbers in kernels would come to about 2.4 of a bare write, and each process would
  start half a second later for each kernel. Memory that is kept for a minute instead of given back
  saves 7% and costs a quarter more of it.
- Of a million households, content engagements are half: 95 million rows at 0.26 microseconds to
  make and 0.19 to write. A third of their gates' time is the check that aggregates are what the
  stored engagements give when they are counted again.
- DuckDB itself is slower than a Parquet file: see its `CREATE TABLE AS` below. With one thread it
  costs a quarter less, and each of many small slices 2 ms more.
- PostgreSQL reads the store's binary rows in half the time of the CSV of a bare COPY, and checks
  keys in the time that is left.
"""
PEERS_TEXT = """## Other generators

Each makes its own typical table; the columns of e-commerce line items where it can be asked for
them. It runs as a process of its own with the versions of
[peers.txt](../synth_assets_tests/bench/peers.txt), and has a minute for each number of rows. The
start of the process is included: it is most of what few rows cost. In the table of all numbers of
rows, the ratio is our cells a processor second against the peer's.
"""


GROWTH_TEXT = """What further rows cost, the start apart, by the two largest numbers of rows.
The last column is the processor time of a cell as a multiple of ours.
"""


def number(value: float | None, digits: int = 1) -> str:
    """A number for people, with thousands separated; empty if there is none."""
    return "" if value is None else f"{value:,.{digits}f}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]], texts: int = 1) -> str:
    """A Markdown table.

    Args:
        head: Its columns.
        rows: Its rows.
        texts: How many columns are texts; the others are numbers.
    """
    rule = ["---"] * texts + ["---:"] * (len(head) - texts)
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, rule, *rows))


def summary_rows(parts: Mapping[str, Any]) -> Iterator[list[str]]:
    """The few rows that the page begins with."""
    for part, beginning in SUMMARY:
        for row in parts.get(part, {}).get("rows", ()):
            if row["name"].startswith(beginning):
                yield [
                    row["name"],
                    against(row),
                    number(row.get("wall_seconds")),
                    number(row.get("peak_mib"), 0),
                    number(row.get("ratio"), 2),
                ]
    for name, *_, ratio in growth_rows(parts) if "peers" in parts else ():
        if name == "faker":
            yield ["a cell of a Faker loop, its start apart", "a cell of ours", "", "", ratio]


def growth_rows(parts: Mapping[str, Any]) -> Iterator[list[str]]:
    """What further rows cost each generator, and a cell of it against ours."""
    found = growths(parts["peers"]["rows"])
    ours = found.get(OURS.name)
    for growth in found.values():
        ratio = growth.million_cells / ours.million_cells if ours and growth != ours else None
        yield [growth.name, number(growth.million_rows, 2), number(ratio, 2)]


def goal_rows(parts: Mapping[str, Any]) -> Iterator[list[str]]:
    """A line for each row with a goal that has been judged."""
    for name in HEADINGS:
        for row in parts.get(name, {}).get("rows", ()):
            if "met" in row:
                met = "met" if row["met"] else "**not met**"
                yield [row["name"], against(row), _judged(row), str(Goal(**row["goal"])), met]


def against(row: Row) -> str:
    """What a row's ratio is against."""
    return str(row.get("against", ""))


def _judged(row: Row) -> str:
    """The number that the goal is about."""
    name = row["goal"]["number"]
    measured, unit = row[name], row.get("unit", "") if name == "value" else UNITS.get(name, "")
    return f"{number(measured, 2 if measured < 10 else 1)} {unit}".strip()


def part_table(rows: Sequence[Row]) -> str:
    """All rows of a part."""
    head = ["what", "against; note", "CPU s", "s", "MiB", "ratio", "value"]
    lines = [
        [
            row["name"],
            "; ".join(filter(None, [against(row), row.get("note", "")])),
            number(row.get("cpu_seconds")),
            number(row.get("wall_seconds")),
            number(row.get("peak_mib"), 0),
            number(row.get("ratio"), 2),
            f"{number(row.get('value'), 2)} {row.get('unit', '')}".strip(),
        ]
        for row in rows
    ]
    return table(head, lines, texts=2)


def peer_table(rows: Sequence[Row]) -> str:
    """Generators side by side: rates a processor second, and memory."""
    head = ["generator and rows", "rows/CPU s", "cells/CPU s", "MB/CPU s", "s", "MiB", "ratio"]
    lines = []
    for row in rows:
        details = row.get("details")
        if not details:
            lines.append([f"{row['name']}: {row.get('note', '')}", *[""] * 6])
            continue
        lines.append(
            [
                row["name"],
                number(details["rows_per_cpu_second"], 0),
                number(details["cells_per_cpu_second"], 0),
                number(details["bytes_per_cpu_second"] / 1e6, 2),
                number(row["wall_seconds"]),
                number(row["peak_mib"], 0),
                number(row.get("ratio")),
            ]
        )
    return table(head, lines)


def machine_line(part: Mapping[str, Any]) -> str:
    """Date, scale, machine and versions of a part's results."""
    of = part["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in of["versions"].items())
    return (
        f"{part['date']}, scale {part['scale']}; {of['cpu']}, {of['cores']} cores, "
        f"{of['memory_gib']} GiB; {of['os']}; Python {of['python']}; {versions}."
    )


def page(parts: Mapping[str, Any]) -> str:
    """The page's text.

    Args:
        parts: The kept results, by part.
    """
    goals = table(["what", "against", "measured", "goal", ""], list(goal_rows(parts)), texts=2)
    head = ["what", "against", "s", "MiB", "ratio"]
    text = [
        INTRODUCTION,
        table(head, list(summary_rows(parts)), texts=2),
        "\n## Goals\n",
        goals,
        "\n![Goals](benchmarks/goals.svg)\n",
        LIMITS_TEXT,
    ]
    if peers := parts.get("peers"):
        makes = table(["generator", "what it makes"], [[p.name, p.what] for p in (OURS, *PEERS)], 2)
        head = ["generator", "CPU s for a million further rows", "a cell, against ours"]
        text += [PEERS_TEXT, makes, f"\n{GROWTH_TEXT}", table(head, list(growth_rows(parts))),
                 "\n![Speed](benchmarks/speed.svg)\n",
                 "![Time](benchmarks/time.svg)\n", "![Memory](benchmarks/memory.svg)\n",
                 peer_table(peers["rows"]), ""]  # fmt: skip
    for name, heading in HEADINGS.items():
        if name in parts:
            text += [f"## {heading}\n", part_table(parts[name]["rows"]), ""]
    text += ["## Machine and versions\n"]
    lines: dict[str, list[str]] = {}
    for name, part in parts.items():
        lines.setdefault(machine_line(part), []).append(name)
    text += [f"- {', '.join(names)}: {line}" for line, names in lines.items()]
    return "\n".join(text) + "\n"


def main() -> None:
    """Writes the page and its plots."""
    parts = results.latest(results.KEPT)
    PAGE.write_text(page(parts))
    for path in plots.write(parts, results.KEPT.parent):
        print(f"wrote {path}")
    print(f"wrote {PAGE}")


if __name__ == "__main__":
    main()
