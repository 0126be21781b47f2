"""What a shell offers where a command takes a selection, ``--set`` or ``--partitions``.

Values come from the domains as the environment declares them; nothing that is stored is read. An
environment that a command would refuse offers nothing: completion prints no errors.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import wraps
from typing import Any

import typer

from synth_assets.core.errors import UserError

# Keys that are offered: a shell lists no more at once.
MOST_KEYS = 400

# What a shell asks with; those of bash have to be there, and others may be missing.
REQUEST, WORDS, POSITION = "_SYNTH_COMPLETE", "COMP_WORDS", "COMP_CWORD"

Complete = Callable[[typer.Context, str], list[str]]


def require_words_to_complete() -> None:
    """Refuses a request of bash that does not say what is to be completed.

    Raises:
        UserError: A variable is missing, or is no number.
    """
    if os.environ.get(REQUEST) != "complete_bash":
        return
    if WORDS not in os.environ or not os.environ.get(POSITION, "").isdecimal():
        raise UserError(
            f"{REQUEST} is a variable of shells: {WORDS} must be the words so far, and {POSITION} "
            "the number of the one to complete"
        )


def _beginning(complete: Complete) -> Complete:
    """Keeps what begins with the given text; nothing where the environment is wrong."""

    @wraps(complete)
    def found(ctx: typer.Context, incomplete: str) -> list[str]:
        try:
            return [text for text in complete(ctx, incomplete) if text.startswith(incomplete)]
        except UserError:
            return []

    return found


@_beginning
def selections(ctx: typer.Context, incomplete: str) -> list[str]:
    """Domains, then the tables of the one domain that the text begins.

    Args:
        ctx: The command's context.
        incomplete: The text before the cursor.
    """
    from synth_assets.cli.selection import ALL
    from synth_assets.domains import load_domains

    domains = load_domains()
    begun = [d for d in domains if d.name.startswith(incomplete) or f"{d.name}/" in incomplete]
    tables = [table.path for table in begun[0].tables] if len(begun) == 1 else []
    return [ALL, *(domain.name for domain in domains), *tables]


@_beginning
def tables(ctx: typer.Context, incomplete: str) -> list[str]:
    """All tables, once the domain is begun; before that ``domain/``.

    Args:
        ctx: The command's context.
        incomplete: The text before the cursor.
    """
    from synth_assets.domains import load_domains

    return [table.path for domain in load_domains() for table in domain.tables]


@_beginning
def settings(ctx: typer.Context, incomplete: str) -> list[str]:
    """``field=value`` of the selected domains, with the value that the field has now.

    Args:
        ctx: The command's context, which has the selection.
        incomplete: The text before the cursor.
    """
    from synth_assets.cli.selection import select
    from synth_assets.domains import load_domains

    chosen = select(load_domains(), ctx.params.get("selection") or [])
    found: dict[str, Any] = {}
    for domain, _ in chosen:
        now = domain.scenario.model_dump(mode="json")
        found |= {name: now[name] for name in type(domain.scenario).launchpad_fields()}
    return [f"{name}={_text(value)}" for name, value in sorted(found.items())]


@_beginning
def partitions(ctx: typer.Context, incomplete: str) -> list[str]:
    """The newest partition keys of the selected tables, also as the end of a range.

    Args:
        ctx: The command's context, which has the selection.
        incomplete: The text before the cursor.
    """
    from synth_assets.cli.selection import select
    from synth_assets.core.partitioning import Unpartitioned
    from synth_assets.domains import load_domains

    chosen = select(load_domains(), ctx.params.get("selection") or [])
    layouts = {
        t.partitioning.keys
        for _, tables in chosen
        for t in tables
        if not isinstance(t.partitioning, Unpartitioned)
    }
    keys = {key for list_keys in layouts for key in list_keys()}
    first, separator, _ = incomplete.rpartition("..")
    return [f"{first}{separator}{key}" for key in sorted(keys)[-MOST_KEYS:]]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
