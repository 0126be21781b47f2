"""The statement that is sent to a database: rebuilt from parts, printed, and parsed again.

The texts that a query's author wrote (names, strings, unusual words) are removed before the tree is
converted to DuckDB's dialect, and put back as leaves of that tree. If the printed text parses to
another tree, a text was more than a leaf, and the statement is refused. The tree may name only
registered relations and may call only the functions listed here.
"""

from __future__ import annotations

import re
from collections.abc import Collection

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from synth_assets.domains.clean_room.analysis_rules.allowed_nodes import AROUND
from synth_assets.domains.clean_room.analysis_rules.errors import NotProvablySafeError
from synth_assets.domains.clean_room.analysis_rules.forms import NUMBER
from synth_assets.domains.clean_room.analysis_rules.printing import duckdb_text

WORD = re.compile(r"[A-Z_]{1,20}", re.ASCII | re.IGNORECASE)
LEAF = "leaf_{}_"
# Nodes of DuckDB's dialect that BigQuery's does not have.
PRINTED = {exp.Try, exp.Typeof, exp.ByteLength}
FUNCTIONS = {"TRY", "DATE_PART", "OCTET_LENGTH"}
REFUSAL = "the query cannot be written for the database so that it is proven safe"


def verified(query: exp.Query, readable: Collection[str]) -> str:
    """The text of a statement, after a check that it contains only what is allowed.

    Args:
        query: A query over internal names of relations.
        readable: The names that it may read.

    Returns:
        DuckDB's SQL.

    Raises:
        NotProvablySafeError: The text parses differently, or reads or calls something else.
    """
    try:
        statement = _rebuilt(query)
        text = duckdb_text(statement)
        again = _one(text)
    except (SqlglotError, RecursionError):
        raise NotProvablySafeError(REFUSAL) from None
    if again != statement or duckdb_text(again) != text:
        raise NotProvablySafeError(REFUSAL)
    for node in again.walk():
        if isinstance(node, exp.Table):
            good = len(node.parts) == 1 and node.name in readable
        elif isinstance(node, exp.Anonymous):
            good = node.name.upper() in FUNCTIONS
        else:
            good = type(node) in AROUND | PRINTED
        if not good:
            raise NotProvablySafeError(f"{REFUSAL}: {node.key.upper()}")
    return text


def _rebuilt(query: exp.Query) -> exp.Expr:
    """DuckDB's tree of a query, built without its author's texts, which are then inserted."""
    bare = query.copy()
    texts: list[str] = []
    for node in list(bare.find_all(exp.Identifier, exp.Literal, exp.Var)):
        text = node.name
        if isinstance(node, exp.Identifier) or not _plain(node, text):
            node.set("this", LEAF.format(len(texts)))
            texts.append(text)
    statement = _one(duckdb_text(bare))
    known = {LEAF.format(place): text for place, text in enumerate(texts)}
    for node in statement.find_all(exp.Identifier, exp.Literal, exp.Var):
        if node.name.lower() in known:
            node.set("this", known[node.name.lower()])
            if isinstance(node, exp.Identifier):
                node.set("quoted", True)
    return statement


def _plain(node: exp.Expr, text: str) -> bool:
    """Whether a text is a number, or a word that the printer may interpret, such as a date part."""
    if isinstance(node, exp.Literal) and not node.is_string:
        return NUMBER.fullmatch(text) is not None
    return WORD.fullmatch(text) is not None


def _one(text: str) -> exp.Expr:
    found = sqlglot.parse(text, read="duckdb")
    if len(found) != 1 or not isinstance(found[0], exp.Query):
        raise NotProvablySafeError(REFUSAL)
    return found[0]
