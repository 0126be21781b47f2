"""Configuration of sql-identity-resolution for the seven sources, as SQL of three databases.

The tool reads tables of the schema ``idr_meta``. Each file replaces our rows of these tables, so
that it can be loaded twice. Expressions normalise identifiers as ``resolution.normalise`` does,
since the tool itself only changes case.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from synth_assets.domains.identity_resolution.identifiers import EMAIL, IDENTIFIERS, PHONE, TYPES
from synth_assets.domains.identity_resolution.records import SOURCES
from synth_assets.domains.identity_resolution.resolution.normalise import GMAIL, excluded
from synth_assets.domains.identity_resolution.scenario import DOMAIN
from synth_assets.domains.identity_resolution.source_membership import (
    CRM,
    ECOM,
    LOYALTY,
    MOBILE,
    POS,
    REVIEWS,
    SURVEYS,
)
from synth_assets.domains.identity_resolution.telephones import KEY_DIGITS

Row = tuple[str | int | bool, ...]

# Column of the latest change of each source, most trusted source first.
WATERMARKS = {
    CRM: "updated_at",
    LOYALTY: "last_activity_date",
    ECOM: "order_date",
    MOBILE: "last_active_date",
    POS: "transaction_date",
    SURVEYS: "submitted_at",
    REVIEWS: "submitted_at",
}
ENTITY, AUTHOR = "PERSON", "synth-assets"


@dataclass(frozen=True)
class Dialect:
    """What differs between databases: the schema of the sources, and the syntax of SQL."""

    schema: str
    # Additional argument of REGEXP_REPLACE that replaces every match, if it is needed.
    every: str = ""
    # An apostrophe within a text.
    apostrophe: str = "''"

    def literal(self, value: str | int | bool) -> str:
        """A literal in SQL.

        Args:
            value: The value.
        """
        if isinstance(value, bool):
            return str(value).upper()
        if isinstance(value, int):
            return str(value)
        return "'" + value.replace("'", self.apostrophe) + "'"

    def identifier(self, kind: str, column: str) -> str:
        """The SQL expression of a normalised identifier.

        Args:
            kind: One of ``identifiers.TYPES``.
            column: The column that holds it.
        """
        if kind == EMAIL:
            lower = f"LOWER({column})"
            undotted = f"REPLACE(REGEXP_REPLACE({lower}, '[+@].*', ''), '.', '') || '{GMAIL}'"
            untagged = f"REGEXP_REPLACE({lower}, '[+][^@]*@', '@')"
            return f"CASE WHEN {lower} LIKE '%{GMAIL}' THEN {undotted} ELSE {untagged} END"
        if kind == PHONE:
            return f"RIGHT(REGEXP_REPLACE({column}, '[^0-9]', ''{self.every}), {KEY_DIGITS})"
        return column


# No text has a backslash, which is an escape in two of the three.
DUCKDB = Dialect("main", every=", 'g'")
DIALECTS = {
    "duckdb": DUCKDB,
    "snowflake": Dialect(DOMAIN),
    "bigquery": Dialect(DOMAIN, apostrophe="\\'"),
}


def scripts(dialect: Dialect, max_group_size: int) -> dict[str, str]:
    """The SQL scripts by file name.

    Args:
        dialect: The database.
        max_group_size: Records that may share an identifier.
    """
    return {
        "source_table_config.sql": _script(dialect, _sources(dialect)),
        "identifier_mapping_config.sql": _script(dialect, _identifiers(dialect, max_group_size)),
        "test_exclusions.sql": _script(dialect, _exclusions()),
    }


@dataclass(frozen=True)
class _Insert:
    """Rows of a table. Stored rows with the same value of the first column, or of ``key``, go."""

    table: str
    columns: Sequence[str]
    rows: Sequence[Row]
    key: str = ""

    def sql(self, dialect: Dialect) -> str:
        key = self.key or self.columns[0]
        place = self.columns.index(key)
        known = ", ".join(dict.fromkeys(dialect.literal(row[place]) for row in self.rows))
        lines = (f"  ({', '.join(map(dialect.literal, row))})" for row in self.rows)
        values = ",\n".join(lines)
        return (
            f"DELETE FROM idr_meta.{self.table} WHERE {key} IN ({known});\n"
            f"INSERT INTO idr_meta.{self.table}\n  ({', '.join(self.columns)})\n"
            f"VALUES\n{values};\n"
        )


def _script(dialect: Dialect, inserts: Iterator[_Insert]) -> str:
    return "\n".join(insert.sql(dialect) for insert in inserts)


def _sources(dialect: Dialect) -> Iterator[_Insert]:
    tables = {source: SOURCES[source] for source in WATERMARKS}
    yield _Insert(
        "source_table",
        ("table_id", "table_fqn", "entity_type", "entity_key_expr", "watermark_column",
         "watermark_lookback_minutes", "is_active"),
        [
            (of.table, f"{dialect.schema}.{of.table}", ENTITY, of.key, WATERMARKS[source], 0, True)
            for source, of in tables.items()
        ],
    )  # fmt: skip
    yield _Insert(
        "source",
        ("table_id", "source_name", "trust_rank", "is_active"),
        [
            (of.table, of.table.replace("_", " "), rank, True)
            for rank, of in enumerate(tables.values(), start=1)
        ],
    )


def _identifiers(dialect: Dialect, max_group_size: int) -> Iterator[_Insert]:
    yield _Insert(
        "rule",
        ("rule_id", "rule_name", "is_active", "priority", "identifier_type", "canonicalize",
         "allow_hashed", "require_non_null", "max_group_size"),
        [
            (f"R_{kind.upper()}", f"same {kind.replace('_', ' ')}", True, priority, kind.upper(),
             "LOWERCASE" if kind == EMAIL else "NONE", True, True, max_group_size)
            for priority, kind in enumerate(TYPES, start=1)
        ],
    )  # fmt: skip
    yield _Insert(
        "identifier_mapping",
        ("table_id", "identifier_type", "identifier_value_expr", "is_hashed"),
        [
            (table, kind.upper(), dialect.identifier(kind, column), column.endswith("_hash"))
            for table, columns in IDENTIFIERS.items()
            for kind, column in columns.items()
        ],
    )


def _exclusions() -> Iterator[_Insert]:
    yield _Insert(
        "identifier_exclusion",
        ("identifier_type", "identifier_value_pattern", "match_type", "reason", "created_by"),
        [
            (kind.upper(), value, "EXACT", "stands for nobody", AUTHOR)
            for kind in TYPES
            for value in excluded(kind)
        ],
        key="created_by",
    )
