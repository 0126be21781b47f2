"""A domain of parents and children, to evaluate checks on."""

from __future__ import annotations

from typing import Any

import dataframely as dy
import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, Domain, Table
from synth_assets.core.partitioning import Sharded
from synth_assets.core.scenario import Scenario
from synth_assets.core.schema import polars_schema, references
from synth_assets.core.sources import Generated
from synth_assets.quality.structural import checks_of
from synth_assets_tests.quality.memory import Memory, judge

K0, K1 = "s0000", "s0001"
COLOURS = pl.Enum(["red", "green"])


class Parent(dy.Schema):
    """A parent of children."""

    id = dy.Int64(primary_key=True)


class Child(dy.Schema):
    """A column of each kind that checks read."""

    id = dy.Int64(primary_key=True, min=1)
    parent_id = dy.Int64(nullable=True, metadata=references("parents"))
    colour = dy.Enum(COLOURS.categories)
    amount = dy.Float64(nullable=True)


def table(name: str, schema: type[dy.Schema], **more: Any) -> Table:
    return Table(
        domain="test",
        name=name,
        doc="",
        schema=schema,
        partitioning=Sharded(2),
        source=Generated(lambda scenario, index: index, lambda scenario, partition: pl.LazyFrame()),
        **more,
    )


PARENT = table("parent", Parent)
CHILD = table("child", Child, parents={"parents": "parent"})
TWIN = table("twin", Child, parents={"parents": "parent"})
DOMAIN = Domain("test", "", [], Scenario(), [PARENT, CHILD, TWIN])


def child(ids: list[int], **columns: Any) -> pl.DataFrame:
    good: dict[str, Any] = {
        "id": ids,
        "parent_id": [1] * len(ids),
        "colour": ["red"] * len(ids),
        "amount": [1.0] * len(ids),
    }
    return pl.DataFrame(good | columns, schema=polars_schema(Child))


def memory(first: pl.DataFrame | None = None, second: pl.DataFrame | None = None) -> Memory:
    """Good data by default: four children in two partitions, two parents."""
    return Memory(
        {
            "parent": {K0: pl.DataFrame({"id": [1]}), K1: pl.DataFrame({"id": [2]})},
            "child": {
                K0: child([1, 2]) if first is None else first,
                K1: child([3, 4], parent_id=[2, None]) if second is None else second,
            },
        }
    )


def passed(check: Check, reader: Memory, keys: list[str] | None = None) -> dict[str | None, bool]:
    return {v.key: v.passed for v in judge(check, DOMAIN, "child", reader, keys)}


def only(check: Check, reader: Memory) -> CheckResult:
    (result,) = judge(check, DOMAIN, "child", reader)
    return result


def by_name(name: str) -> Check:
    return next(check for check in checks_of(CHILD) if check.name == name)
