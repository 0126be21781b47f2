"""Odd texts: numbers, dates, paths, addresses, JSON and SQL that are nearly right."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

NUMBERS = ["0", "-1", "1e9", "1e400", "nan", "inf", "-0", "0x10", "١٢", "1_000", "9" * 400, "1.5",
           "+3", " 4 ", "1e-9", "10M", "2B", "5%"]  # fmt: skip
DATES = ["2026-01-01", "2026-02-30", "0000-01-01", "9999-12-31", "20260101", "2026-1-1", "today",
         "2026-01-01..2026-01-03", "..", "2026-01-03..2026-01-01", "a..b..c", "s0000", "s9999",
         "training"]  # fmt: skip
PATHS = ["/", "//", ".", "..", "~", "~nobody-of-this-name/x", "/dev/null/x", "/proc/self/x", "\x01",
         "a" * 5_000, "s3://", "s3://bucket", "s3:///x", "gs://a/b", "file:///x", "://", "x://y",
         "postgresql://", "postgresql://u:p@h:port/d", "postgresql://[::1/d", "catalog.schema@",
         "project.", ".", "a b"]  # fmt: skip
WORDS = ["", " ", "-", "=", "a=b=c", "parquet", "parquet,duckdb", "jaffle=postgres", "jaffle=",
         "=duckdb", "jaffle/raw_*", "all", "JAFFLE", "[", "[!]", "**", "%s", "{0}", "$(id)", "💥",
         "[bold]", "\x1b[31m", "a\nb", "null", "None", "true", "False", "[]", "{}", "[1, 2]",
         '{"a": 1}', "\ufeff", "select 1", "a,b,,c", ",", "DE=1,US=2", "DE=nan"]  # fmt: skip
# Neither an environment nor a file's name has them.
IMPOSSIBLE = "\0"

odd_texts: st.SearchStrategy[str] = st.sampled_from([*NUMBERS, *DATES, *PATHS, *WORDS]) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=IMPOSSIBLE), max_size=20
)
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | odd_texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(odd_texts, inner, max_size=4),
    max_leaves=8,
)
SQL = [
    "SELECT",
    "WITH AGGREGATION_THRESHOLD",
    "OPTIONS",
    "(",
    ")",
    ",",
    "*",
    "COUNT(*)",
    "FROM",
    "WHERE",
    "GROUP BY",
    "ORDER BY 1",
    "LIMIT 1",
    "JOIN",
    "ON",
    "USING (email)",
    "UNION ALL",
    "AS n",
    "u",
    "p",
    "u.email",
    "p.email",
    "=",
    "1",
    "'x'",
    "`",
    "--",
    "/*",
    ";",
    "INSERT",
    "CREATE TABLE x",
    "DROP",
    "UNNEST([1])",
    "CASE WHEN",
    "END",
    "NULL",
    "?",
    "@p",
    "EXCEPT",
]


def statements(tables: list[str]) -> st.SearchStrategy[str]:
    """Texts of words of SQL and tables, most of which are no statements.

    Args:
        tables: Names of tables and views.
    """
    words = st.sampled_from([*SQL, *(f"`{table}`" for table in tables)]) | odd_texts
    return st.lists(words, max_size=14).map(" ".join)
