"""Seed and volumes of a domain, validated, with a fingerprint.

A scenario is everything besides code that decides what is in a table. Three kinds of fields:

- plain ones: editable in the launchpad, on the command line and in the environment;
- ``load_time`` ones: partitions depend on them (a start date, a number of shards), so they are
  read from the environment when definitions load, and are no launchpad fields;
- ``extent`` ones: they only append (an end date), so they stay out of the fingerprint, also
  where they stand in a model inside the scenario.

The environment, and below it what the home remembers (``variables``), name a field
``SYNTH_<DOMAIN>_<FIELD>``; ``SYNTH_SEED`` seeds every domain.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from synth_assets.core.errors import UserError
from synth_assets.core.variables import layers, origin

LOAD_TIME = {"load_time": True}
EXTENT = {"load_time": True, "extent": True}
# How far something goes that only grows: a number, or a date as text.
Extent = int | str
# An extent that a run may set.
APPENDS = {"extent": True}


class Scenario(BaseModel):
    """Base of every domain's scenario."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    seed: int = Field(
        default=42, ge=0, lt=2**63, description="Seed of every draw; same seed, same data."
    )

    @classmethod
    def of(cls, values: Mapping[str, Any], origins: Mapping[str, str] = {}) -> Self:
        """A scenario from values by field name; errors name field, value and what is allowed.

        ``origins`` say of fields where their values come from.
        """
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            raise UserError(_in_words(cls, error, origins)) from None

    @classmethod
    def from_environment(cls, domain: str, **overrides: Any) -> Self:
        """Defaults, what the home remembers, the environment, then ``overrides``."""
        variables: dict[str, str] = {}
        values: dict[str, Any] = {}
        for layer in layers():
            named = [
                ("seed", "SYNTH_SEED"),
                *((f, variable_of(domain, f)) for f in cls.model_fields),
            ]
            found = {field: name for field, name in named if layer.get(name)}
            variables |= found
            values |= {field: layer[name] for field, name in found.items()}
        given = {field: value for field, value in overrides.items() if value is not None}
        origins = {field: origin(n) for field, n in variables.items() if field not in given}
        return cls.of(values | given, origins)

    @classmethod
    def launchpad_fields(cls) -> list[str]:
        """Fields that a run may set."""
        marks = ("load_time", "read_by")
        return [n for n in cls.model_fields if not any(_marked(cls, n, m) for m in marks)]

    @classmethod
    def read_by(cls, name: str) -> str | None:
        """The one command that reads a field which decides nothing in a run, if it is one."""
        field = cls.model_fields.get(name)
        extra = field.json_schema_extra if field else None
        return str(extra["read_by"]) if isinstance(extra, dict) and "read_by" in extra else None

    def extents(self) -> Mapping[str, Extent]:
        """How far the data go, by extent: what an append may raise. None by default."""
        return {}

    def fingerprint(self) -> str:
        """16 hexadecimal digits over all fields that would change a row that exists."""
        text = json.dumps(_without_extents(self), sort_keys=True)
        return blake2b(text.encode(), digest_size=8).hexdigest()


def variable_of(domain: str, field: str) -> str:
    """The variable that names a domain's field."""
    return f"SYNTH_{domain}_{field}".upper()


def _without_extents(model: BaseModel) -> dict[str, Any]:
    cls = type(model)
    kept = [name for name in cls.model_fields if not _marked(cls, name, "extent")]
    values: dict[str, Any] = model.model_dump(mode="json", include=set(kept))
    inner = {name: getattr(model, name) for name in kept}
    return values | {n: _without_extents(v) for n, v in inner.items() if isinstance(v, BaseModel)}


def _marked(cls: type[BaseModel], name: str, mark: str) -> bool:
    extra = cls.model_fields[name].json_schema_extra
    return isinstance(extra, dict) and bool(extra.get(mark))


def _in_words(cls: type[Scenario], error: ValidationError, origins: Mapping[str, str]) -> str:
    lines = []
    for problem in error.errors():
        name = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            known = ", ".join(_known_beside(cls, problem["loc"]))
            lines.append(f"unknown scenario field {name!r}: known are {known}")
        else:
            reason = problem["msg"].removeprefix("Value error, ")
            reason = reason.replace("Input should be", "it must be")
            # What several fields break together names them itself.
            field = f"scenario field {name} = {problem['input']!r}" if name else "scenario"
            field += f" ({origins[name]})" if name in origins else ""
            lines.append(f"{field}: {reason}")
    return "; ".join(lines)


def _known_beside(cls: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    """The fields there are where an unknown one was given."""
    for name in place[:-1]:
        field = cls.model_fields.get(str(name))
        inner = field.annotation if field else None
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            break
        cls = inner
    return list(cls.model_fields)
