"""Assembles the commands, and converts errors to one line and an exit code.

A command's module is imported when the command is called, because that may take seconds. The list
of commands shows their docstrings, which are parsed from the source without an import.
"""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.markup import escape
from typer.core import TyperGroup

from synth_assets.cli.console import err, warn
from synth_assets.cli.exits import BAD_INPUT, INTERRUPTED, ON_INTERRUPTION
from synth_assets.core.errors import UserError
from synth_assets.orchestration.interruption import interrupted, recording_interruptions

if TYPE_CHECKING:
    from typer._click import Command, Context

# The module of each command in this package, and the command's function or group in the module.
COMMANDS = {
    "list": ("listing", "list_tables"),
    "materialize": ("materialize", "materialize"),
    "gate": ("gate", "gate"),
    "copy": ("copy", "copy"),
    "maintain": ("maintain", "maintain"),
    "export": ("export", "export"),
    "jaffle": ("jaffle", "jaffle"),
    "identity-resolution": ("identity_resolution", "identity_resolution"),
    "identity-graph": ("identity_graph", "identity_graph"),
    "score-resolution": ("score_resolution", "score_resolution"),
    "journey": ("journey", "journey"),
    "demo": ("materialize", "demo"),
    "ui": ("ui", "ui"),
    "studio": ("studio", "studio"),
    "clean-room": ("clean_room", "clean_room"),
}


class LazyGroup(TyperGroup):
    """A group that imports the module of the command that is called."""

    def resolve_command(
        self, ctx: Context, args: list[str]
    ) -> tuple[str | None, Command | None, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        return name, load(name) if name else command, rest


def load(name: str) -> Command:
    """Imports a command.

    Args:
        name: A key of ``COMMANDS``.
    """
    module, function = COMMANDS[name]
    found = import_module(f"synth_assets.cli.{module}")
    group: typer.Typer | None = getattr(found, "app", None)
    if group is None:
        group = typer.Typer(add_completion=False, rich_markup_mode="rich")
        group.command(name)(getattr(found, function))
    command = typer.main.get_command(group)
    command.name = name
    return command


def _docstring(module: str, function: str) -> str:
    """A function's docstring, read from the module's source."""
    tree = ast.parse(Path(__file__).with_name(f"{module}.py").read_text(encoding="utf-8"))
    found = (node for node in tree.body if isinstance(node, ast.FunctionDef))
    return next(ast.get_docstring(node) or "" for node in found if node.name == function)


def _assembled() -> typer.Typer:
    app = typer.Typer(
        cls=LazyGroup,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        help="Realistic, connected synthetic data, with quality gates.",
        epilog="Exit codes: 0 well, 1 a gate failed, 2 wrong input, 3 a run failed, "
        "130 interrupted.",
    )
    for name, (module, function) in COMMANDS.items():
        app.command(name, help=_docstring(module, function))(_placeholder)
    app.callback()(_warn)
    return app


def _placeholder() -> None:
    """Represents a command that is not imported yet."""


def _warn() -> None:
    """Warns of environment variables without effect, before a command starts."""
    from synth_assets.orchestration.environment import without_effect

    for text in without_effect():
        warn(text)


app = _assembled()


def run() -> int:
    """Runs the command of ``sys.argv`` and returns its exit code."""
    with recording_interruptions():
        return _run()


def _run() -> int:
    """The exit code; any error after an interruption counts as the interruption."""
    try:
        app()
        return 0
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else int(left.code is not None)
        # typer exits without a message if a command did not catch the interruption itself.
        caught = isinstance(getattr(left.__context__, "__cause__", None), KeyboardInterrupt)
        if not caught and (code in (0, INTERRUPTED) or not interrupted()):
            return code
    except UserError as error:
        if not interrupted():
            err.print(f"[bold red]error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
            return BAD_INPUT
    except KeyboardInterrupt:
        pass
    except Exception:
        if not interrupted():
            raise
    err.print(ON_INTERRUPTION)
    return INTERRUPTED
