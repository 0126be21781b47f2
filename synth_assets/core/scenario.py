"""The settings of a domain: what decides its data, validated, with a fingerprint.

Each field is of one kind (``FieldKind``), which says whether a run may set it and whether it
decides rows. The environment, and below it the home's settings (``variables``), name a field
``SYNTH_<DOMAIN>_<FIELD>``; ``SYNTH_SEED`` seeds every domain. Deployment settings (stores, paths)
are in ``orchestration.settings``; options of a run are tags and options of commands.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    field_validator,
)

from synth_assets.core.errors import UserError
from synth_assets.core.given import given_values
from synth_assets.core.variables import origin, read, variable

# How far something goes that only grows: a number, or a date as text.
Extent = int | str


@dataclass(frozen=True)
class FieldKind:
    """What a field of a scenario is for.

    Attributes:
        name: The kind, as errors and docs have it.
        decides_rows: Whether another value changes rows that exist; it is then in the fingerprint.
        set_by_run: Whether a run may set it; else it is read when definitions load, since
            partitions, schemas or the tables themselves depend on it.
    """

    name: str
    decides_rows: bool
    set_by_run: bool

    @property
    def extra(self) -> dict[str, Any]:
        """The mark of a field of this kind, for ``json_schema_extra``."""
        return {"kind": self.name}


DATA = FieldKind("data", decides_rows=True, set_by_run=True)
# Volumes and dates that a later run may raise, which adds rows and changes none.
EXTENT = FieldKind("extent", decides_rows=False, set_by_run=True)
# Where rows come from and where partitions begin.
ORIGIN = FieldKind("origin", decides_rows=True, set_by_run=False)
# How rows are partitioned: numbers of shards, last days.
LAYOUT = FieldKind("layout", decides_rows=False, set_by_run=False)
# Schemas and projects.
DESTINATION = FieldKind("destination", decides_rows=False, set_by_run=False)
# How queries and models are run.
RUN_OPTION = FieldKind("run option", decides_rows=False, set_by_run=False)
# The layout field of the day after the last partition, and its text for days up to yesterday.
END_DATE, OPEN = "end_date", "open"
EndDate = Annotated[date | None, BeforeValidator(lambda value: None if value == OPEN else value)]
KINDS = {kind.name: kind for kind in (DATA, EXTENT, ORIGIN, LAYOUT, DESTINATION, RUN_OPTION)}


@dataclass(frozen=True)
class NamedValues(AfterValidator):
    """A validator of values by name, or of names in a list, which tells forms what they may be.

    Attributes:
        names: The known names, in order.
        shares: Whether the values are shares, which sum to one.
        most: The highest value.
    """

    names: tuple[str, ...] = ()
    shares: bool = False
    most: float = 1.0


class Scenario(BaseModel):
    """Base of every domain's scenario."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    seed: int = Field(
        default=42, ge=0, lt=2**63, description="Seed of every draw; same seed, same data."
    )

    # Other variables of fields; one with the field's own name takes precedence.
    other_variables: ClassVar[Mapping[str, str]] = {"seed": "SYNTH_SEED"}
    # Names that are no fields, although a user may expect them, and what to use instead.
    replaced: ClassVar[Mapping[str, str]] = {}

    @field_validator("*", mode="wrap")
    @classmethod
    def _texts(cls, value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        """Takes the text of a value, as variables and ``--set`` have it, for the value itself."""
        try:
            found = handler(value)
        except ValidationError:
            value = _parsed(value)
            if value is None:
                raise
            found = handler(value)
        # Python counts with them, and so does pydantic.
        if isinstance(value, bool) and not isinstance(found, bool):
            raise ValueError("it must be a number, not true or false")
        return found

    @classmethod
    def of(cls, values: Mapping[str, Any], origins: Mapping[str, str] = {}) -> Self:
        """A scenario from values.

        Args:
            values: Values by field name.
            origins: The variable of each value that comes from one, for errors.

        Raises:
            UserError: A field is unknown or a value wrong; names the field, the value and what is
                allowed.
        """
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            raise UserError(_in_words(cls, error, origins)) from None

    @classmethod
    def from_environment(cls, domain: str, **overrides: Any) -> Self:
        """A scenario from the environment, below it the home's settings, then the defaults.

        Values that a program gives (``core.given``) take the place of environment and home.

        Args:
            domain: The domain's name, which is in the names of the variables.
            **overrides: Values that go before; None is no value.

        Raises:
            UserError: A value is wrong; the error names its variable.
        """
        given = {field: value for field, value in overrides.items() if value is not None}
        by_program = given_values(domain)
        if by_program is not None:
            return cls.of({**by_program, **given})
        values = read(cls, variable_of(domain, ""), cls.other_variables)
        origins = {name: cls._origin(domain, name) for name in values if name not in given}
        return cls.of(values | given, origins)

    @classmethod
    def _origin(cls, domain: str, field: str) -> str:
        """The variable that has the value of a field."""
        own = variable_of(domain, field)
        other = cls.other_variables.get(field)
        return origin(own if other is None or variable(own) else other)

    @classmethod
    def launchpad_fields(cls) -> list[str]:
        """Fields that a run may set."""
        return [name for name in cls.model_fields if kind_of(cls, name).set_by_run]

    def extents(self) -> Mapping[str, Extent]:
        """How far the data go, by extent: what an append may raise. None by default."""
        return {}

    def fingerprint(self) -> str:
        """16 hexadecimal digits over all fields that would change a row that exists."""
        text = json.dumps(_deciding(self), sort_keys=True)
        return blake2b(text.encode(), digest_size=8).hexdigest()


def share(default: float, description: str, most: float = 1.0) -> Any:
    """A field that is a share.

    Args:
        default: The default.
        description: What it is a share of.
        most: Largest value.
    """
    return Field(default=default, ge=0, le=most, description=description)


def switch(description: str) -> Any:
    """A field that is true by default, such as a defect of a real data set that is imitated.

    Args:
        description: What the data have while it is true.
    """
    return Field(default=True, description=description)


def variable_of(domain: str, field: str) -> str:
    """The variable of a field.

    Args:
        domain: The domain's name.
        field: The field's name.
    """
    return f"SYNTH_{domain}_{field}".upper()


def kind_of(model: type[BaseModel], field: str) -> FieldKind:
    """The kind of a field; ``DATA`` unless it is marked.

    Args:
        model: The scenario, or a model inside it.
        field: The field's name.
    """
    extra = model.model_fields[field].json_schema_extra
    name = extra.get("kind") if isinstance(extra, dict) else None
    return KINDS[str(name)] if name else DATA


def _deciding(model: BaseModel) -> dict[str, Any]:
    """The values that decide rows, also those in the models inside a model."""
    cls = type(model)
    kept = [name for name in cls.model_fields if kind_of(cls, name).decides_rows]
    values: dict[str, Any] = model.model_dump(mode="json", include=set(kept))
    inner = {name: getattr(model, name) for name in kept}
    return values | {n: _deciding(v) for n, v in inner.items() if isinstance(v, BaseModel)}


def _parsed(value: Any) -> Any:
    """The value of a text in JSON that no model has taken as text; None for everything else."""
    try:
        parsed = json.loads(value) if isinstance(value, str) else None
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, int | list | dict) else None


