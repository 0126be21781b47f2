"""Tables of a PostgreSQL database: its catalog as DDL, which ``ddl`` reads.

The caller opens the connection (``Query``); nothing here writes or knows an address.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import cache

import sqlglot
from sqlglot.errors import SqlglotError

from synth_assets.core.errors import UserError
from synth_assets.core.schema import quoted
from synth_assets.importing.ddl import tables_of
from synth_assets.importing.found import FoundSchema, Query

OURS = "n.nspname not in ('pg_catalog', 'information_schema', '_synth') and n.nspname !~ '^pg_'"
TYPES = f"""
select format('create type %I.%I as enum (%s)', n.nspname, t.typname,
    string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder))
from pg_type t join pg_namespace n on n.oid = t.typnamespace join pg_enum e on e.enumtypid = t.oid
where {OURS} group by n.nspname, t.typname order by n.nspname, t.typname
"""
DOMAINS = f"""
select format('create domain %I.%I as ', n.nspname, t.typname),
    format_type(t.typbasetype, t.typtypmod),
    coalesce((select string_agg(' ' || pg_get_constraintdef(k.oid), '' order by k.conname)
        from pg_constraint k where k.contypid = t.oid and k.contype = 'c'), '')
from pg_type t join pg_namespace n on n.oid = t.typnamespace
where t.typtype = 'd' and {OURS} order by t.oid
"""
COLUMNS = f"""
select n.nspname, c.relname, a.attname,
    format_type(a.atttypid, a.atttypmod),
    case when a.attnotnull or t.typnotnull then ' not null' else '' end ||
    case when a.attgenerated <> ''
        then format(' generated always as (%s) stored', pg_get_expr(d.adbin, d.adrelid))
        else '' end
from pg_class c join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
join pg_type t on t.oid = a.atttypid
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where c.relkind in ('r', 'p', 'f') and not c.relispartition and {OURS}
order by n.nspname, c.relname, a.attnum
"""
CONSTRAINTS = f"""
select n.nspname, c.relname, pg_get_constraintdef(k.oid)
from pg_constraint k join pg_class c on c.oid = k.conrelid
join pg_namespace n on n.oid = c.relnamespace
where k.contype in ('p', 'u', 'f', 'c', 'x') and not c.relispartition and {OURS}
order by n.nspname, c.relname, k.conname
"""
# Unique indexes that are no constraints.
INDEXES = f"""
select n.nspname, format('create unique index %I on %I.%I (%s)%s', x.relname, n.nspname, c.relname,
    (select string_agg(pg_get_indexdef(i.indexrelid, number, true), ', ' order by number)
        from generate_series(1, i.indnkeyatts) as number),
    ' where ' || pg_get_expr(i.indpred, i.indrelid))
from pg_index i join pg_class x on x.oid = i.indexrelid join pg_class c on c.oid = i.indrelid
join pg_namespace n on n.oid = c.relnamespace
where i.indisunique and i.indislive and not c.relispartition and {OURS}
    and not exists (select from pg_constraint k where k.conindid = i.indexrelid
        and k.contype in ('p', 'u'))
order by n.nspname, c.relname, x.relname
"""
COMMENTS = f"""
select case when d.objsubid = 0 then format('comment on table %I.%I is %L', n.nspname, c.relname,
        d.description)
    else format('comment on column %I.%I.%I is %L', n.nspname, c.relname, a.attname, d.description)
    end
from pg_description d join pg_class c on c.oid = d.objoid and d.classoid = 'pg_class'::regclass
join pg_namespace n on n.oid = c.relnamespace
left join pg_attribute a on a.attrelid = c.oid and a.attnum = d.objsubid
where c.relkind in ('r', 'p', 'f') and {OURS}
"""


def read(query: Query, shown: str, schema: str | None = None) -> FoundSchema:
    """The tables of a database.

    Args:
        query: Runs SQL in the database.
        shown: The database's address without secrets.
        schema: The schema to read; all by default.

    Raises:
        UserError: The database or the schema has no table.
    """
    tables, notes = tables_of(catalog_ddl(query, schema), "postgres", shown)
    if not tables:
        of = f" in schema {schema}" if schema else ""
        raise UserError(f"{shown} has no table{of} that can be read")
    with_rows = tuple(
        replace(table, relation=f"{quoted(table.schema)}.{quoted(table.name)}") for table in tables
    )
    return FoundSchema(with_rows, f"the PostgreSQL database {shown}", notes, query)


def catalog_ddl(query: Query, schema: str | None = None) -> str:
    """The catalog as DDL: types and domains, tables with constraints, unique indexes, comments.

    Args:
        query: Runs SQL in the database.
        schema: The schema to read; all by default.
    """
    parts = defaultdict(list)
    for found, table, name, kind, rest in query(COLUMNS):
        if schema in (None, found):
            parts[found, table].append(f"{quoted(name)} {_parsable(kind)}{rest}")
    for found, table, definition in query(CONSTRAINTS):
        if schema in (None, found):
            parts[found, table].append(definition)
    tables = [
        f"create table {quoted(found)}.{quoted(table)} (\n  " + ",\n  ".join(definitions) + "\n)"
        for (found, table), definitions in parts.items()
    ]
    indexes = [text for found, text in query(INDEXES) if schema in (None, found)]
    types, comments = ([text for (text,) in query(statement)] for statement in (TYPES, COMMENTS))
    domains = [f"{head}{_parsable(kind)}{conditions}" for head, kind, conditions in query(DOMAINS)]
    return "".join(
        f"{statement};\n" for statement in (*types, *domains, *tables, *indexes, *comments)
    )


@cache
def _parsable(kind: str) -> str:
    """A type as the catalog spells it; quoted, as a type of the user's own, if it is not read."""
    try:
        sqlglot.parse_one(f"create table t (c {kind} not null)", read="postgres")
    except SqlglotError:
        return quoted(kind)
    return kind
