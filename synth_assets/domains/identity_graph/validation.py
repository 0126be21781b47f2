"""Configurations from files and dictionaries: errors, and warnings about unusual values.

``validate`` returns errors and warnings; ``configuration`` returns a configuration or raises.
Presets are values that a file or a caller can override.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from synth_assets.core.errors import UnknownNameError, UserError
from synth_assets.domains.identity_graph import terms
from synth_assets.domains.identity_graph.activity import PER_MILLE, activity_quantiles
from synth_assets.domains.identity_graph.generation_config import GenerationConfig

# Numbers above which a warning is given: of events, since generating them takes long, and of
# households per shard, since a shard needs memory.
MANY_EVENTS, MANY_HOUSEHOLDS = 2_000_000_000, 250_000
PRESETS: dict[str, dict[str, Any]] = {
    # Defaults that have a source each, in the modules of the scenario.
    "realistic": {},
    # The figures of the original description of the data.
    "brief": {
        "demographics_config": {"age_groups": None},
        "engagement_config": {
            "view_duration": {"distribution": "square"},
            "break_share": 0.0,
            "weekday_weights": [1.0] * 7,
        },
        "audience_config": {"churned_after_days": None},
        "campaign_config": {
            "email_needs_address": False,
            "reach_percentage": 0.3,
            "frequency": {
                "shares": {
                    "1": 0.5, "2": 0.4, "3": 0.095, **{str(n): 0.005 / 7 for n in range(4, 11)},
                }
            },
            "budget": {"mean": 100_000, "std_dev": 50_000},
            "response_rate_range": {"min": 0.01, "max": 0.10},
            "channel_response": dict.fromkeys(terms.CHANNELS, 1.0),
            "conversion_values": "uniform",
            "click_minutes": None,
        },
    },
    # Shares of the United States: incomes of 2022 and households of 2023 and 2024 (Census Bureau).
    "census": {
        "household_config": {
            "income_brackets": {
                "<30K": 0.195, "30-60K": 0.209, "60-100K": 0.220, "100-150K": 0.165, "150K+": 0.211,
            },
            "size_distribution": {
                "shares": {
                    "1": 0.285, "2": 0.346, "3": 0.150, "4": 0.125, "5": 0.058, "6": 0.022,
                    "7": 0.014,
                }
            },
        },
    },
}  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """An error of a field, by its path (``household_config.num_households``)."""

    field: str
    message: str


@dataclass(frozen=True)
class ValidationResult:
    """Whether a configuration is valid, with its errors or its warnings."""

    valid: bool
    errors: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def validate(values: Mapping[str, Any]) -> ValidationResult:
    """The errors of a configuration, or its warnings if it is valid.

    Args:
        values: The fields, nested as in ``GenerationConfig``.
    """
    try:
        config = GenerationConfig.model_validate(dict(values))
    except ValidationError as error:
        problems = [
            Problem(
                ".".join(str(part) for part in problem["loc"]),
                problem["msg"].removeprefix("Value error, "),
            )
            for problem in error.errors()
        ]
        return ValidationResult(False, problems)
    return ValidationResult(True, [], warnings(config))


def warnings(config: GenerationConfig) -> list[str]:
    """Values of a valid configuration that may be mistakes.

    Args:
        config: The configuration.
    """
    found = [
        f"{name} sums to {total:g}: shares are taken of that"
        for name, total in _sums(config)
        if round(total, 9) != 1
    ]
    homes, of = config.household_config.num_households, config.engagement_config
    events = homes * 2 * of.events_per_person.mean * config.periods
    if events > MANY_EVENTS:
        found.append(f"about {events:,.0f} engagements will be made")
    if homes / config.shards > MANY_HOUSEHOLDS:
        found.append(
            f"{homes / config.shards:,.0f} households a shard: more shards need less memory"
        )
    planned = config.campaign_config.planned_households
    if config.campaign_config.budget is None and not 0.5 <= homes / planned <= 2:
        found.append(
            f"budgets are planned for {planned:,} households, and there are {homes:,}: set "
            "campaign_config.planned_households"
        )
    most = activity_quantiles(config)[-1] / PER_MILLE / of.time_period_days
    if most < config.audience_config.behavioral_thresholds.heavy:
        found.append(f"nobody will be Heavy: hardly anybody has above {most:.2g} engagements a day")
    return found


def _sums(config: GenerationConfig) -> list[tuple[str, float]]:
    people, engagement = config.demographics_config, config.engagement_config
    shares = {
        "income_brackets": config.household_config.income_brackets,
        "gender_distribution": people.gender_distribution,
        "education_distribution": people.education_distribution,
        "employment_distribution": people.employment_distribution,
        "event_types": engagement.event_types,
        "content_categories": engagement.content_categories,
        "device_types": engagement.device_types,
    }
    return [(name, math.fsum(given.values())) for name, given in shares.items()]


def configuration(*layers: Mapping[str, Any], preset: str = "realistic") -> GenerationConfig:
    """A configuration from a preset and layers of values over it.

    Args:
        layers: Fields, nested as in ``GenerationConfig``; later layers override earlier ones.
        preset: A name in ``PRESETS``.

    Raises:
        UnknownNameError: There is no such preset.
        UserError: The values are not valid.
    """
    if preset not in PRESETS:
        raise UnknownNameError("preset", preset, list(PRESETS))
    values: dict[str, Any] = {}
    for layer in (PRESETS[preset], *layers):
        values = _merged(values, layer, GenerationConfig)
    return GenerationConfig.of(values)


def _merged(
    below: Mapping[str, Any], above: Mapping[str, Any], model: type[BaseModel]
) -> dict[str, Any]:
    """The values of both, the second overriding the first; distributions are replaced whole."""
    merged = dict(below)
    for name, value in above.items():
        part, inner = _part(model, name), merged.get(name)
        if part and isinstance(value, Mapping) and isinstance(inner, Mapping):
            merged[name] = _merged(inner, value, part)
        else:
            merged[name] = value
    return merged


def _part(model: type[BaseModel], name: str) -> type[BaseModel] | None:
    """The model of a field that has fields of its own; None for any other field."""
    field = model.model_fields.get(name)
    annotation = field.annotation if field else None
    for of in (annotation, *get_args(annotation)):
        if isinstance(of, type) and issubclass(of, BaseModel):
            return of
    return None


def read_yaml(path: Path) -> dict[str, Any]:
    """The values of a YAML file.

    Args:
        path: The file.

    Raises:
        UserError: The file cannot be read, or holds no mapping.
    """
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UserError(f"cannot read {path}: it is no text in UTF-8") from None
    except yaml.YAMLError as error:
        raise UserError(f"cannot read {path}: {' '.join(str(error).split())}") from None
    if not isinstance(values, dict):
        raise UserError(f"cannot read {path}: it must hold fields and their values")
    return values
