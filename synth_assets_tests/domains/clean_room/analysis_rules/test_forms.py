"""No node of the SQL parser can carry text of a query's author to a database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlglot import exp

from synth_assets.domains.clean_room.analysis_rules import CleanRoom, grammar
from synth_assets.domains.clean_room.analysis_rules.allowed_nodes import AROUND
from synth_assets.domains.clean_room.analysis_rules.errors import NotProvablySafeError
from synth_assets.domains.clean_room.analysis_rules.forms import TEXTS, misused
from synth_assets_tests.domains.clean_room.analysis_rules.made import M, P

HOSTILE = "YEAR FROM DATE '2020-01-01')) || (SELECT 1 FROM t"
# Places where any text may stand, since it is printed in quotes: names, and texts in quotes.
QUOTED = {(exp.Identifier, "this"), (exp.Literal, "this")}
# What the injection of a back-quoted part looked like, with the columns it stole.
STOLEN = "(SELECT STRING_AGG(email || ' ' || account_tier, CHR(10)) FROM relation_2)"
PART = f"`YEAR FROM DATE '2020-01-01'))) || {STOLEN} || SUM(TRY(EXTRACT(YEAR`"
INJECTIONS = [
    f"SELECT WITH AGGREGATION_THRESHOLD SUM(EXTRACT({PART} FROM DATE '2020-01-01')) AS x "
    f"FROM `{P}.open_users` AS p",
    f"SELECT WITH AGGREGATION_THRESHOLD OPTIONS(threshold=1, privacy_unit_column=t.order_id) "
    f"SUM(EXTRACT({PART} FROM DATE '2020-01-01')) AS x "
    f"FROM `{P}.transactions` AS t JOIN `{M}.orders` AS o ON o.order_id = t.order_id",
    f"SELECT WITH DIFFERENTIAL_PRIVACY OPTIONS(epsilon=0.02) EXTRACT({PART} FROM "
    f"CAST(p.city AS DATE)) AS k, COUNT(*, contribution_bounds_per_group => (0, 1)) AS n "
    f"FROM `{P}.private_users` AS p GROUP BY 1",
    f"SELECT DATE_TRUNC(DATE '2020-01-01', {PART}) AS x FROM `{M}.users`",
    f"SELECT TIMESTAMP_TRUNC(TIMESTAMP '2020-01-01', {PART}) AS x FROM `{M}.users`",
    f"SELECT EXTRACT(DECADE FROM DATE '2020-01-01') AS x FROM `{M}.users`",
    f"SELECT DATE_TRUNC(DATE '2020-01-01', LOWER('YEAR')) AS x FROM `{M}.users`",
]


def _classes(of: type[exp.Expr]) -> Iterator[type[exp.Expr]]:
    for one in of.__subclasses__():
        yield one
        yield from _classes(one)


CLASSES = sorted({*_classes(exp.Expr)}, key=lambda one: (one.__module__, one.__name__))
ALLOWED = [one for one in CLASSES if one in AROUND | {exp.Anonymous}]


def test_every_class_of_the_parser_is_looked_at() -> None:
    assert len(CLASSES) > 1000
    assert {*ALLOWED} == AROUND | {exp.Anonymous}


@pytest.mark.parametrize("kind", ALLOWED, ids=lambda kind: kind.__name__)
def test_no_part_of_an_allowed_node_takes_any_text(kind: type[exp.Expr]) -> None:
    """Each part that the pinned parser has, and one that a later version may add."""
    for part in [*kind.arg_types, "new_part"]:
        for value in (HOSTILE, [HOSTILE], 7, {"text": HOSTILE}):
            if (kind, part) in QUOTED and value == HOSTILE:
                continue
            assert misused(kind(**{part: value})) == part, (kind, part, value)


def test_other_nodes_are_refused_wherever_they_stand() -> None:
    refused = 0
    for kind in [one for one in CLASSES if one not in ALLOWED]:
        try:
            node = kind()
        except TypeError:  # a trait, which cannot stand in a tree
            continue
        with pytest.raises(NotProvablySafeError):
            grammar._allow(exp.Select(expressions=[node]))
        refused += 1
    assert refused > 900


def test_text_that_may_be_anything_is_printed_in_quotes() -> None:
    assert {place for place in TEXTS if place in QUOTED} == QUOTED
    number = exp.Literal(this=HOSTILE, is_string=False)
    assert misused(number) == "this", "a number is printed as it is"
    assert misused(exp.Literal(this="1e5", is_string=False)) is None


@pytest.mark.parametrize("sql", INJECTIONS, ids=[f"{i}" for i in range(len(INJECTIONS))])
def test_a_quoted_part_of_time_is_refused(clean_room: CleanRoom, sql: str) -> None:
    with pytest.raises(NotProvablySafeError, match="is not allowed in the clean room"):
        clean_room.run(sql, "merchant")


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT (email, id) FROM `{M}.users`",
        f"SELECT id FROM `{M}.users` WHERE (id, email) = (1, 'x')",
        f"SELECT COUNT(DISTINCT (email, id)) FROM `{M}.users`",
    ],
)
def test_a_row_as_a_value_is_refused(clean_room: CleanRoom, sql: str) -> None:
    """Polars panics on it."""
    with pytest.raises(NotProvablySafeError, match="select its columns"):
        clean_room.run(sql, "merchant")


@pytest.mark.parametrize(
    "expression",
    [
        "EXTRACT(year FROM DATE '2020-01-01')",
        "DATE_TRUNC(DATE '2020-05-01', MONTH)",
        "TRIM(email)",
        "id + 1.5e3",
        "SUM(id) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)",
        "SUM(id) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)",
    ],
)
def test_ordinary_parts_pass(clean_room: CleanRoom, expression: str) -> None:
    assert clean_room.run(f"SELECT {expression} AS x FROM `{M}.users`", "merchant").height == 400
