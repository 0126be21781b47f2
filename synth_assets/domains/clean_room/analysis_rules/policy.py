"""What an owner allows: the JSON of BigQuery's ``privacy_policy`` view option, as frozen models.

Here are the contents of a policy and their validation. Enforcement is in ``threshold``,
``differential_privacy``, ``joins`` and ``strict``. Strict mode exists in this engine only:
BigQuery's JSON has no field for it. A policy without strict mode behaves as BigQuery does (mode
``compat``).
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from synth_assets.domains.clean_room.analysis_rules.errors import PolicyError

Column = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class _Model(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, use_enum_values=False, allow_inf_nan=False
    )

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise PolicyError(_readable(error)) from None


class _WithUnit(_Model):
    privacy_unit_column: Column = Field(description="the column that identifies a unit")

    @model_validator(mode="before")
    @classmethod
    def _one_unit(cls, values: Any) -> Any:
        """Accept a list, as in BigQuery's reference, or one name, as in its guide."""
        if not isinstance(values, dict) or "privacy_unit_columns" not in values:
            return values
        rest = {key: value for key, value in values.items() if key != "privacy_unit_columns"}
        named = values["privacy_unit_columns"]
        columns = [named] if isinstance(named, str) else named
        if (
            not isinstance(columns, list | tuple)
            or len(columns) != 1
            or len(rest) < len(values) - 1
        ):
            raise ValueError("privacy_unit_columns must name exactly one column")
        if "privacy_unit_column" in rest:
            raise ValueError("give privacy_unit_column or privacy_unit_columns, not both")
        return {**rest, "privacy_unit_column": columns[0]}


class AggregationThresholdPolicy(_WithUnit):
    """A result row is released only if at least ``threshold`` distinct units contribute to it."""

    threshold: int = Field(ge=1, le=2**63 - 1)


class DifferentialPrivacyPolicy(_WithUnit):
    """Answers carry noise, and a budget bounds what all answers together reveal."""

    max_epsilon_per_query: float = Field(ge=0.001, le=1e15, strict=False)
    epsilon_budget: float = Field(ge=0.001, le=1e15, strict=False)
    delta_per_query: float = Field(ge=1e-15, le=1, strict=False)
    delta_budget: float = Field(ge=1e-15, le=1000, strict=False)
    max_groups_contributed: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _one_query_fits(self) -> DifferentialPrivacyPolicy:
        if self.epsilon_budget < self.max_epsilon_per_query:
            raise ValueError("epsilon_budget must not be below max_epsilon_per_query")
        if self.delta_budget < self.delta_per_query:
            raise ValueError("delta_budget must not be below delta_per_query")
        return self


class JoinCondition(StrEnum):
    """Whether a view must, may or must not be joined."""

    ANY = "JOIN_ANY"
    ALL = "JOIN_ALL"
    NOT_REQUIRED = "JOIN_NOT_REQUIRED"
    BLOCKED = "JOIN_BLOCKED"


class JoinRestrictionPolicy(_Model):
    """The columns that a view may be joined on; ANY or ALL alone is the list overlap rule."""

    join_condition: JoinCondition = Field(strict=False)
    join_allowed_columns: tuple[Column, ...] = Field(default=(), strict=False)

    @model_validator(mode="after")
    def _columns_fit(self) -> JoinRestrictionPolicy:
        columns = [column.lower() for column in self.join_allowed_columns]
        condition = self.join_condition
        if len(set(columns)) < len(columns):
            raise ValueError("join_allowed_columns names a column twice")
        if condition is JoinCondition.BLOCKED and columns:
            raise ValueError(
                "join_allowed_columns must be empty with join_condition = 'JOIN_BLOCKED'"
            )
        if condition is not JoinCondition.BLOCKED and not columns:
            raise ValueError(
                "At least one allowed column must be specified with "
                f"join_condition = '{condition.value}'."
            )
        return self

    @property
    def required(self) -> bool:
        """Whether a query must join at all."""
        return self.join_condition in (JoinCondition.ANY, JoinCondition.ALL)


class StrictMode(_Model):
    """Every aggregate has a threshold of its own, and keys can only be counted."""

    key_columns: tuple[Column, ...] = Field(
        default=(),
        strict=False,
        description="columns that identify rows or people, beside the privacy unit column and "
        "the columns that may be joined on",
    )
    max_aggregates_per_query: int = Field(default=20, ge=1)


class PrivacyPolicy(_Model):
    """Everything that a query over one view must satisfy."""

    aggregation_threshold_policy: AggregationThresholdPolicy | None = None
    differential_privacy_policy: DifferentialPrivacyPolicy | None = None
    join_restriction_policy: JoinRestrictionPolicy | None = None
    strict_mode: StrictMode | None = Field(default=None, exclude=True)

    @model_validator(mode="after")
    def _combine(self) -> PrivacyPolicy:
        if self.aggregation_threshold_policy and self.differential_privacy_policy:
            raise ValueError(
                "a view has aggregation_threshold_policy or differential_privacy_policy, not both"
            )
        bigquery = [name for name in type(self).model_fields if name.endswith("_policy")]
        if not any(getattr(self, name) for name in bigquery):
            raise ValueError(f"it names no policy; allowed are {', '.join(bigquery)}")
        if self.strict_mode and not self.aggregation_threshold_policy:
            raise ValueError("strict_mode is for views with an aggregation_threshold_policy")
        return self

    @classmethod
    def from_json(cls, text: str) -> PrivacyPolicy:
        """Parse the policy from BigQuery's JSON.

        Args:
            text: The value of the view option ``privacy_policy``.

        Raises:
            PolicyError: The text is not a policy that BigQuery would accept.
        """
        try:
            policy = cls.model_validate_json(text)
        except ValidationError as error:
            raise PolicyError(_readable(error)) from None
        if policy.strict_mode:
            raise PolicyError("the privacy policy is not valid: BigQuery's has no strict_mode")
        return policy

    def to_json(self) -> str:
        """The text for BigQuery's view option."""
        return self.model_dump_json(exclude_none=True)

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that identify the policy, written with each budget entry."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:16]

    @property
    def unit(self) -> str | None:
        """The privacy unit column, in lower case."""
        policy = self.aggregation_threshold_policy or self.differential_privacy_policy
        return policy.privacy_unit_column.lower() if policy else None

    @property
    def columns(self) -> set[str]:
        """Every column that the policy names, in lower case."""
        join = self.join_restriction_policy
        named = list(join.join_allowed_columns) if join else []
        named += self.strict_mode.key_columns if self.strict_mode else ()
        return {column.lower() for column in named} | ({self.unit} if self.unit else set())


def _readable(error: ValidationError) -> str:
    """What is wrong with a policy, all errors in one line."""
    faults = []
    for fault in error.errors():
        where = ".".join(str(part) for part in fault["loc"]) or "privacy_policy"
        what = fault["msg"].removeprefix("Value error, ")
        shown = "" if isinstance(fault["input"], dict) else f" (given: {fault['input']!r:.80})"
        faults.append(f"{where}: {what}{shown}")
    return "the privacy policy is not valid: " + "; ".join(faults)
