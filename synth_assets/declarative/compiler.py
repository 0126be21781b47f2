"""A declaration to a ``Domain``: the same tables that a domain in Python has.

Rows are generated from row numbers by the plan of the table's columns. What only the compiled
tables show is refused by ``compiled_rules``, and types that not every store has are refused here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from hashlib import blake2b

import polars as pl

from synth_assets.core import partitioning as core
from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain, Table
from synth_assets.core.partitioning import Partition
from synth_assets.core.scenario import Scenario
from synth_assets.core.schedule import ScheduleSpec
from synth_assets.core.sources import Generated, row_numbers
from synth_assets.declarative.columns import ReferenceColumn
from synth_assets.declarative.compiled_rules import (
    DeclarationError,
    is_countable,
    require_evaluable,
    require_keys,
    require_possible,
    require_room,
    require_size,
)
from synth_assets.declarative.corruption import corruptions
from synth_assets.declarative.failures import failure, of_column
from synth_assets.declarative.gates import checks_of
from synth_assets.declarative.ground_truth import KEY, ground_truth, key_of
from synth_assets.declarative.model import (
    Daily,
    DomainSpec,
    Named,
    Sharded,
    TableSpec,
)
from synth_assets.declarative.plan import FailingColumnError, Plan
from synth_assets.declarative.schema import schema_of, types_of
from synth_assets.declarative.settings import scenario_class, volume_fields
from synth_assets.declarative.simulation import Simulation
from synth_assets.randomness.noise import Noise

# Changes whenever the rows of the same declaration do.
LANGUAGE_VERSION = "2"
SCHEDULE = "30 4 * * *"
DEMO_DAYS = 60
SIMULATIONS = 8

MoreTables = Callable[[Scenario], Sequence[Table]]
# An error to one that also names file and line.
Located = Callable[[DeclarationError], UserError]


def compile_domain(
    spec: DomainSpec,
    more: MoreTables = lambda scenario: [],
    located: Located = lambda error: error,
) -> Domain:
    """The domain of a declaration, with its scenario read from the environment.

    Args:
        spec: The declaration, without problems (``consistency``).
        more: Further tables of the domain, made in Python, of a scenario.
        located: What an error becomes that is found while rows are made.

    Raises:
        DeclarationError: A column has no type that every store has, or a cardinality is impossible.
        UserError: A setting is wrong.
    """
    scenario = scenario_class(spec).from_environment(spec.domain)
    compiler = _Compiler(spec, scenario, located)
    tables = [table for name in spec.tables for table in compiler.tables(name)]
    tables += more(scenario)
    daily = [table.name for table in tables if isinstance(table.partitioning, core.Daily)]
    return Domain(
        name=spec.domain,
        doc=spec.doc or f"The tables of {spec.domain}.",
        owners=[spec.owner or f"team:{spec.domain}"],
        scenario=scenario,
        tables=tables,
        schedules=[ScheduleSpec("daily", spec.schedule or SCHEDULE, daily)] if daily else [],
        demo_keys=DEMO_DAYS if daily else None,
    )


class _Compiler:
    def __init__(self, spec: DomainSpec, scenario: Scenario, located: Located) -> None:
        self._spec = spec
        self._located = located
        self._volumes = volume_fields(spec)
        self._simulated = lru_cache(SIMULATIONS)(self._simulate)
        self._scenario = scenario
        self._types: dict[str, pl.Schema] = {}
        self._parents = {n: set(_parents(n, table).values()) for n, table in spec.tables.items()}
        self._dumps = {name: _dumped(table) for name, table in spec.tables.items()}
        rows = tuple(min(getattr(scenario, field), 1) for field in self._volumes.values())
        self._shape = self._simulate(scenario.seed, spec.start_date, rows)

    def tables(self, name: str) -> Iterator[Table]:
        spec, simulation = self._spec.tables[name], self._simulation(self._scenario)
        require_size(simulation, name)
        if is_countable(simulation, name):
            require_possible(simulation, name)
        # Types do not depend on how many rows there are.
        simulation = self._shape
        try:
            self._types[name] = types_of(simulation, name)
            require_evaluable(simulation, name, self._types)
        except DeclarationError:
            raise
        except FailingColumnError as error:
            raise of_column(simulation, error) from None
        except (ValueError, UserError, pl.exceptions.PolarsError) as error:
            raise DeclarationError(str(error).split("\n")[0], name) from None

        def rows_before(scenario: Scenario, index: int) -> int:
            layout = self._simulation(scenario).layout(name, index)
            if layout.days is not None:
                return layout.rows_before(index)
            return partitioning.row_offset(index, layout.total)

        def generate_rows(scenario: Scenario, partition: Partition) -> pl.LazyFrame:
            truth, noise = self._truth(scenario, name, partition)
            return noise.observe(truth)

        def edits(scenario: Scenario, partition: Partition) -> pl.LazyFrame:
            truth, noise = self._truth(scenario, name, partition)
            return noise.edits(truth.with_columns(key_of(spec).alias(KEY)), "row", KEY)

        def explain(scenario: Scenario, partition: Partition, error: Exception) -> Exception:
            simulation = self._simulation(scenario)
            plan = self._plan(simulation, name, partition)
            found = failure(simulation, name, plan, partition, self._types[name])
            return self._located(found) if found else error

        partitioning = self._partitioning(spec)
        table = Table(
            domain=self._spec.domain,
            name=name,
            doc=spec.doc or f"The table {name}.",
            schema=schema_of(simulation, name, self._types[name]),
            partitioning=partitioning,
            source=Generated(rows_before, generate_rows, explain=explain),
            checks=checks_of(simulation, name, self._types[name]),
            parents=_parents(name, spec),
            blocking=spec.blocking,
            code_version=self._version(name),
        )
        yield table
        if spec.noise or spec.anomalies:
            yield ground_truth(table, spec, edits)

    def _truth(
        self, scenario: Scenario, name: str, partition: Partition
    ) -> tuple[pl.LazyFrame, Noise]:
        """The true rows of a partition, and how they are changed."""
        simulation = self._simulation(scenario)
        try:
            require_possible(simulation, name)
            require_room(name, self._spec.tables[name], partition.stop)
            require_keys(simulation, name, partition.stop, partition.stop - partition.start)
        except DeclarationError as error:
            raise self._located(error) from None
        plan = self._plan(simulation, name, partition)
        noise = corruptions(simulation, name, plan, self._types[name])
        return plan.frame(row_numbers(partition)), noise

    def _plan(self, simulation: Simulation, name: str, partition: Partition) -> Plan:
        return Plan(simulation, name, partition.last).add(self._spec.tables[name].columns)

    def _simulation(self, scenario: Scenario) -> Simulation:
        start = getattr(scenario, "start_date", self._spec.start_date)
        rows = tuple(getattr(scenario, field) for field in self._volumes.values())
        return self._simulated(scenario.seed, start, rows)

    def _simulate(self, seed: int, start: date, rows: tuple[float, ...]) -> Simulation:
        return Simulation(self._spec, seed, start, dict(zip(self._volumes, rows, strict=True)))

    def _version(self, name: str) -> str:
        """A digest of what the rows of a table depend on: its declaration, and its parents'."""
        names, seen = [name], {name}
        while names:
            here = names.pop()
            found = self._parents[here] - seen
            seen |= found
            names += found
        parts = (f"{json.dumps(name)}: {self._dumps[name]}" for name in sorted(seen))
        text = f"[{json.dumps(LANGUAGE_VERSION)}, {{{', '.join(parts)}}}]"
        return blake2b(text.encode(), digest_size=6).hexdigest()

    def _partitioning(self, spec: TableSpec) -> core.Partitioning:
        match spec.partitioning:
            case Daily(column=column):
                end = getattr(self._scenario, "end_date", None)
                return core.Daily(getattr(self._scenario, "start_date"), end, column)  # noqa: B009
            case Sharded(column=column, shards=shards):
                count = shards or getattr(self._scenario, "shards")  # noqa: B009
                return core.Sharded(count, column)
            case Named(column=column, names=names):
                return core.Named(tuple(names), column)
        return core.Unpartitioned(spec.partitioning.column)


def _parents(name: str, spec: TableSpec) -> dict[str, str]:
    references = spec.columns.items()
    return {n: c.to for n, c in references if isinstance(c, ReferenceColumn) and c.to != name}


def _dumped(spec: TableSpec) -> str:
    """What the rows of a table depend on in its own declaration, as JSON."""
    # Descriptions, checks and numbers of shards change no rows.
    left_out = {"doc", "checks", "blocking", "pii", "shards"}
    return json.dumps(_without(spec.model_dump(mode="json"), left_out), sort_keys=True)


def _without(value: object, names: set[str]) -> object:
    if isinstance(value, dict):
        return {key: _without(v, names) for key, v in value.items() if key not in names}
    return [_without(v, names) for v in value] if isinstance(value, list) else value
