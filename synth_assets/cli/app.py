"""Assembles the commands, and converts errors to one line and an exit code.

A command's module is imported when the command is called, because that may take seconds. The list
of commands shows their docstrings, which are parsed from the source without an import.
"""

from __future__ import annotations

import ast
import traceback
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from typer.core import TyperGroup

from synth_assets.cli.completion import require_words_to_complete
from synth_assets.cli.console import Verbosity, err, warn, write
from synth_assets.cli.examples import epilog
from synth_assets.cli.exits import BAD_INPUT, INTERRUPTED, ON_INTERRUPTION, RUN_FAILED
from synth_assets.cli.machine_errors import machine_error
from synth_assets.core.errors import UserError
from synth_assets.orchestration.interruption import interrupted, recording_interruptions

if TYPE_CHECKING:
    from typer._click import Command, Context

# The module of each command in this package, and the command's function or group in the module.
COMMANDS = {
    "list": ("listing", "list_tables"),
    "describe": ("describe", "describe"),
    "materialize": ("materialize", "materialize"),
    "submit": ("submit", "submit"),
    "gate": ("gate", "gate"),
    "copy": ("copy", "copy"),
    "clean": ("clean", "clean"),
    "maintain": ("maintain", "maintain"),
    "purge": ("purge", "purge"),
    "export": ("export", "export"),
    "replay": ("replay", "replay"),
    "contract": ("contract", "contract"),
    "import": ("import_", "import_"),
    "new": ("new", "new"),
    "jaffle": ("jaffle", "jaffle"),
    "identity-resolution": ("identity_resolution", "identity_resolution"),
    "identity-graph": ("identity_graph", "identity_graph"),
    "score-resolution": ("score_resolution", "score_resolution"),
    "journey": ("journey", "journey"),
    "demo": ("demo", "demo"),
    "ui": ("ui", "ui"),
    "studio": ("studio", "studio"),
    "service": ("service", "service"),
    "psql": ("psql", "psql"),
    "clean-room": ("clean_room", "clean_room"),
}
# The commands' panels in the help; those that are not named work on any table.
OF_TABLES, OF_DOMAINS, FIRST = "Tables of any domain", "One domain", "Start here"
OWN = "Your own domain"
PANELS = {
    **dict.fromkeys(("demo", "ui", "studio"), FIRST),
    **dict.fromkeys(("import", "new"), OWN),
    **dict.fromkeys(
        (
            "jaffle", "journey", "clean-room", "identity-graph", "identity-resolution",
            "score-resolution",
        ),
        OF_DOMAINS,
    ),
}  # fmt: skip


class LazyGroup(TyperGroup):
    """A group that imports the module of the command that is called."""

    def resolve_command(
        self, ctx: Context, args: list[str]
    ) -> tuple[str | None, Command | None, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        return name, load(name) if name else command, rest

    def invoke(self, ctx: Context) -> Any:
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            # How pydantic begins what a parser says.
            error.message = error.message.removeprefix("Value error, ")
            raise


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
    for words, inner in _with_subcommands(name, command):
        inner.params += typer.main.get_command(_verbosity).params
        inner.epilog = epilog(words)
    return command


def _with_subcommands(words: str, command: Command) -> Iterator[tuple[str, Command]]:
    yield words, command
    for name, inner in getattr(command, "commands", {}).items():
        yield f"{words} {name}", inner


_verbosity = typer.Typer(add_completion=False)


@_verbosity.command()
def _set_verbosity(
    quiet: Annotated[
        bool,
        typer.Option(
            "--quiet", "-q", callback=lambda on: _set("quiet", on), expose_value=False,
            help="Print results and errors only.",
        ),
    ] = False,
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose", "-v", callback=lambda on: _set("verbose", on), expose_value=False,
            help="Also print the logs of Dagster and dbt.",
        ),
    ] = False,
) -> None:  # fmt: skip
    """Has the options of every command."""


def _set(name: str, on: bool) -> None:
    # Given before the command or after it: either counts.
    setattr(Verbosity, name, getattr(Verbosity, name) or on)


def _docstring(module: str, function: str) -> str:
    """A function's docstring, read from the module's source."""
    tree = ast.parse(Path(__file__).with_name(f"{module}.py").read_text(encoding="utf-8"))
    found = (node for node in tree.body if isinstance(node, ast.FunctionDef))
    return next(ast.get_docstring(node) or "" for node in found if node.name == function)


def _assembled() -> typer.Typer:
    app = typer.Typer(
        cls=LazyGroup,
        no_args_is_help=True,
        context_settings={"help_option_names": ["--help", "-h"]},
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        help="Realistic, connected synthetic data, with quality gates.",
        epilog=epilog(""),
    )
    for name in sorted(COMMANDS, key=lambda name: PANELS.get(name, OF_TABLES) != FIRST):
        panel = PANELS.get(name, OF_TABLES)
        app.command(name, help=_docstring(*COMMANDS[name]), rich_help_panel=panel)(_placeholder)
    app.callback()(_before)
    return app


def _placeholder() -> None:
    """Represents a command that is not imported yet."""


def _before(
    version: Annotated[
        bool,
        typer.Option(
            "--version", "-V", is_eager=True, callback=lambda on: _print_version(on),
            help="Print the version.",
        ),
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print results and errors only.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Also print the logs of Dagster and dbt.")
    ] = False,
) -> None:  # fmt: skip
    """Refuses wrong variables and warns of those without effect, before a command starts."""
    from synth_assets.domains.outside import make_paths_absolute
    from synth_assets.orchestration.environment import refuse_wrong, without_effect

    make_paths_absolute()

    Verbosity.quiet, Verbosity.verbose = quiet, verbose
    refuse_wrong()
    for text in without_effect():
        warn(text)


def _print_version(on: bool) -> None:
    if on:
        write(f"synth {version('synth-assets')}\n")
        raise typer.Exit


app = _assembled()


def run() -> int:
    """Runs the command of ``sys.argv`` and returns its exit code."""
    with recording_interruptions():
        return _run()


def _run() -> int:
    """The exit code; any error after an interruption counts as the interruption."""
    try:
        require_words_to_complete()
        app(prog_name="synth")
        return 0
    except SystemExit as left:
        if isinstance(left.__context__, BrokenPipeError):
            return 0  # typer's own help had a reader, which closed the pipe
        code = left.code if isinstance(left.code, int) else int(left.code is not None)
        # typer exits without a message if a command did not catch the interruption itself.
        caught = isinstance(getattr(left.__context__, "__cause__", None), KeyboardInterrupt)
        if not caught and (code in (0, INTERRUPTED) or not interrupted()):
            return code
    except UserError as error:
        if not interrupted():
            # The cause is a fault in the code of a user's domain, if there is one.
            _print_error(error.__cause__, str(error))
            return BAD_INPUT
    except KeyboardInterrupt:
        pass
    except Exception as error:
        if not interrupted():
            text = machine_error(error)
            if text is None:
                raise
            _print_error(error, f"{text}; what was finished is kept")
            return RUN_FAILED
    except BaseException:  # of Polars, whose code was interrupted
        if not interrupted():
            raise
    err.print(ON_INTERRUPTION)
    return INTERRUPTED


def _print_error(error: BaseException | None, text: str) -> None:
    if Verbosity.verbose and error is not None:
        err.print(escape("".join(traceback.format_exception(error))), highlight=False)
    err.print(f"[bold red]error:[/] {escape(text)}", highlight=False, soft_wrap=True)
