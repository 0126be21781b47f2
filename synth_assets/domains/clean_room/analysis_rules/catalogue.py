"""Statements in a sandbox cannot discover other relations: names are secret, catalogues unreadable.

The names of registered relations are random and new for every query. DuckDB's own parser reports
what a statement reads: only registered relations by their bare names are allowed, no table function
and no function that describes the database itself.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Collection, Iterator

import duckdb

from synth_assets.domains.clean_room.analysis_rules.errors import NotProvablySafeError

SOURCES = {"BASE_TABLE", "SUBQUERY", "JOIN", "EMPTY"}
INTROSPECTION = re.compile(
    r"(duckdb|pg|pragma|current|has|query|get|in_search|obj|col|format_pg|txid|inet|session|user"
    r"|set|next|curr|version)(_.*|val|variable|env|table)?"
)
REFUSAL = "the query reads more than the relations it may read"


def secret_name() -> str:
    """A random name for a relation, which no query can guess."""
    return f"held_{secrets.token_hex(12)}"


def refuse_other_relations(
    database: duckdb.DuckDBPyConnection, text: str, registered: Collection[str]
) -> None:
    """Refuse a statement that reads anything but registered relations.

    Args:
        database: Any connection, which parses the statement.
        text: The statement in DuckDB's SQL.
        registered: The names that may be read.

    Raises:
        NotProvablySafeError: The statement reads something else, or DuckDB cannot parse it.
    """
    row = database.execute("SELECT json_serialize_sql($1)", [text]).fetchone()
    tree = json.loads(row[0]) if row else {"error": True}
    if tree.get("error"):
        raise NotProvablySafeError(REFUSAL)
    for node in _nodes(tree):
        if not _permitted(node, registered):
            raise NotProvablySafeError(REFUSAL)


def _permitted(node: dict[str, object], registered: Collection[str]) -> bool:
    if "function_name" in node:
        schemas = {node.get("schema"), node.get("catalog")} - {"", "main", None}
        return not schemas and not INTROSPECTION.fullmatch(str(node["function_name"]).lower())
    if "alias" in node and "sample" in node:  # a part of FROM
        if node["type"] == "BASE_TABLE":
            bare = not node.get("schema_name") and not node.get("catalog_name")
            return bare and node.get("table_name") in registered
        return node["type"] in SOURCES
    return True


def _nodes(tree: object) -> Iterator[dict[str, object]]:
    """Every object of a JSON document."""
    left = [tree]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            yield one
            left += one.values()
        elif isinstance(one, list):
            left += one
