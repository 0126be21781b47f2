"""Tries a declaration before it is written: its tables are made in memory, and their checks run.

What a schema declares may be impossible for rows that are made, such as conditions that contradict
each other. Nobody should learn that from the first run of a domain that was imported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import polars as pl

from synth_assets.core import consistency
from synth_assets.core.errors import UserError
from synth_assets.core.given import given
from synth_assets.core.model import Domain, Reader, Table, TableView
from synth_assets.core.partitioning import Daily as DailyPartitions
from synth_assets.core.schema import polars_schema
from synth_assets.core.sources import generated
from synth_assets.declarative.compiled_rules import DeclarationError
from synth_assets.declarative.compiler import compile_domain
from synth_assets.declarative.consistency import problems
from synth_assets.declarative.gates import own_names
from synth_assets.declarative.model import Daily, DomainSpec
from synth_assets.quality.structural import checks_of

# Most rows that are made of a table, of a day of a daily one, and most days.
MOST_ROWS, DAYS = 1000, 5

What = Literal["check", "condition", "column"]
OpenReader = Callable[[Domain], Reader]


@dataclass(frozen=True)
class Failure:
    """What rows of a table do not fulfil.

    Attributes:
        table: The table.
        what: A check that blocks, a condition that cannot be evaluated, or a column with values
            that cannot be computed.
        name: Its name.
    """

    table: str
    what: What
    name: str


def failures(spec: DomainSpec, open_reader: OpenReader) -> list[Failure]:
    """What rows of a declaration do not fulfil.

    Args:
        spec: The declaration.
        open_reader: Opens a reader that makes the rows that it reads.

    Raises:
        UserError: The declaration cannot become tables; names the place.
    """
    wrong = [_failure(spec, problem.place, problem.message) for problem in problems(spec)]
    if wrong:
        return wrong
    try:
        with given(spec.domain, {}):
            domain = compile_domain(spec)
    except DeclarationError as error:
        return [_failure(spec, error.place, str(error))]
    for _, text in consistency.problems(domain):
        raise UserError(f"{text}; nothing was written")
    few = domain.scenario.model_copy(update=_few_rows(spec))
    domain = replace(domain, scenario=few)
    reader = open_reader(domain)
    return [failure for table in domain.tables for failure in _of_table(domain, table, reader)]


def _failure(spec: DomainSpec, place: tuple[str | int, ...], message: str) -> Failure:
    """What is wrong at a place of a declaration."""
    match place:
        case ("tables", str(table), "columns", _, "primary_key"):
            return Failure(table, "check", "primary_key")
        case ("tables", str(table), "columns", str(column), *_):
            return Failure(table, "column", column)
        case ("tables", str(table), "checks", int(number), *_):
            return Failure(table, "condition", own_names(spec.tables[table])[number])
    raise UserError(f"{'.'.join(map(str, place))}: {message}; nothing was written")


def _few_rows(spec: DomainSpec) -> dict[str, Any]:
    """Settings with few rows; a smaller number of rows of a table changes none of them."""
    found: dict[str, Any] = {}
    for name, table in spec.tables.items():
        if isinstance(table.rows, int):
            field = "per_day" if isinstance(table.partitioning, Daily) else "rows"
            found[f"{name}_{field}"] = min(table.rows, MOST_ROWS)
    return found


def _of_table(domain: Domain, table: Table, reader: Reader) -> Iterator[Failure]:
    keys = _few_keys(table)
    try:
        reader.scan(table, keys)
    except (pl.exceptions.PolarsError, DeclarationError):
        yield from _not_computed(domain, table)
        return
    view = TableView(domain, table, keys, reader, domain.scenario)
    for check in checks_of(table):
        if check.blocking and not all(result.passed for result in check.measure(view)):
            yield Failure(table.name, "check", check.name)


def _few_keys(table: Table) -> list[str]:
    keys = list(table.partitioning.keys())
    return keys[:DAYS] if isinstance(table.partitioning, DailyPartitions) else keys


def _not_computed(domain: Domain, table: Table) -> Iterator[Failure]:
    """The columns that cannot be computed, each by itself."""
    source, scenario = generated(table), domain.scenario
    for name in polars_schema(table.schema):
        try:
            for key in _few_keys(table):
                rows = source.generate(scenario, source.partition(table, scenario, key))
                rows.select(name).collect()
        except (pl.exceptions.PolarsError, DeclarationError):
            yield Failure(table.name, "column", name)
