"""Numbers and dates of CSV files that DuckDB takes for texts, and dates that are numbers to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from synth_assets.core.schema import quoted
from synth_assets.importing.found import FoundColumn, FoundTable, FoundType, Kind, Query
from synth_assets.importing.keys import SUFFIX, snake

# Forms of dates, of which a column has one in every value. DuckDB's year of four digits may have
# two, so that of two comes first.
DATES = (
    "%d-%b-%y", "%m/%d/%y", "%d/%m/%y", "%d.%m.%y", "%d %b %Y", "%d-%b-%Y", "%b %d, %Y",
    "%d %B %Y", "%B %d, %Y", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y",
)  # fmt: skip
# A date as a whole number, which DuckDB takes for one.
COMPACT = "%Y%m%d"
COMPACT_FORM = "(19|20)[0-9]{6}"
# Numbers with a comma before the decimals; three digits behind one may be thousands.
COMMA = r"[-+]?(0|[1-9][0-9]{0,2}(\.[0-9]{3})+|[1-9][0-9]*)(,([0-9]{1,2}|[0-9]{4,}))?"


def with_values(query: Query, table: FoundTable) -> tuple[FoundTable, list[str]]:
    """A table with numbers and dates in place of texts that are such.

    Args:
        query: Runs SQL of DuckDB.
        table: The table.

    Returns:
        The table, and a note of each column that is read in another form.
    """
    columns, changes, notes = [], [], []
    for column in table.columns:
        found = _form(query, table.relation, column)
        if found is None:
            columns.append(column)
            continue
        kind, expression, written = found
        columns.append(replace(column, type=kind))
        changes.append(f"{expression} as {quoted(column.name)}")
        notes.append(
            f"column `{table.name}.{column.name}` is a {kind.spelled} here: the file has {written}"
        )
    if not changes:
        return table, []
    relation = f"(select * replace ({', '.join(changes)}) from {table.relation})"
    return replace(table, columns=tuple(columns), relation=relation), notes


def _form(query: Query, relation: str, column: FoundColumn) -> tuple[FoundType, str, str] | None:
    """The type of a column, how its values become such, and how they are written."""
    tests = list(_tests(column))
    if not tests:
        return None
    counts = ", ".join(count for count, *_ in tests)
    name = quoted(column.name)
    [(present, *able)] = query(f"select count({name}), {counts} from {relation}")
    fitting = (test for test, count in zip(tests, able, strict=True) if count == present > 0)
    return next(((kind, value, written) for _, kind, value, written in fitting), None)


def _tests(column: FoundColumn) -> Iterator[tuple[str, FoundType, str, str]]:
    name = quoted(column.name)
    text = f"cast({name} as varchar)"
    if column.type.kind is Kind.TEXT:
        number = f"cast(replace(replace({name}, '.', ''), ',', '.') as double)"
        count = f"count(*) filter (regexp_full_match({name}, '{COMMA}'))"
        with_comma = f"coalesce(max(cast(contains({name}, ',') as integer)), 0)"
        yield (
            f"{count} * {with_comma}",
            FoundType(Kind.FLOAT, "number"),
            number,
            "a comma before the decimals",
        )
    forms: Sequence[str] = DATES if column.type.kind is Kind.TEXT else ()
    is_key = SUFFIX.search(snake(column.name)) or snake(column.name) == "id"
    if column.type.kind is Kind.INTEGER and not is_key:
        forms = (COMPACT,)
        text = f"case when regexp_full_match({text}, '{COMPACT_FORM}') then {text} end"
    for form in forms:
        date = f"try_strptime({text}, '{form}')"
        kind = FoundType(Kind.DATE, "date")
        yield f"count({date})", kind, f"cast({date} as date)", f"the form {form}"
