"""The reference of commands, made from the commands themselves."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

from synth_assets.cli.app import COMMANDS, load

HEADER = """\
# Commands

`synth --help` lists the commands, `synth COMMAND --help` explains one. A selection is `all`, a
domain (`jaffle`), a table (`jaffle/raw_orders_training`) or a pattern (`'jaffle/raw_*'`).

| exit code | means |
| ---: | --- |
| 0 | success |
| 1 | a quality gate failed |
| 2 | wrong input or environment; nothing was changed |
| 3 | a run failed for another reason |
| 130 | interrupted; finished partitions are kept |
"""
TYPES = {"int": "N", "float": "NUMBER", "Path": "PATH", "datetime": "DATE"}


def page() -> str:
    """The page in Markdown."""
    sections = [HEADER]
    for name in COMMANDS:
        sections += _sections(load(name), f"synth {name}", 2)
    return "\n".join(sections).rstrip() + "\n"


def _sections(command: Any, path: str, level: int) -> Iterator[str]:
    """A command's section, and after it those of its subcommands."""
    yield f"{'#' * level} {path}\n"
    words = [path, *(_placeholder(p) for p in _parameters(command) if _is_argument(p))]
    yield f"```text\n{' '.join(words)} [OPTIONS]\n```\n"
    yield _text(command.help) + "\n"
    rows = [_row(parameter) for parameter in _parameters(command)]
    if rows:
        yield "\n".join(["| option | default | meaning |", "| --- | --- | --- |", *rows]) + "\n"
    for name, subcommand in getattr(command, "commands", {}).items():
        yield from _sections(subcommand, f"{path} {name}", level + 1)


def _parameters(command: Any) -> list[Any]:
    return [p for p in command.params if p.name not in ("help", None) and not _hidden(p)]


def _hidden(parameter: Any) -> bool:
    return bool(getattr(parameter, "hidden", False))


def _is_argument(parameter: Any) -> bool:
    return str(parameter.param_type_name) == "argument"


def _placeholder(parameter: Any) -> str:
    name = str(parameter.name).upper()
    return name if parameter.required else f"[{name}]"


def _row(parameter: Any) -> str:
    if _is_argument(parameter):
        option = f"`{_placeholder(parameter)}`"
    else:
        names = " / ".join(f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts))
        flag = getattr(parameter, "is_flag", False)
        option = names if flag else f"{names} `{_value(parameter)}`"
    meaning = _text(parameter.help).replace("|", r"\|")
    return f"| {option} | {_default(parameter)} | {meaning} |"


def _value(parameter: Any) -> str:
    """What an option takes: its choices, or the name of its type."""
    annotation = parameter.type_descriptor.annotation
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return r"\|".join(str(choice.value) for choice in annotation)
    name = getattr(annotation, "__name__", "")
    return str(parameter.metavar or TYPES.get(name, "TEXT"))


def _default(parameter: Any) -> str:
    """The default as users would write it; nothing for flags and options without one."""
    default = getattr(parameter.default, "value", parameter.default)
    shown = isinstance(default, str | int | float | Path) and default is not False
    return f"`{default}`" if shown and str(default) else ""


def _text(text: str | None) -> str:
    return " ".join(inspect.cleandoc(text or "").split())
