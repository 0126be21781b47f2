"""Trees as DuckDB's text. Generators are kept: making one anew costs more than using it."""

from __future__ import annotations

from sqlglot import Dialect, exp
from sqlglot.generator import Generator

# Those that nobody uses at the moment; a query has a thread of its own.
_FREE: list[Generator] = []


def duckdb_text(tree: exp.Expr) -> str:
    """What ``tree.sql("duckdb", comments=False)`` gives."""
    try:
        generator = _FREE.pop()
    except IndexError:
        generator = Dialect.get_or_raise("duckdb").generator(comments=False)
    text = generator.generate(tree)
    # One that has failed halfway does not come back.
    _FREE.append(generator)
    return text
