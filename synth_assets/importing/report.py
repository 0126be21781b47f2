"""The report of an import in Markdown: what was guessed, what was left out, what rows gave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from synth_assets.importing.decision import Because
from synth_assets.importing.declaration import Imported
from synth_assets.importing.found import FoundTable
from synth_assets.importing.profile import ColumnProfile, TableProfile

MEANING = {
    Because.DECLARED: "the source declares it",
    Because.ROWS: "aggregates of rows show it",
    Because.NAME: "the column's name suggests it",
    Because.TYPE: "nothing but the type is known",
}


def counts(imported: Imported) -> dict[Because, int]:
    """How many columns were decided from what.

    Args:
        imported: The import.
    """
    found = Counter(
        d.because for table in imported.tables.values() for d in table.decisions.values()
    )
    return {because: found[because] for because in Because}


def report(imported: Imported, k: int) -> str:
    """The report.

    Args:
        imported: The import.
        k: Rows that must share a value for it to be copied.
    """
    lines = [f"# Import of {imported.spec.domain}", "", imported.spec.doc, ""]
    lines += ["| decided from | columns | meaning |", "| --- | --- | --- |"]
    found = counts(imported)
    lines += [f"| {b.value} | {found[b]:,} | {MEANING[b]} |" for b in Because]
    lines += ["", *_section("Left out or renamed", imported.schema.notes)]
    lines += _rows(imported, k)
    for table in imported.schema.tables:
        lines += _table(imported, table)
    return "\n".join(lines).rstrip() + "\n"


def _section(title: str, notes: object) -> list[str]:
    listed = [f"- {note}" for note in notes]  # type: ignore[attr-defined]
    return [f"## {title}", "", *listed, ""] if listed else []


def _rows(imported: Imported, k: int) -> list[str]:
    """What was taken of rows, and what was not."""
    if not imported.profiles:
        return ["No row was read.", ""]
    small = [name for name, profile in imported.profiles.items() if profile.rows is None]
    text = [
        "## Taken from rows",
        "",
        f"Only aggregates were taken. A value is copied if {k} rows or more share it, and if the "
        "name of its column does not suggest personal data. Counts have two significant digits, "
        "rates and shares are in hundredths, ranges end at quantiles and are rounded to a "
        "twentieth of their width. This is no differential privacy: the page on imports says what "
        "it is.",
        "",
    ]
    if small:
        names = ", ".join(f"`{name}`" for name in small)
        text += [f"Fewer than {k} rows, of which nothing was taken: {names}.", ""]
    return text


def _table(imported: Imported, table: FoundTable) -> Iterator[str]:
    declared = imported.tables[table.name]
    profile = imported.profiles.get(table.name)
    yield from (f"## {table.name}", "")
    if table.key_guessed:
        yield from (f"- the primary key `{table.primary_key[0]}` is guessed from its name", "")
    if declared.notes:
        yield from (*(f"- {note}" for note in declared.notes), "")
    taken = profile is not None and profile.rows is not None
    heading = "| column | generator | decided from | note |"
    yield heading + (" taken from rows |" if taken else "")
    yield "| --- | --- | --- | --- |" + (" --- |" if taken else "")
    for column in table.columns:
        decision = declared.decisions[column.name]
        cells = [f"`{column.name}`", decision.fields["kind"], decision.because.value, decision.note]
        if taken and profile is not None:
            cells.append(_taken(profile, column.name))
        yield "| " + " | ".join(_cell(cell) for cell in cells) + " |"
    if taken and profile is not None:
        yield from ("", f"Rows: about {profile.rows:,}.")
    yield ""


def _taken(profile: TableProfile, column: str) -> str:
    found = profile.columns.get(column, ColumnProfile())
    reference = profile.references.get((column,))
    parts = [f"{found.null_rate:.0%} null"] if found.null_rate else []
    parts += [f"shares of {len(found.shares)} values"] if found.shares else []
    parts += ["a frequent number"] if found.frequent else []
    parts += ["a rounded range"] if found.bounds else []
    parts += ["quartiles"] if found.quartiles else []
    parts += ["decimals"] if found.decimals is not None else []
    parts += ["delays"] if found.delays else []
    parts += ["a shape"] if found.digits or found.letters else []
    if reference is not None and reference.top_tenth is not None:
        parts.append(
            f"{reference.used:.0%} of parents are used, a tenth of them by "
            f"{reference.top_tenth:.0%} of rows"
        )
    return ", ".join(parts)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")
