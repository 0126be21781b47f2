"""Nested values by path: reading, writing, errors, differences, and texts of them."""

from __future__ import annotations

import json
import shlex
from collections.abc import Collection, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain
from synth_assets.studio.forms.fields import Field, Path, part_of

# The size of an uploaded file of settings.
MOST_MEGABYTES = 1
MOST_BYTES = MOST_MEGABYTES * 1024**2


@dataclass(frozen=True)
class Problem:
    """An error of a value, by its path; of several values together, by the part around them."""

    path: Path
    message: str


def get(values: Mapping[str, Any], path: Path) -> Any:
    """The value at a path; None if it, or a part around it, is left out.

    Args:
        values: Nested values.
        path: The path.
    """
    found: Any = values
    for name in path:
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found


def put(values: dict[str, Any], path: Path, value: Any) -> None:
    """Sets the value at a path.

    Args:
        values: Nested values, which are changed.
        path: The path, of which every part but the last has values.
        value: The value.
    """
    for name in path[:-1]:
        values = values[name]
    values[path[-1]] = value


def defaults(model: type[BaseModel]) -> dict[str, Any]:
    """The defaults of a model, as JSON has them.

    Args:
        model: The model, all fields of which have a default.
    """
    return model().model_dump(mode="json")


def problems(model: type[BaseModel], values: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with values; nothing if a model takes them.

    Args:
        model: The model.
        values: Nested values.
    """
    try:
        model.model_validate(deepcopy(dict(values)))
    except ValidationError as error:
        return [
            Problem(
                tuple(part for part in found["loc"] if isinstance(part, str)),
                _sentence(found["msg"]),
            )
            for found in error.errors()
        ]
    return []


def _sentence(message: str) -> str:
    text = message.removeprefix("Value error, ").replace("Input should be", "It must be")
    return text[:1].upper() + text[1:]


def concerning(found: Collection[Problem], paths: Collection[Path]) -> list[Problem]:
    """The problems of some fields, or of parts around them; not those of all values together.

    Args:
        found: Problems.
        paths: Paths of fields.
    """
    return [
        problem
        for problem in found
        if problem.path and any(_overlap(problem.path, path) for path in paths)
    ]


def _overlap(one: Path, other: Path) -> bool:
    common = min(len(one), len(other))
    return one[:common] == other[:common]


def differences(
    fields: Collection[Field], values: Mapping[str, Any], below: Mapping[str, Any]
) -> dict[Path, tuple[Any, Any]]:
    """The values that differ from others, by path: the other one, and the value.

    Args:
        fields: The fields.
        values: Nested values.
        below: The values to compare with, such as the defaults.
    """
    found = {}
    for field in fields:
        before, now = get(below, field.path), get(values, field.path)
        if before != now:
            found[field.path] = (before, now)
    return found


def nested(found: Mapping[Path, Any]) -> dict[str, Any]:
    """Values by path as nested values.

    Args:
        found: Values by path.
    """
    values: dict[str, Any] = {}
    for path, value in found.items():
        inside = values
        for name in path[:-1]:
            inside = inside.setdefault(name, {})
        inside[path[-1]] = value
    return values


def to_yaml(values: Mapping[str, Any]) -> str:
    """Nested values as YAML.

    Args:
        values: Nested values.
    """
    return yaml.safe_dump(dict(values), sort_keys=False, allow_unicode=True) if values else "{}\n"


def from_yaml(content: bytes) -> dict[str, Any]:
    """The nested values of a file.

    Args:
        content: Its bytes.

    Raises:
        UserError: It is too large, no YAML, or has no fields.
    """
    if len(content) > MOST_BYTES:
        raise UserError(f"the file must have at most {MOST_BYTES:,} bytes")
    try:
        text = content.decode("utf-8")
        # An alias can make a short file huge when it is written out again.
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text)):
            raise UserError("the file must not have aliases (*name)")
        values = _plain(text)
    except UnicodeDecodeError:
        raise UserError("the file must be text in UTF-8") from None
    except TypeError:
        raise UserError("the file must have texts as names of fields") from None
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as error:
        raise UserError(f"the file is no YAML: {' '.join(str(error).split())}") from None
    if not isinstance(values, dict):
        raise UserError("the file must have fields and their values")
    return values


def read_value(text: str) -> Any:
    """The value that a text has as JSON or YAML; the text itself if it is neither.

    Args:
        text: What a person has typed.
    """
    try:
        return _plain(text)
    except (yaml.YAMLError, RecursionError, ValueError, TypeError, OverflowError):
        return text


def _plain(text: str) -> Any:
    """The value of a YAML text, as JSON has it."""
    return json.loads(json.dumps(yaml.safe_load(text), default=str))


def merged(
    model: type[BaseModel], below: Mapping[str, Any], above: Mapping[str, Any]
) -> dict[str, Any]:
    """Values over others; whatever is no part, such as a distribution, is replaced whole.

    Args:
        model: The model of the values.
        below: Nested values.
        above: Nested values that go before.
    """
    result = dict(below)
    for name, value in above.items():
        part, inner = part_of(model, name), result.get(name)
        if part and isinstance(value, Mapping):
            result[name] = merged(part, inner if isinstance(inner, Mapping) else {}, value)
        else:
            result[name] = value
    return result


def command(domain: Domain, values: Mapping[str, Any], *, recreate: bool) -> str:
    """The ``synth`` command that makes the same as a run with these values.

    Args:
        domain: The domain, with the scenario that the environment sets.
        values: Values of fields that a run may set.
        recreate: Whether what another scenario has made is dropped.
    """
    loaded = domain.scenario.model_dump(mode="json")
    words = ["synth", "materialize", domain.name, "--dbt"]
    for name, value in values.items():
        if value == loaded.get(name) or value is None:
            continue
        text = value if isinstance(value, str) else json.dumps(value)
        words += ["--set", f"{name}={text}"]
    return shlex.join([*words, *(["--recreate"] if recreate else [])])
