"""Variables that decide what is made and where: the environment, above what the home remembers.

The home (``SYNTH_HOME``) keeps what it was made with in ``settings.json``, as the variables that
would say the same, so that nobody repeats an option. Here they are read, nothing more: what each
means is up to its reader, and ``orchestration.remembered`` writes the file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from synth_assets.core.errors import UserError

FILE = "settings.json"
PACKAGE = Path(__file__).resolve().parents[1]
# What is shipped beside the modules of an installed package; a checkout has it at its top.
SHIPPED = PACKAGE / "shipped"


def home() -> Path:
    """The folder in which everything lies that has no place of its own."""
    named = os.environ.get("SYNTH_HOME") or str(_default_home())
    if "://" in named:
        raise UserError(
            f"SYNTH_HOME = {named}: must be a folder on this machine; SYNTH_LAKE may be in "
            "an object store"
        )
    try:
        return Path(named).expanduser().absolute()
    except RuntimeError:
        raise UserError(f"SYNTH_HOME = {named}: no such user") from None


def _default_home() -> Path:
    """``.synth`` in the checkout; in the working folder where there is none."""
    return (Path.cwd() if SHIPPED.is_dir() else PACKAGE.parent) / ".synth"


def variable(name: str) -> str | None:
    """A variable's value; none where it is set nowhere, or to nothing."""
    return os.environ.get(name) or remembered().get(name) or None


def origin(name: str) -> str:
    """A variable's name as an error has it: with the file, where the home remembers the value."""
    if os.environ.get(name) or name not in remembered():
        return name
    return f"{name} of {home() / FILE}"


def layers() -> list[Mapping[str, str]]:
    """What the home remembers, and above it the environment."""
    return [remembered(), os.environ]


def remembered() -> dict[str, str]:
    """The variables that the home was made with; ``UserError`` for a file that is damaged."""
    file = home() / FILE
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise UserError(f"cannot read {file}: {error.strerror}") from None
    except ValueError as error:
        raise _damaged(file, f"it is not JSON ({error})") from None
    if not isinstance(found, dict):
        raise _damaged(file, "it must be a JSON object of variables and their texts")
    for name, value in found.items():
        if not isinstance(value, str):
            raise _damaged(file, f"{name} must be a text in quotes, and is {json.dumps(value)}")
    return found


def _damaged(file: Path, why: str) -> UserError:
    cure = "mend it, or remove it and set the variables in the environment"
    return UserError(f"{file} is damaged: {why}; {cure}")
