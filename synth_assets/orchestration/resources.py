"""Scenarios as Dagster resources, so that the launchpad can edit them."""

from __future__ import annotations

from datetime import date
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import dagster as dg
from pydantic import BaseModel, Field, create_model

from synth_assets.core.model import Domain
from synth_assets.core.scenario import Scenario

# Types that Dagster's configuration knows, and how fields of others show in the launchpad.
SCALARS = (str, int, float, bool)
AS_TEXT: dict[Any, Any] = {date: str, date | None: str | None}


class ScenarioResource(dg.ConfigurableResource[Any]):
    """Base of the resources of scenarios, each with the fields that a run may set."""

    def values(self) -> dict[str, Any]:
        """The field values of this run."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return {n: v.model_dump() if isinstance(v, dg.Config) else v for n, v in values.items()}


def resource_key(domain: Domain) -> str:
    """The name of a domain's scenario resource.

    Args:
        domain: The domain.
    """
    return f"{domain.name}_scenario"


def scenario_resource(domain: Domain) -> ScenarioResource:
    """A resource with the fields that a run may set; defaults are those of the loaded scenario.

    Args:
        domain: The domain.
    """
    # As JSON, in which a date is text: Dagster's configuration knows no dates.
    cls, values = type(domain.scenario), domain.scenario.model_dump(mode="json")
    fields: dict[str, Any] = {}
    for name in cls.launchpad_fields():
        info = cls.model_fields[name]
        kind = _shown(info.annotation, values[name])
        default = kind(**values[name]) if _is_part(kind) else values[name]
        fields[name] = (kind, Field(default=default, description=info.description))
    resource = create_model(f"{cls.__name__}Resource", __base__=ScenarioResource, **fields)
    return resource(**{name: info.default for name, (_, info) in fields.items()})


def _is_known(kind: Any) -> bool:
    """Whether Dagster's configuration has a type; the scenario alone checks all others."""
    if get_origin(kind) in (list, dict):
        return all(map(_is_known, get_args(kind)))
    return kind in SCALARS


def _is_part(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _shown(kind: Any, value: Any = None) -> Any:
    """How a field shows in the launchpad: the models in a scenario as configuration of their own.

    What a run leaves out of such a part is as ``value`` has it, the loaded one. Bounds are checked
    by the scenario itself, whose errors are written for people.
    """
    if kind in AS_TEXT:
        return AS_TEXT[kind]
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _shown(inner[0], value)
    if origin is Literal:
        kinds = {type(choice) for choice in inner}
        return kinds.pop() if len(kinds) == 1 and kinds <= set(SCALARS) else Any
    if origin is tuple:
        return list[_shown(inner[0])]  # type: ignore[misc]
    if origin in (Union, UnionType):
        some = [_shown(part, value) for part in inner if part is not NoneType]
        alone = len(some) == 1 and NoneType in inner and some[0] is not Any
        return some[0] | None if alone else Any
    if not _is_part(kind):
        return kind if _is_known(kind) else Any
    fields: dict[str, Any] = {}
    for name, info in kind.model_fields.items():
        default = info.get_default(call_default_factory=True)
        default = default.model_dump(mode="json") if isinstance(default, BaseModel) else default
        default = value.get(name, default) if isinstance(value, dict) else default
        shown = _shown(info.annotation, default)
        if _is_part(shown):
            default = shown(**default)
        fields[name] = (shown, Field(default=default, description=info.description))
    return create_model(f"{kind.__name__}Part", __base__=dg.Config, **fields)


def scenario_of(domain: Domain, resource: ScenarioResource) -> Scenario:
    """The scenario of a run.

    Args:
        domain: The domain, with the values of fields that are read when definitions load.
        resource: The values of the other fields.

    Raises:
        UserError: A value is wrong.
    """
    return type(domain.scenario).of(domain.scenario.model_dump() | resource.values())
