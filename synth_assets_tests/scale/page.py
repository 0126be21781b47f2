"""Makes ``docs/scale.md`` from the simulation: ``python -m synth_assets_tests.scale.page``."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from synth_assets.core.model import Domain
from synth_assets.domains import load_domains
from synth_assets.orchestration.shipped import PROJECT
from synth_assets.quality.mergeable import by_kind
from synth_assets.quality.structural import checks_of
from synth_assets_tests.bench.page import number, table
from synth_assets_tests.environment import only
from synth_assets_tests.scale.model import EVENTS, Plan, Simulated, dollars, simulate
from synth_assets_tests.scale.rates import Rates, measured

PAGE = PROJECT / "docs" / "scale.md"
WORKERS = (10, 100, 1_000)
INTRODUCTION = """# Fifty billion records

A plan for 50 billion records of identity resolution, worked out from measured rates
([benchmarks](benchmarks.md)) and checked by a simulation of discrete events
(`synth_assets_tests/scale`). **Nothing of this size was run.** The largest run that was is 50
million records, on two cores.
"""
BREAKS = """## What breaks first

In this order; each was found by reading the code or in the simulation:

1. **The scenario refuses it.** `SYNTH_IDENTITY_RESOLUTION_SCALE` ends at a billion records, and a
   table at 4,096 shards. Both are limits of validation; ids of a larger scale were not tried.
2. **Footers.** Before a step writes, it reads the footer of every partition that its table has,
   since a table must not mix scenarios. That is quadratic in the shards: with steps of 8 shards
   it is most of all requests, and with a hundred workers it takes longer than the rows. A run
   would have to read them once, or keep the fingerprints in one object.
3. **Gates of the whole table in each step.** Today every step of a table judges again what looks
   over all of it. They would have to run once, by shard, and merge.
4. **Handing out steps.** One process does it. With a thousand workers, steps have to be larger.
5. **The instance's database** is not a limit: some hundred thousand events. SQLite is one, since
   it is a file of one machine; PostgreSQL takes its place.
"""
GATES = """## Gates

A check is of one of three kinds. *By partition*: it reads a partition, and where keys are
colocated that is all. *Merged*: shards have summaries that merge (`quality/mergeable.py`), equal
to the result of the whole table in tests. *Whole*: it reads more than a shard at once.
"""
OTHERS = "Some checks by partition read other partitions, too:\n"
REPLACED = (
    ("`primary_key` of colocated keys", "linear", ""),
    (
        "`primary_key` otherwise",
        "ranges of keys by partition, which merge; linear while rows are in order",
        "hashes in passes where they are not: quadratic, not to be used",
    ),
    ("`fk_…` of colocated columns", "linear", ""),
    (
        "`fk_…` otherwise",
        "reads all keys of the parent",
        "a key's range in the parent decides, since ids are consecutive; not written yet",
    ),
    (
        "`source_overlap_shares`, `sources_per_person_distribution`",
        "persons of all shards",
        "one in 64 persons by hash, the same ones in every shard",
    ),
    ("distinct values", "all values", "HyperLogLog, a standard error of 1.6%"),
    (
        "`drift`, Kolmogorov-Smirnov tests",
        "both tables in memory",
        "a sample by hash, or quantile sketches; not written yet",
    ),
)


def _spread(plan: Plan, rates: Rates) -> str:
    rows = plan.records / plan.partitions
    events = plan.partitions * EVENTS
    lines = [
        ["partitions of a table", number(plan.shards, 0)],
        ["partitions of eight tables", number(plan.partitions, 0)],
        ["records of a partition", number(rows, 0)],
        ["size of its file", f"{number(rows * rates.bytes / 1e6, 0)} MB"],
        ["size of all files", f"{number(plan.records * rates.bytes / 1e12, 2)} TB"],
        ["processor hours of rows", number(plan.records * rates.record / 3_600, 0)],
        ["processor hours of gates", number(plan.records * rates.judged / 3_600, 0)],
        ["events in the instance's database", number(events, 0)],
        ["its size", f"{number(events * rates.event_bytes / 1e6, 0)} MB"],
    ]
    return table(["", "planned"], lines)


def _hours(rates: Rates) -> str:
    lines = []
    for workers in WORKERS:
        for merging in (False, True):
            plan = Plan(workers=workers, merging=merging)
            lines.append(_line(plan, simulate(plan, rates), rates))
    plan = replace(Plan(workers=WORKERS[-1]), per_step=32)
    lines.append(_line(plan, simulate(plan, rates), rates))
    head = ["workers, shards of a step", "gates", "hours", "workers busy", "requests (M)",
            "of them $", "$ a month", "busiest shared"]  # fmt: skip
    return table(head, lines, texts=2)


def _line(plan: Plan, found: Simulated, rates: Rates) -> list[str]:
    requests, month = dollars(found, plan, rates)
    shared = {name: busy for name, busy in found.busy.items() if name != "workers"}
    busiest = max(shared, key=lambda name: shared[name])
    return [
        f"{plan.workers:,}, {plan.per_step}",
        "merged" if plan.merging else "as today",
        number(found.seconds / 3_600, 1),
        f"{number(100 * found.busy['workers'], 0)}%",
        number((found.puts + found.gets) / 1e6, 1),
        number(requests, 0),
        number(month, 0),
        f"{busiest} {number(100 * shared[busiest], 0)}%",
    ]


def _kinds(domains: list[Domain]) -> str:
    lines = []
    for domain in domains:
        found = Counter(kind for t in domain.tables for kind, _ in by_kind(checks_of(t)))
        kinds = ("by partition", "merged", "whole")
        lines.append([domain.name, *(number(found[kind], 0) for kind in kinds)])
    return table(["domain", "by partition", "merged", "whole"], lines)


def render() -> str:
    """The page."""
    rates = measured()
    assumed = (
        f"Assumed, not measured: {rates.step:g} s of a worker to begin a step, "
        f"{1e3 * rates.dispatch:g} ms to hand one out, {1e3 * rates.request:g} ms and\n"
        f"{rates.bandwidth / 1e6:g} MB/s of the object store, its list prices. A worker is a core."
    )
    with only():
        domains = load_domains()
    texts = [
        INTRODUCTION, "## How records are spread\n", _spread(Plan(), rates), "", assumed, "",
        "## Hours\n", _hours(rates), "",
        "*As today* and *merged* are explained below; *of them $* is the price of requests.", "",
        BREAKS, GATES, _kinds(domains), "", OTHERS,
        table(["check", "how it grows", "what replaces it"], REPLACED, texts=3),
    ]  # fmt: skip
    return "\n".join(texts).rstrip() + "\n"


def main() -> None:
    """Writes the page."""
    PAGE.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
