"""Syntax trees as DuckDB's SQL. Generators are reused: creating one costs more than using it."""

from __future__ import annotations

from sqlglot import Dialect, exp
from sqlglot.generator import Generator

# Generators that no thread is using; each query has a thread of its own.
_FREE: list[Generator] = []


def duckdb_text(tree: exp.Expr) -> str:
    """The same text as ``tree.sql("duckdb", comments=False)``.

    Args:
        tree: A tree in any dialect.
    """
    try:
        generator = _FREE.pop()
    except IndexError:
        generator = Dialect.get_or_raise("duckdb").generator(comments=False)
    text = generator.generate(tree)
    # A generator that has failed is not reused.
    _FREE.append(generator)
    return text
