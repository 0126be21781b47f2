"""The tables of a new domain as ``domain.yaml``."""

from __future__ import annotations

from collections.abc import Sequence

import yaml

from synth_assets.scaffold.names import NewTable

HEAD = """\
# yaml-language-server: $schema=domain.schema.json
domain: {key}
doc: What the tables of {name} are about.
owner: team:{name}
"""
DAYS = """\
start_date: 2026-01-01
# Without it, all days up to yesterday.
end_date: 2026-01-15
"""
TABLE = """\
  {key}:
    doc: One row for each of the {name}.
    rows: {rows}
{partitioning}    columns:
      id: {{kind: sequence, primary_key: true, doc: Id of the row.}}
{columns}"""
REFERENCE = """\
      {column}: {{kind: reference, to: {parent}, doc: Row of {parent}.}}
"""
FIRST = """\
      name: {kind: vocabulary, provider: name, pii: name, doc: Full name.}
      tier: {kind: choice, values: {basic: 0.7, plus: 0.25, gold: 0.05}, doc: Price tier.}
"""
OTHER = """\
      amount: {kind: lognormal, median: 20, sigma: 0.8, type: "decimal(12,2)", doc: Amount paid.}
"""
TIME = """\
      created_at: {kind: timestamp, doc: Moment at which the row was made (UTC).}
"""
DATE = """\
      since: {kind: date, start: 2024-01-01, end: 2025-12-31, doc: Day of the first contact.}
"""
CHECK = """\
    checks:
      - {kind: range, column: amount, low: 0}
"""


def domain_yaml(name: str, tables: Sequence[NewTable]) -> str:
    """The text of ``domain.yaml``.

    Args:
        name: The domain's name.
        tables: Its tables.
    """
    head = HEAD.format(key=_quoted(name), name=name) + (
        DAYS if any(t.is_daily for t in tables) else ""
    )
    return head + "tables:\n" + "\n".join(map(_table, tables))


def _table(table: NewTable) -> str:
    columns = ""
    if table.parent is not None:
        columns += REFERENCE.format(column=table.reference, parent=_quoted(table.parent))
    columns += (OTHER if table.parent else FIRST) + (TIME if table.is_daily else DATE)
    kind = table.partitioning
    text = TABLE.format(
        key=_quoted(table.name),
        name=table.name,
        rows=50 if table.is_daily else 200,
        partitioning="" if kind == "unpartitioned" else f"    partitioning: {{kind: {kind}}}\n",
        columns=columns,
    )
    return text + (CHECK if table.parent else "")


def _quoted(name: str) -> str:
    """A name as YAML reads it as text: ``null``, ``true``, ``on`` and others need quotes."""
    return name if yaml.safe_load(name) == name else f'"{name}"'
