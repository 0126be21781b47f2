"""What users see of an error of dbt: the model and dbt's reason, in one line.

dbt prints several lines, and Dagster the command before them. All of it is in dbt's log.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

# What Dagster writes between its own words and dbt's messages.
FROM_DBT = "Errors parsed from dbt logs:"
OPENING = "Encountered an error:"
# What follows an error that dbt does not expect; the error itself is before it, and its last line.
TRACEBACK = "Traceback (most recent call last):"
# How dbt begins a node's message: `Runtime Error in model sales (models/bakery/sales.sql)`.
OF_NODE = re.compile(r"^[\w ]+ Error in (?P<node>.+ \(.+\))$")
# Values of rows, in the words of DuckDB, Postgres and BigQuery; they name columns otherwise.
VALUES = re.compile(r"'[^']*'|(?<=: )\"[^\"]*\"$|(?<=value: ).*$|(?<=\)=)\(.*?\)")
# Statuses in dbt's results: a test that failed, and a node that could not be run.
FAILED, BROKEN = "fail", ("error", "runtime error")
MOST_CHARACTERS = 600


def broken_nodes(results: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A line for each node that could not be run: which, and why.

    Args:
        results: The results that dbt has written.
    """
    for result in results:
        if result["status"] in BROKEN:
            first, *rest = _lines(result.get("message") or "") or ["it could not be run"]
            found = OF_NODE.match(first)
            node = found["node"] if found else result.get("unique_id", "dbt")
            reason = next(iter(rest), first) if found else first
            yield f"{node}: {VALUES.sub('…', reason)}"


def only_tests_failed(statuses: Collection[str]) -> bool:
    """Whether a dbt build failed only because of tests.

    Args:
        statuses: The statuses of its nodes.
    """
    return FAILED in statuses and not set(statuses).intersection(BROKEN)


def reason_of(error: Exception) -> str:
    """Dbt's own words in an error of a command of dbt.

    Args:
        error: The error, as dagster-dbt raises it.
    """
    _, found, text = str(error).partition(FROM_DBT)
    words, _, traceback = text.partition(TRACEBACK)
    lines = [line for line in _lines(words) if line != OPENING] or _lines(traceback)[-1:]
    if not found or not lines:
        return "dbt gives no reason"
    return " ".join(lines)[:MOST_CHARACTERS]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
