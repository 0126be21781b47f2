"""A discrete-event model of a run: workers take steps, and wait for what they share.

Shared are the process that hands out steps, the instance's database and the object store's limit of
requests. Each serves one request after the other. A step makes a few partitions of a table, judges
them, and records their events. In the end, summaries of all shards are merged.

Two ways are compared. As the project is today, each step reads the footers of all partitions that
its table has so far, since a table must not mix scenarios, and the gates look over the whole table.
As planned, a run reads footers once, and gates judge shards and merge their summaries.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field

from synth_assets_tests.scale.rates import Rates

# Requests in a second that an object store takes for a prefix, which is a table's folder.
REQUESTS_PER_SECOND = 5_500.0
# Requests for the footer of a file: its size, its end, its schema.
FOOTER_REQUESTS = 3
# Events of a partition: planned, materialized, and about as many results as a table has checks.
EVENTS = 14
# Events of a step: started, inputs, outputs, ended.
STEP_EVENTS = 8
# Bytes of a shard's summaries: counts, one in 64 persons, sketches, ranges of keys.
SUMMARY_BYTES = 500_000
# List prices of an object store in US dollars, of a thousand requests and a gigabyte's month.
PRICE_PUT, PRICE_GET, PRICE_MONTH = 0.005, 0.0004, 0.023


@dataclass(frozen=True)
class Plan:
    """How records are spread.

    Attributes:
        records: Records of all tables.
        tables: Tables.
        shards: Partitions of a table.
        per_step: Partitions of a step.
        workers: Workers of a core each.
        merging: Whether gates judge shards and merge, and footers are read once a run.
    """

    records: float = 50e9
    tables: int = 8
    shards: int = 4_096
    per_step: int = 8
    workers: int = 100
    merging: bool = True

    @property
    def partitions(self) -> int:
        """Partitions of all tables."""
        return self.tables * self.shards

    @property
    def steps(self) -> int:
        """Steps of a run."""
        return self.tables * math.ceil(self.shards / self.per_step)


@dataclass
class Server:
    """What serves one after the other.

    Attributes:
        free: The moment from which it can serve.
        busy: Seconds that it has served.
    """

    free: float = 0.0
    busy: float = 0.0

    def serve(self, now: float, seconds: float) -> float:
        """The moment at which a service of some seconds ends that is asked for now."""
        self.free = max(self.free, now) + seconds
        self.busy += seconds
        return self.free


@dataclass
class Simulated:
    """What a run took.

    Attributes:
        seconds: Until the last step has ended and all is merged.
        worker_seconds: Seconds that workers were busy with rows, not waiting.
        puts: Requests that write to the object store.
        gets: Requests that read from it.
        events: Events in the instance's database.
        busy: Share of the time that each shared server was busy, by name.
        merge_seconds: Seconds of the merge in the end.
    """

    seconds: float = 0.0
    worker_seconds: float = 0.0
    puts: float = 0.0
    gets: float = 0.0
    events: float = 0.0
    busy: dict[str, float] = field(default_factory=dict)
    merge_seconds: float = 0.0


def simulate(plan: Plan, rates: Rates) -> Simulated:
    """Simulates a run.

    Args:
        plan: How records are spread.
        rates: What they cost.
    """
    found = Simulated()
    dispatcher, database = Server(), Server()
    stores = [Server() for _ in range(plan.tables)]
    stored = [0] * plan.tables
    idle = [0.0] * plan.workers
    rows = plan.records / plan.partitions
    ends = 0.0
    for step in range(plan.steps):
        table = step % plan.tables
        count = min(plan.per_step, plan.shards - stored[table])
        now = dispatcher.serve(heapq.heappop(idle), rates.dispatch) + rates.step
        reads = 0 if plan.merging else stored[table] * FOOTER_REQUESTS
        now = _requests(stores[table], now, reads, rates)
        work = count * rows * (rates.record + rates.judged)
        uploads = count * (2 + math.ceil(rows * rates.bytes / rates.part))
        moved = 2 * count * rows * rates.bytes / rates.bandwidth
        now = _requests(stores[table], now + work + moved, uploads, rates)
        if not plan.merging:
            # The gates read the keys of the whole table, a tenth of its bytes.
            now += stored[table] * rows * rates.bytes / 10 / rates.bandwidth
            now += stored[table] * rows * rates.judged / 10
        events = count * EVENTS + STEP_EVENTS
        now = database.serve(now, events * rates.event)
        stored[table] += count
        found.worker_seconds += work
        found.puts += uploads
        found.gets += reads + count * (FOOTER_REQUESTS + 2)
        found.events += events
        ends = max(ends, now)
        heapq.heappush(idle, now)
    if plan.merging:
        footers = plan.partitions * FOOTER_REQUESTS
        found.gets += footers + plan.partitions
        reading = plan.partitions * (rates.request + SUMMARY_BYTES / rates.bandwidth)
        found.merge_seconds = (footers * rates.request + reading) / min(plan.workers, 16)
    found.seconds = ends + found.merge_seconds
    servers = {"handing out steps": dispatcher, "instance database": database}
    servers |= {"object store": max(stores, key=lambda store: store.busy)}
    found.busy = {name: server.busy / found.seconds for name, server in servers.items()}
    found.busy["workers"] = found.worker_seconds / found.seconds / plan.workers
    return found


def _requests(store: Server, now: float, count: float, rates: Rates) -> float:
    """When requests have ended that are made one after the other, within the store's limit."""
    if not count:
        return now
    return max(store.serve(now, count / REQUESTS_PER_SECOND), now + count * rates.request)


def dollars(found: Simulated, plan: Plan, rates: Rates) -> tuple[float, float]:
    """The price of the requests, and of a month of what is stored."""
    requests = (found.puts * PRICE_PUT + found.gets * PRICE_GET) / 1_000
    return requests, plan.records * rates.bytes / 1e9 * PRICE_MONTH
