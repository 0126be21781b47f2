"""Who is in the room: parties, the tables they own and the protected views they share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl
import sqlglot
from sqlglot import exp

from synth_assets.domains.clean_room.analysis_rules.errors import PolicyError
from synth_assets.domains.clean_room.analysis_rules.policy import PrivacyPolicy


def relation(internal: str, alias: str) -> exp.Expr:
    """A relation held in an enclosure, under the name a query gives it."""
    return exp.alias_(exp.to_table(internal), exp.to_identifier(alias, quoted=True), table=True)


def dotted(table: exp.Table) -> str:
    """The dotted name of a table in a query, however it was quoted."""
    return ".".join(part.name for part in table.parts)


@dataclass(frozen=True)
class ProtectedView:
    """A view that others may query, but only under its policy.

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
        """The query, parsed anew for each who changes it."""
        query = sqlglot.parse_one(self.query, read="bigquery")
        assert isinstance(query, exp.Query)
        return query


@dataclass(frozen=True)
class Party:
    """One who shares and asks: reads its own tables freely, everybody's views by their rules."""

    name: str
    tables: Mapping[str, pl.LazyFrame | pl.DataFrame] = field(default_factory=dict)
    views: tuple[ProtectedView, ...] = ()
