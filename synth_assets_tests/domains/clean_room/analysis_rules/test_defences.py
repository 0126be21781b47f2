"""Four defences against text of a query's author, each of which is sufficient alone.

The attack puts a query into a back-quoted part of EXTRACT. With all defences off it reads every
row; with any one of them on it is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import pytest
from sqlglot import exp

from synth_assets.domains.clean_room.analysis_rules import (
    CleanRoom,
    catalogue,
    engine,
    grammar,
    protected_database,
    query_session,
    sandbox,
)
from synth_assets.domains.clean_room.analysis_rules.errors import RefusedError
from synth_assets_tests.domains.clean_room.analysis_rules.made import CANARY, VIEWS, M, P

# What the merchant can read is counted: its two tables, its view, then the views of the provider.
NUMBERS = {name: 3 + place for place, name in enumerate(VIEWS)}


def _part(columns: str, source: str, opened: str = "SUM(") -> str:
    """A date part that closes the function that it is in, and opens another one after a query."""
    stolen = f"(SELECT STRING_AGG({columns}, CHR(10)) FROM {source})"
    closed = "))" if opened else ")"
    return f"`YEAR FROM DATE '2020-01-01'){closed} || {stolen} || {opened}TRY(EXTRACT(YEAR`"


def _attack(columns: str, source: str) -> str:
    return (
        f"SELECT WITH AGGREGATION_THRESHOLD SUM(EXTRACT({_part(columns, source)} "
        f"FROM DATE '2020-01-01')) AS x FROM `{P}.open_users` AS p"
    )


USERS = "email || ' ' || account_tier"
ATTACKS = {
    "threshold": _attack(USERS, f"RELATION_{NUMBERS['open_users']}"),
    "overlap": "SELECT WITH AGGREGATION_THRESHOLD "
    "OPTIONS(threshold=1, privacy_unit_column=o.user_id) SUM(EXTRACT("
    + _part("transaction_id || ' ' || transaction_amount", f"RELATION_{NUMBERS['transactions']}")
    + f" FROM DATE '2020-01-01')) AS x FROM `{P}.transactions` AS t "
    f"JOIN `{M}.orders` AS o ON o.order_id = t.order_id",
    "privacy": "SELECT WITH DIFFERENTIAL_PRIVACY OPTIONS(epsilon=0.5) EXTRACT("
    + _part(USERS, f"RELATION_{NUMBERS['private_users']}", "")
    + " FROM IF(p.score < 0, NULL, DATE '2020-01-01')) AS x, "
    "COUNT(*, contribution_bounds_per_group => (0, 1)) AS n "
    f"FROM `{P}.private_users` AS p WHERE p.city > '' GROUP BY 1",
}
STOLEN = {"threshold": f"{CANARY} Canary", "overlap": "t1000 96.25", "privacy": f"{CANARY} Canary"}
CATALOGUES = [
    _attack("sql", "duckdb_views()"),
    _attack("view_name", "duckdb_views()"),
    _attack("table_name", "duckdb_tables()"),
    _attack("table_name", "information_schema.tables"),
    _attack("table_name", "system.information_schema.tables"),
    _attack("name", "sqlite_master"),
    _attack("relname", "pg_catalog.pg_class"),
    _attack("column_name", "duckdb_columns()"),
    _attack("name", "(SHOW ALL TABLES)"),
    _attack("query", "(SELECT current_query() AS query)"),
    _attack("value", "duckdb_settings()"),
]


def _without_forms(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(grammar, "misused", lambda node: None)


def _without_rebuilding(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sandbox, "verified", lambda query, held: query.sql("duckdb"))


def _without_secret_names(patch: pytest.MonkeyPatch) -> None:
    """Names are numbered, and catalogues can be read."""
    numbers: dict[int, Iterator[int]] = {}

    def name() -> str:
        return f"relation_{next(numbers.setdefault(0, count()))}"

    patch.setattr(engine, "secret_name", name)
    patch.setattr(query_session, "secret_name", name)
    patch.setattr(sandbox, "refuse_other_relations", lambda database, text, held: None)


def _without_few_columns(patch: pytest.MonkeyPatch) -> None:
    def every(block: object, statement: exp.Select) -> dict[object, list[str]]:
        return {source: sorted(source.columns) for source in block.sources.values()}  # type: ignore[attr-defined]

    patch.setattr(protected_database, "columns_used", every)


OFF: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "forms": _without_forms,
    "rebuilding": _without_rebuilding,
    "names": _without_secret_names,
    "columns": _without_few_columns,
}


@pytest.mark.parametrize("rule", ATTACKS)
def test_the_attack_reads_everything_without_any_defence(
    clean_room: CleanRoom, monkeypatch: pytest.MonkeyPatch, rule: str
) -> None:
    for off in OFF.values():
        off(monkeypatch)
    assert STOLEN[rule] in clean_room.run(ATTACKS[rule], "merchant")["x"][0]


@pytest.mark.parametrize("rule", ATTACKS)
@pytest.mark.parametrize("alone", OFF)
def test_each_defence_stops_the_attack_alone(
    clean_room: CleanRoom, monkeypatch: pytest.MonkeyPatch, rule: str, alone: str
) -> None:
    for name, off in OFF.items():
        if name != alone:
            off(monkeypatch)
    with pytest.raises(RefusedError) as refused:
        clean_room.run(ATTACKS[rule], "merchant")
    assert STOLEN[rule] not in str(refused.value)


def test_names_alone_stop_it_although_the_catalogue_is_open(
    clean_room: CleanRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("forms", "rebuilding", "columns"):
        OFF[name](monkeypatch)
    monkeypatch.setattr(sandbox, "refuse_other_relations", lambda database, text, held: None)
    with pytest.raises(RefusedError, match="RELATION_"):
        clean_room.run(ATTACKS["threshold"], "merchant")
    first, second = catalogue.secret_name(), catalogue.secret_name()
    assert first != second
    assert len(first) > 24


@pytest.mark.parametrize("sql", CATALOGUES)
def test_no_catalogue_is_read_though_all_else_is_off(
    clean_room: CleanRoom, monkeypatch: pytest.MonkeyPatch, sql: str
) -> None:
    for name in ("forms", "rebuilding", "columns"):
        OFF[name](monkeypatch)
    with pytest.raises(RefusedError, match="reads more than the relations it may read"):
        clean_room.run(sql, "merchant")
