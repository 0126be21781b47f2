"""The table of a use case's answers, with a check against a plain query."""

from __future__ import annotations

from collections.abc import Callable

import dataframely as dy
import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.schema import columns_of, polars_schema
from synth_assets.core.sources import Derived
from synth_assets.domains.clean_room.scenario import DOMAIN
from synth_assets.domains.clean_room.snapshot.window import SPLIT, location, of_split
from synth_assets.domains.clean_room.use_cases.sharing import TABLES, UseCase

ByHand = Callable[[dict[str, pl.LazyFrame]], pl.LazyFrame]
# Significant digits on which sums over rows in different orders agree.
DIGITS = 9
ROUNDED = pl.col(pl.Float64).round_sig_figs(DIGITS)


def answers(
    use_case: UseCase, columns: type[dy.Schema], schema: str, doc: str, by_hand: ByHand
) -> Table:
    """The table of a use case's answers, which belongs to the querying party.

    Args:
        use_case: The use case.
        columns: The schema of an answer's row.
        schema: The database schema that the table is stored in.
        doc: The table's description.
        by_hand: Gives the same answer from both parties' tables, for the check.
    """

    def derive(stored: TableView, split: str) -> pl.LazyFrame:
        key = next(column.name for column in columns_of(columns) if column.primary_key)
        # Rounded, since the last digits of a mean depend on the order of its rows.
        return use_case.answer(stored, split).sort(key).with_columns(ROUNDED)

    return Table(
        domain=DOMAIN,
        name=use_case.name,
        doc=doc,
        schema=columns,
        partitioning=SPLIT,
        source=Derived(derive),
        deps=TABLES,
        tags={"party": use_case.asker},
        location=location(schema),
        checks=[as_by_hand(by_hand, columns)],
        code_version="5",
    )


def as_by_hand(by_hand: ByHand, schema: type[dy.Schema]) -> Check:
    """The answer equals that of a plain query with the rule applied by hand.

    Args:
        by_hand: The plain query.
        schema: The schema of an answer's row.
    """
    columns = list(polars_schema(schema))

    def measure(stored: TableView) -> list[CheckResult]:
        return [_compared(stored, split) for split in stored.keys]

    def _compared(stored: TableView, split: str) -> CheckResult:
        expected = _comparable(by_hand({t: of_split(stored, t, split) for t in TABLES}), columns)
        answered = stored.current().filter(
            pl.col(stored.table.partitioning.partition_column) == split
        )
        found = _comparable(answered, columns)
        wrong = pl.concat(
            [
                found.join(expected, on=columns, how="anti", nulls_equal=True),
                expected.join(found, on=columns, how="anti", nulls_equal=True),
            ]
        )
        sample = wrong.head(5).to_dicts()
        numbers = {"rows": float(len(found)), "by_hand": float(len(expected))}
        passed = wrong.is_empty() and len(found) == len(expected)
        return CheckResult(split, passed, float(len(wrong)), "= 0 rows differ", numbers, sample)

    doc = "The answer is that of a plain query over both parties' tables, the rule applied by hand."
    return Check("answer_equals_plain_query", doc, measure, reads=TABLES)


def _comparable(frame: pl.LazyFrame, columns: list[str]) -> pl.DataFrame:
    return frame.select(columns).with_columns(ROUNDED).sort(columns).collect()
