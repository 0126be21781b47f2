"""Keys and references are checked by partition where each partition is a table of its own."""

from __future__ import annotations

import dataframely as dy
import polars as pl
import pytest

from synth_assets.core.location import TableLocation
from synth_assets.core.model import Check, Domain, Table
from synth_assets.core.partitioning import Named
from synth_assets.core.scenario import Scenario
from synth_assets.core.schema import references
from synth_assets.core.sources import Generated
from synth_assets.quality.structural import checks_of
from synth_assets_tests.quality.memory import Memory, judge

ONE, OTHER = KEYS = ("one", "other")
LOCATION = TableLocation("party", {ONE: "", OTHER: "_other"})


class Person(dy.Schema):
    """A person."""

    id = dy.Int64(primary_key=True)


class Visit(dy.Schema):
    """A visit of a person."""

    id = dy.Int64(primary_key=True)
    person_id = dy.Int64(nullable=True, metadata=references("persons"))


def table(name: str, schema: type[dy.Schema], location: TableLocation | None = LOCATION) -> Table:
    return Table(
        domain="test",
        name=name,
        doc="",
        schema=schema,
        partitioning=Named(KEYS),
        source=Generated(lambda scenario, index: 0, lambda scenario, partition: pl.LazyFrame()),
        parents={"persons": "person"} if schema is Visit else {},
        location=location,
    )


ONE_TABLE_PER_PARTITION = Domain(
    "test", "", [], Scenario(), [table("person", Person), table("visit", Visit)]
)
ONE_TABLE = Domain(
    "test", "", [], Scenario(), [table("person", Person, None), table("visit", Visit, None)]
)
PARENT_IN_ONE_TABLE = Domain(
    "test", "", [], Scenario(), [table("person", Person, None), table("visit", Visit)]
)


def stored(persons: tuple[list[int], list[int]], visits: tuple[list[int], list[int]]) -> Memory:
    """Ids of persons, and persons of visits, for each of the two partitions."""
    people = [pl.DataFrame({"id": ids}, schema={"id": pl.Int64}) for ids in persons]
    seen = [
        pl.DataFrame({"person_id": ids}, schema={"person_id": pl.Int64}).with_row_index("id", 1)
        for ids in visits
    ]
    cast = [frame.cast({"id": pl.Int64}) for frame in seen]
    return Memory(
        {
            "person": dict(zip(KEYS, people, strict=True)),
            "visit": dict(zip(KEYS, cast, strict=True)),
        }
    )


def passed(of: Domain, name: str, check: str, reader: Memory) -> dict[str | None, bool]:
    found: Check = next(r for r in checks_of(of.table(name)) if r.name == check)
    return {v.key: v.passed for v in judge(found, of, name, reader)}


def test_a_key_may_be_in_both_partitions_but_once_in_each() -> None:
    both, twice = stored(([1, 2], [1, 2]), ([], [])), stored(([1, 2], [1, 1]), ([], []))
    assert passed(ONE_TABLE_PER_PARTITION, "person", "primary_key", both) == {
        ONE: True,
        OTHER: True,
    }
    assert passed(ONE_TABLE_PER_PARTITION, "person", "primary_key", twice) == {
        ONE: True,
        OTHER: False,
    }
    assert passed(ONE_TABLE, "person", "primary_key", both) == {ONE: False, OTHER: False}


@pytest.mark.parametrize(
    ("of", "found"),
    [
        (ONE_TABLE_PER_PARTITION, {ONE: False, OTHER: True}),
        (ONE_TABLE, {ONE: True, OTHER: True}),
        (PARENT_IN_ONE_TABLE, {ONE: True, OTHER: True}),
    ],
    ids=["both tables", "neither table", "only the child"],
)
def test_a_reference_is_to_the_same_partition_where_both_have_one_table_per_partition(
    of: Domain, found: dict[str | None, bool]
) -> None:
    # The first partition's second visit is by a person of the other partition.
    reader = stored(([1], [1, 2]), ([1, 2], [2]))
    assert passed(of, "visit", "fk_person_id", reader) == found
    unknown = stored(([1], [1, 2]), ([1, 3], [2]))
    assert passed(of, "visit", "fk_person_id", unknown) == {ONE: False, OTHER: True}


def test_a_partition_is_checked_before_the_other_is_stored() -> None:
    reader = stored(([1], [1]), ([1], [1]))
    del reader.slices["person"][OTHER], reader.slices["visit"][OTHER]
    assert passed(ONE_TABLE_PER_PARTITION, "visit", "fk_person_id", reader) == {ONE: True}
    assert passed(ONE_TABLE_PER_PARTITION, "visit", "primary_key", reader) == {ONE: True}
