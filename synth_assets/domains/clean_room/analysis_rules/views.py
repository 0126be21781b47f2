"""The parties of a clean room, the tables that they own and the protected views that they share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl
import sqlglot
from sqlglot import exp

from synth_assets.domains.clean_room.analysis_rules.errors import PolicyError
from synth_assets.domains.clean_room.analysis_rules.policy import PrivacyPolicy


def relation(internal: str, alias: str) -> exp.Expr:
    """A relation of a sandbox under the alias that a query uses.

    Args:
        internal: The relation's name in the sandbox.
        alias: The alias, which is quoted.
    """
    return exp.alias_(exp.to_table(internal), exp.to_identifier(alias, quoted=True), table=True)


def dotted(table: exp.Table) -> str:
    """The dotted name of a table in a query, without quotes.

    Args:
        table: A table of a parsed query.
    """
    return ".".join(part.name for part in table.parts)


@dataclass(frozen=True)
class ProtectedView:
    """A view that other parties may query under its policy.

    ``query`` is its definition in BigQuery's SQL, over tables of the party that shares it.
    """

    name: str
    query: str
    policy: PrivacyPolicy
    description: str = ""

    def __post_init__(self) -> None:
        """Refuse a definition that is not one query."""
        try:
            parsed = sqlglot.parse(self.query, read="bigquery")
        except sqlglot.errors.SqlglotError as error:
            raise PolicyError(f"view {self.name}: its query cannot be read: {error}") from None
        if len(parsed) != 1 or not isinstance(parsed[0], exp.Query):
            raise PolicyError(f"view {self.name}: its query must be one SELECT: {self.query!r:.80}")

    @property
    def definition(self) -> exp.Query:
        """The parsed query, a new tree at each access, so that callers can change it."""
        query = sqlglot.parse_one(self.query, read="bigquery")
        assert isinstance(query, exp.Query)
        return query


@dataclass(frozen=True)
class Party:
    """A party: reads its own tables without restriction, and all views under their policies."""

    name: str
    tables: Mapping[str, pl.LazyFrame | pl.DataFrame] = field(default_factory=dict)
    views: tuple[ProtectedView, ...] = ()
