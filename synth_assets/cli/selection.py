"""Selections of tables, as commands take them.

A selection is ``all``, a domain (``jaffle``), a table (``jaffle/raw_orders_training``) or a pattern
(``jaffle/raw_*``).
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from synth_assets.core.errors import UserError, closest
from synth_assets.core.model import Domain, Table
from synth_assets.domains import load_domains
from synth_assets.quality.structural import checks_of

ALL = "all"
# Names that an error lists.
MOST_NAMED = 12


def select(domains: Sequence[Domain], words: Sequence[str]) -> list[tuple[Domain, list[Table]]]:
    """The tables that words select.

    Args:
        domains: The domains to select from.
        words: Domains, tables and patterns; all tables if there are none.

    Returns:
        The domains with selected tables, in the domains' order.

    Raises:
        UserError: A word selects no table.
    """
    known = {t.path for d in domains for t in d.tables}
    selected: set[str] = set()
    for word in words or [ALL]:
        pattern = "*" if word == ALL else word if "/" in word else f"{word}/*"
        found = {path for path in known if fnmatchcase(path, pattern)}
        if not found:
            raise _unknown(domains, word)
        selected |= found
    chosen = [(d, [t for t in d.tables if t.path in selected]) for d in domains]
    return [(d, tables) for d, tables in chosen if tables]


def select_table(domains: Sequence[Domain], word: str) -> tuple[Domain, Table]:
    """The one table that a word selects.

    Args:
        domains: The domains to select from.
        word: ``domain/table``, or a pattern that one table matches.

    Raises:
        UserError: The word selects no table, or several.
    """
    found = [(domain, table) for domain, tables in select(domains, [word]) for table in tables]
    if len(found) > 1:
        paths = _few([table.path for _, table in found])
        raise UserError(f"{word!r} selects {len(found)} tables, name one of them: {paths}")
    return found[0]


def _unknown(domains: Sequence[Domain], word: str) -> UserError:
    """The error for a word that selects nothing, with names of the domain that it is about."""
    first, slash, rest = word.partition("/")
    domain = next((domain for domain in domains if domain.name == first), None)
    if domain is None:
        names = [ALL, *(domain.name for domain in domains)]
        known = f"known are {', '.join(names)}, domain/table or a pattern"
        return UserError(f"unknown selection {word!r}: {known}{_hint(_elsewhere(domains, word))}")
    if not slash or not rest:
        return UserError(f"unknown selection {word!r}: {first} selects all of its tables")
    tables = [table.name for table in domain.tables]
    close = _similar(rest, tables)
    known = _few(tables)
    return UserError(
        f"unknown selection {word!r}: tables of {first} are {known}"
        f"{_hint(f'{first}/{close}' if close else None)}"
    )


def _elsewhere(domains: Sequence[Domain], word: str) -> str | None:
    """The most similar domain, or table of it; a table's name alone finds it in any domain."""
    first, slash, rest = word.partition("/")
    close = closest(first, [ALL, *(domain.name for domain in domains)])
    domain = next((domain for domain in domains if domain.name == close), None)
    if domain is not None and slash:
        table = _similar(rest, [table.name for table in domain.tables])
        return f"{domain.name}/{table}" if table else domain.name
    if close is not None:
        return close
    tables = {table.name: table.path for domain in domains for table in domain.tables}
    table = _similar(word, list(tables))
    return tables[table] if table else None


def _similar(name: str, known: Sequence[str]) -> str | None:
    """The known name that is most similar, or the first that contains the name."""
    return closest(name, known) or next((k for k in known if name and name in k), None)


def _few(names: Sequence[str]) -> str:
    more = f", … ({len(names)} in all)" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def _hint(suggestion: str | None) -> str:
    return f"; did you mean {suggestion!r}?" if suggestion else ""


def with_parents(domain: Domain, tables: Sequence[Table]) -> list[Table]:
    """Tables with all tables on which they or their checks depend, directly or not.

    Args:
        domain: The tables' domain.
        tables: The tables.

    Returns:
        The tables in the domain's order.
    """
    names = {t.name for t in tables}
    pending = list(tables)
    while pending:
        table = pending.pop()
        needed = {*table.parent_names, *(n for r in checks_of(table) for n in r.reads)}
        for name in needed - names:
            names.add(name)
            pending.append(domain.table(name))
    return [t for t in domain.tables if t.name in names]


def domain_named(name: str) -> Domain:
    """The domain of a name, for commands about one domain.

    Args:
        name: Name of an existing domain.
    """
    return next(domain for domain in load_domains() if domain.name == name)
