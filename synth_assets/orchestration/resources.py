"""Scenarios as Dagster resources, so that the launchpad can edit them."""

from __future__ import annotations

from datetime import date
from typing import Any

import dagster as dg
from pydantic import Field, create_model

from synth_assets.generation.domain import Domain
from synth_assets.generation.scenario import Scenario

# How fields show in the launchpad whose type Dagster's configuration does not know.
AS_TEXT: dict[Any, Any] = {date: str, date | None: str | None}


class ScenarioResource(dg.ConfigurableResource):
    """Base of the resources below; ``fields_set`` are the scenario's launchpad fields."""

    def values(self) -> dict[str, Any]:
        """The field values of this run."""
        return {name: getattr(self, name) for name in type(self).model_fields}


def resource_key(domain: Domain) -> str:
    """Name of the domain's scenario resource."""
    return f"{domain.name}_scenario"


def scenario_resource(domain: Domain) -> ScenarioResource:
    """A resource with the domain's launchpad fields, the loaded scenario as defaults."""
    # As JSON, in which a date is text: Dagster's configuration knows no dates.
    cls, values = type(domain.scenario), domain.scenario.model_dump(mode="json")
    fields: dict[str, Any] = {}
    for name in cls.launchpad_fields():
        info = cls.model_fields[name]
        # Bounds are checked by the scenario itself, whose errors are written for people.
        kind = AS_TEXT.get(info.annotation, info.annotation)
        fields[name] = (kind, Field(default=values[name], description=info.description))
    resource = create_model(f"{cls.__name__}Resource", __base__=ScenarioResource, **fields)
    return resource(**{name: values[name] for name in fields})


def scenario_of(domain: Domain, resource: ScenarioResource) -> Scenario:
    """The scenario of a run: load-time fields as loaded, the others as the run has them."""
    return type(domain.scenario).of(domain.scenario.model_dump() | resource.values())
