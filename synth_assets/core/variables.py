"""Variables that decide what is generated and where: the environment, then the home's settings.

The home (``SYNTH_HOME``) keeps the variables it was last used with in ``settings.json``, so that an
option is given once. The environment takes precedence. This module reads both;
``orchestration.remembered`` writes the file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_settings import EnvSettingsSource
from pydantic_settings.sources.utils import parse_env_vars

from synth_assets.core.errors import UserError

FILE = "settings.json"
# Characters that a path may not have.
PATTERNS = "*?["
# Characters of a wrong value that an error repeats.
SHOWN = 80
PACKAGE = Path(__file__).resolve().parents[1]
# What is shipped beside the modules of an installed package; a checkout has it at its top.
SHIPPED = PACKAGE / "shipped"


def home() -> Path:
    """The folder of everything that has no location of its own.

    Raises:
        UserError: SYNTH_HOME is a URL, a file or a pattern, cannot be used, or has no such user.
    """
    named = os.environ.get("SYNTH_HOME") or str(_default_home())
    if "://" in named:
        raise UserError(
            f"SYNTH_HOME = {named}: must be a folder on this machine; SYNTH_LAKE may be in "
            "an object store"
        )
    try:
        folder = Path(named).expanduser().absolute()
        is_file = folder.is_file()
    except RuntimeError:
        raise UserError(f"SYNTH_HOME = {named}: no such user") from None
    except OSError as error:  # too long a name, or a folder that this user may not look into
        raise UserError(f"SYNTH_HOME = {named[:SHOWN]}: {error.strerror}") from None
    if is_file:
        raise UserError(f"SYNTH_HOME = {named}: is a file, and must be a folder")
    refuse_patterns("SYNTH_HOME", str(folder))
    return folder


def refuse_patterns(name: str, path: str) -> None:
    """Refuses a path that Dagster, Polars and DuckDB would read as a pattern or a query of a URL.

    Args:
        name: What names the path.
        path: The path.

    Raises:
        UserError: The path has such a character.
    """
    found = sorted(set(PATTERNS) & set(path))
    if found:
        raise UserError(
            f"{name} = {path[:SHOWN]}: may not have {' '.join(found)}, since Dagster and Polars "
            "read paths with * ? [ as patterns"
        )


def _default_home() -> Path:
    """``.synth`` in the checkout; in the working folder where there is none."""
    return (Path.cwd() if SHIPPED.is_dir() else PACKAGE.parent) / ".synth"


class _Layer(EnvSettingsSource):
    """The values that one mapping of variables has for the fields of a model, as texts."""

    def __init__(self, model: type[BaseModel], variables: Mapping[str, str], prefix: str) -> None:
        self._variables = variables
        # The source needs the fields of a model alone, and no settings class.
        super().__init__(model, env_prefix=prefix, env_ignore_empty=True)  # type: ignore[arg-type]

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return parse_env_vars(self._variables, ignore_empty=True)

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        # Models parse their own texts, which come from the command line as well.
        return value


def read(model: type[BaseModel], prefix: str, others: Mapping[str, str] = {}) -> dict[str, Any]:
    """The values that are set for the fields of a model, not validated.

    Args:
        model: The model with the fields.
        prefix: What the names of the variables begin with; the field's name follows.
        others: Other variables by field; one with the prefix takes precedence.

    Returns:
        Texts by field, without the fields that are not set.

    Raises:
        UserError: The home's settings are damaged.
    """
    values: dict[str, Any] = {}
    for layer in (remembered(), os.environ):
        own = {prefix + field: layer[name] for field, name in others.items() if layer.get(name)}
        # Names are upper case: the source itself would take any.
        exact = {n: v for n, v in layer.items() if v and n == n.upper()}
        values |= _Layer(model, own | exact, prefix)()
    return values


def variable(name: str) -> str | None:
    """The value of a variable; None if it is not set, or empty.

    Args:
        name: The variable, such as ``SYNTH_LAKE``.
    """
    return os.environ.get(name) or remembered().get(name) or None


def origin(name: str) -> str:
    """The name of a variable for an error: with the file, if the home's settings have the value.

    Args:
        name: The variable.
    """
    if os.environ.get(name) or name not in remembered():
        return name
    return f"{name} of {home() / FILE}"


def remembered() -> dict[str, str]:
    """The variables in the home's settings.

    Raises:
        UserError: The file cannot be read, or is damaged.
    """
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
    cure = "correct it, or remove it and set the variables in the environment"
    return UserError(f"{file} is damaged: {why}; {cure}")