def _in_words(cls: type[Scenario], error: ValidationError, origins: Mapping[str, str]) -> str:
    lines = []
    for problem in error.errors():
        name = ".".join(str(part) for part in problem["loc"])
        top = str(problem["loc"][0]) if problem["loc"] and problem["loc"][0] in origins else ""
        if problem["type"] == "extra_forbidden":
            known = ", ".join(_known_beside(cls, problem["loc"]))
            instead = cls.replaced.get(name)
            line = f"unknown scenario field {name!r}" + (f" ({origins[top]})" if top else "")
            lines.append(f"{line}: {instead or f'known are {known}'}")
        else:
            reason = problem["msg"].removeprefix("Value error, ")
            reason = reason.replace("Input should be", "it must be")
            reason = reason.replace("String should match pattern", "it must match the pattern")
            # An error about several fields names them itself.
            field = f"scenario field {name} = {problem['input']!r}" if name else "scenario"
            field += f" ({origins[name]})" if name in origins else ""
            lines.append(f"{field}: {reason}")
    return "; ".join(lines)


def _known_beside(cls: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    """The known fields of the model in which an unknown one was given."""
    for name in place[:-1]:
        field = cls.model_fields.get(str(name))
        inner = field.annotation if field else None
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            break
        cls = inner
    return list(cls.model_fields)
