"""Assembles the commands and turns errors into one line and an exit code."""

from __future__ import annotations

import sys

import typer
from rich.markup import escape

from synth_assets.cli import (
    clean_room,
    copy,
    export,
    flow,
    gates,
    identity_graph,
    identity_resolution,
    journey,
    listing,
    maintain,
    materialize,
    score_resolution,
    ui,
)
from synth_assets.cli.console import err, warn
from synth_assets.cli.exits import BAD_INPUT, INTERRUPTED
from synth_assets.generation.errors import UserError
from synth_assets.orchestration.environment import without_effect
from synth_assets.orchestration.interruption import interrupted, noting_interruptions

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Realistic, connected synthetic data, with quality gates.",
    epilog="Exit codes: 0 well, 1 a gate failed, 2 wrong input, 3 a run failed, 130 interrupted.",
)
app.command("list")(listing.list_tables)
app.command("materialize")(materialize.materialize)
app.command("gate")(gates.gate)
app.command("copy")(copy.copy)
app.command("maintain")(maintain.maintain)
app.command("export")(export.export)
app.command("jaffle")(flow.jaffle)
app.command("identity-resolution")(identity_resolution.identity_resolution)
app.command("identity-graph")(identity_graph.identity_graph)
app.command("score-resolution")(score_resolution.score_resolution)
app.command("journey")(journey.journey)
app.add_typer(clean_room.app, name="clean-room")
app.command("demo")(materialize.demo)
app.command("ui")(ui.ui)


def main() -> None:
    """Entry point of the command."""
    with noting_interruptions():
        sys.exit(_run())


def _run() -> int:
    """The exit code; what an interruption made go wrong is an interruption."""
    try:
        for text in without_effect():
            warn(text)
        app()
        return 0
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else int(left.code is not None)
        # typer leaves without a word where a command did not catch the interruption itself.
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
    err.print("interrupted: what was finished is kept, the rest is as it was before")
    return INTERRUPTED
