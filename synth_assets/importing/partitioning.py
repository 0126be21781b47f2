"""What users ask for by ``--partition``: how tables are partitioned, and the texts that say so.

Whether a table can be partitioned so is decided by ``partitioned``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from synth_assets.core.errors import UserError
from synth_assets.declarative.model import Daily, Sharded, Unpartitioned
from synth_assets.importing.found import FoundTable

OPTION = "--partition"
MOST_SHARDS = 4096
FORM = re.compile(r"(?P<table>[^=]+)=(daily(:(?P<day>.+))?|shards:(?P<shards>[0-9]{1,9}))")
# Days on which a daily table has its rows, where no rows show others.
DEFAULT_DAYS = 30


@dataclass(frozen=True)
class Partitions:
    """How a table is partitioned.

    Attributes:
        shards: Number of shards; 0 for a table that is not sharded.
        daily: Whether there is one partition a day.
        day: The column with the day of a row, of a daily table that has one.
        days: Days on which a daily table has its rows.
    """

    shards: int = 0
    daily: bool = False
    day: str | None = None
    days: int = DEFAULT_DAYS

    def fields(self, table: FoundTable) -> dict[str, Any]:
        """The field ``partitioning`` of a table; none if it is the default.

        Args:
            table: The table, whose columns the partition column differs from.
        """
        spec = Daily if self.daily else Sharded if self.shards else Unpartitioned
        usual = spec.model_fields["column"].default
        taken = {column.name.lower() for column in table.columns}
        name = next(n for n in (usual, *(f"{usual}_{i}" for i in range(2, 1000))) if n not in taken)
        kind = "daily" if self.daily else "sharded" if self.shards else "unpartitioned"
        shards = {"shards": self.shards} if self.shards else {}
        if spec is Unpartitioned and name == usual:
            return {}
        return {"partitioning": {"kind": kind, **shards, "column": name}}


def asked_partitions(texts: Sequence[str]) -> dict[str, Partitions]:
    """What users ask for, by table.

    Args:
        texts: Such as ``orders=daily``, ``orders=daily:ordered_at`` and ``orders=shards:8``.

    Raises:
        UserError: A text has another form, names a table twice, or differs from the others.
    """
    found: dict[str, Partitions] = {}
    for text in texts:
        form = FORM.fullmatch(text)
        if form is None:
            raise UserError(
                f"{OPTION} {text}: must be TABLE=daily, TABLE=daily:COLUMN or TABLE=shards:N"
            )
        shards = None if form["shards"] is None else int(form["shards"])
        if shards is not None and not 1 <= shards <= MOST_SHARDS:
            raise UserError(f"{OPTION} {text}: N must be from 1 to {MOST_SHARDS:,}")
        if form["table"] in found:
            raise UserError(f"{OPTION} {text}: {form['table']} is named twice")
        found[form["table"]] = Partitions(shards or 0, shards is None, form["day"])
    if len({(requested.daily, requested.shards) for requested in found.values()}) > 1:
        raise UserError(
            f"{OPTION}: the partitioned tables of a domain must have the same partitions: make all "
            "of them daily, or all with the same number of shards"
        )
    return found
