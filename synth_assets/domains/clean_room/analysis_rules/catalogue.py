"""Nobody in an enclosure learns what else is there: names are secret, catalogues are not read.

The names of held relations are drawn anew for every query. What a statement reads is asked of
DuckDB's own parser: held relations by their bare names, no table function, and no function that
tells of the database itself.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Collection, Iterator

import duckdb

from synth_assets.domains.clean_room.analysis_rules.errors import NotProvablySafeError

SOURCES = {"BASE_TABLE", "SUBQUERY", "JOIN", "EMPTY"}
TELLING = re.compile(
    r"(duckdb|pg|pragma|current|has|query|get|in_search|obj|col|format_pg|txid|inet|session|user"
    r"|set|next|curr|version)(_.*|val|variable|env|table)?"
)
REFUSAL = "the query reads more than the relations it may read"


def secret_name() -> str:
    """A name for a relation that no query can know."""
    return f"held_{secrets.token_hex(12)}"


def read_only_held(database: duckdb.DuckDBPyConnection, text: str, held: Collection[str]) -> None:
    """Refuse a statement that reads anything but held relations."""
    row = database.execute("SELECT json_serialize_sql($1)", [text]).fetchone()
    tree = json.loads(row[0]) if row else {"error": True}
    if tree.get("error"):
        raise NotProvablySafeError(REFUSAL)
    for node in _nodes(tree):
        if not _permitted(node, held):
            raise NotProvablySafeError(REFUSAL)


def _permitted(node: dict[str, object], held: Collection[str]) -> bool:
    if "function_name" in node:
        schemas = {node.get("schema"), node.get("catalog")} - {"", "main", None}
        return not schemas and not TELLING.fullmatch(str(node["function_name"]).lower())
    if "alias" in node and "sample" in node:  # a part of FROM
        if node["type"] == "BASE_TABLE":
            bare = not node.get("schema_name") and not node.get("catalog_name")
            return bare and node.get("table_name") in held
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
