"""The settings of the clean room, validated. Fields are in groups, one for each part of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal, Self

from pydantic import Field, model_validator

from synth_assets.core.model import Domain, TableView
from synth_assets.core.scenario import DESTINATION, ORIGIN, RUN_OPTION, Scenario, share, switch

DOMAIN = "clean_room"
Split = Literal["training", "inference"]
SPLITS: tuple[Split, ...] = ("training", "inference")

# The merchant's source that is made here.
LOOK_ALIKE = "look-alike"
# The merchant opened on this day (as the public data set has it).
OPENED = date(2019, 1, 1)
# Some users come in the last week, so there has to be one.
FIRST_AS_OF, LAST_AS_OF = date(2019, 2, 1), date(2100, 1, 1)


def _name(default: str, text: str) -> str:
    """The name of a project or schema."""
    pattern = r"^[A-Za-z_][A-Za-z0-9_-]{0,49}$"
    return Field(
        default=default,
        pattern=pattern,
        json_schema_extra=DESTINATION.extra,
        description=text,
    )


class CleanRoomScenario(Scenario):
    """The merchant's source, what of it is in the clean room, and who has the wallet."""

    # The merchant's source: which it is, how much there is, and what "now" is.
    source: str = Field(
        default=LOOK_ALIKE,
        pattern=rf"^({LOOK_ALIKE}|[a-z][a-z0-9-]+\.[A-Za-z_][A-Za-z0-9_]*)$",
        json_schema_extra=ORIGIN.extra,
        description="`look-alike`, or a data set of BigQuery such as "
        "`bigquery-public-data.thelook_ecommerce`, whose tables are then copied.",
    )
    users: int = Field(
        default=100_000,
        ge=1_000,
        le=10_000_000,
        description="Users of the merchant; orders, items and events follow from them.",
    )
    as_of: date = Field(
        default=date(2025, 9, 25),
        ge=FIRST_AS_OF,
        le=LAST_AS_OF,
        description="The day after the last day that the merchant's source knows.",
    )

    # Defects of the merchant's source.
    duplicate_emails: bool = switch("Users of the same name share an e-mail address.")
    items_before_orders: bool = switch("Items are stamped up to four hours before their order.")
    mixed_countries: bool = switch("Some users live in España or Deutschland, not Spain, Germany.")
    null_cities: bool = switch("The city of some places is the text `null`.")
    lost_zeros: bool = switch("Postal codes made of digits have lost their leading zeros.")
    future_deliveries: bool = switch("Parcels may be shipped, delivered, returned after `as_of`.")
    minors: bool = switch("Users are 12 and older, else 18 and older.")

    # Where people are as in their country, and the public data set is not.
    native_names: bool = Field(
        default=True,
        description="People have names and streets of their country, else American ones as in the "
        "public data set.",
    )
    local_hours: bool = Field(
        default=True,
        description="People shop, and parcels arrive, by the clock of their place, else at any "
        "hour of UTC.",
    )
    fitting_ages: bool = Field(
        default=True,
        description="Nobody registered before the youngest age, and what people buy fits their "
        "age, else neither depends on it.",
    )
    local_networks: bool = Field(
        default=True,
        description="IP addresses are of networks of the visitor's country, else any public ones.",
    )
    # With these as many addresses are distinct as in the public data set, 83,758 of 100,000, where
    # hosts are alike and fewer people have the same name.
    mail_net: float = share(
        0.14, "Share of e-mail addresses at example.net, a third without native_names.", 0.5
    )
    mail_org: float = share(
        0.18, "Share of e-mail addresses at example.org, a third without native_names.", 0.5
    )

    # The merchant's snapshots.
    training_date: date | None = Field(
        default=None,
        description="Last day of the training snapshot; by default two days before `as_of`.",
    )
    inference_date: date | None = Field(
        default=None,
        description="Last day of the inference snapshot; by default the day before `as_of`.",
    )
    snapshot_window_days: int = Field(
        default=30, ge=1, le=3_650, description="Days of orders that a snapshot holds."
    )

    # The e-wallet provider.
    market_share: float = share(
        0.5, "Share of the paid orders of users of age that were paid with the wallet."
    )
    merchant_only: float = share(
        0.25, "Share of the merchant's users of age (see minimum_age) without a wallet."
    )
    provider_only: float = share(
        0.2, "Share of the provider's users who are not the merchant's.", 0.95
    )
    minimum_age: int = Field(
        default=18, ge=0, le=65, description="Years that the wallet's users have at least."
    )
    tier_strength: float = share(
        0.7, "How far tier and verification follow from who a user is: 0 not at all, 1 wholly."
    )

    # The account tier model.
    model_on: Literal["laptop", "bigquery"] = Field(
        default="laptop",
        json_schema_extra=RUN_OPTION.extra,
        description="Who learns the model: scikit-learn here, or BigQuery ML where both parties' "
        "tables are.",
    )

    hash_emails: bool = Field(
        default=False,
        json_schema_extra=ORIGIN.extra,
        description="Both parties' users have a column `hashed_email`, too; its salt is "
        "`SYNTH_CLEAN_ROOM_EMAIL_SALT`.",
    )

    policy_mode: Literal["strict", "compat"] = Field(
        default="strict",
        json_schema_extra=RUN_OPTION.extra,
        description="How far views with a threshold are kept: `strict` judges each aggregate, "
        "`compat` does what BigQuery documents.",
    )

    # How the parties' places are called: projects in queries, schemas (data sets) in a store.
    merchant_project: str = _name("merchant", "Project of the merchant, in queries.")
    provider_project: str = _name("provider", "Project of the provider, in queries.")
    merchant_schema: str = _name("merchant_provider", "Schema of the merchant's snapshots.")
    provider_schema: str = _name("ewallet_provider", "Schema of the provider's tables.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for split in SPLITS:
            day = self.day_of(split)
            if not OPENED <= day < self.as_of:
                raise ValueError(
                    f"{split}_date {day} must be from {OPENED} on and before as_of {self.as_of}, "
                    "after which the merchant's source knows nothing"
                )
        if abs(self.day_of("training") - self.day_of("inference")) >= timedelta(days=365):
            raise ValueError(
                f"training_date {self.day_of('training')} and inference_date "
                f"{self.day_of('inference')} must be less than a year apart: the merchant has one "
                "age for each user, which no date of birth gives on both"
            )
        # Rounded, since 1 - 0.9 is a hair below 0.1.
        if round(self.market_share + self.merchant_only, 9) > 1:
            raise ValueError(
                f"market_share {self.market_share:g} must be at most 1 - merchant_only "
                f"({1 - self.merchant_only:g}): nobody else has a wallet to pay with"
            )
        for what in ("project", "schema"):
            if getattr(self, f"merchant_{what}") == getattr(self, f"provider_{what}"):
                raise ValueError(f"merchant_{what} and provider_{what} must differ")
        return self

    def day_of(self, split: str) -> date:
        """Last day of a split's snapshot."""
        if split == "training":
            return self.training_date or self.as_of - timedelta(days=2)
        return self.inference_date or self.as_of - timedelta(days=1)

    def first_day_of(self, split: str) -> date:
        """First day of a split's snapshot."""
        return self.day_of(split) - timedelta(days=self.snapshot_window_days - 1)

    def schema_of(self, party: str) -> str:
        """Where a party's tables lie in a store."""
        return self.merchant_schema if party == "merchant" else self.provider_schema

    def data_set_of(self, party: str) -> str:
        """What a party's schema is called in queries.

        In a store without projects the project's id names the schema; there the data set of a
        query keeps the name that it has by default.
        """
        field, schema = f"{party}_schema", self.schema_of(party)
        if schema != self.project_of(party):
            return schema
        return str(type(self).model_fields[field].default)

    def project_of(self, party: str) -> str:
        """What a party's project is called in queries."""
        return self.merchant_project if party == "merchant" else self.provider_project


def scenario_of(of: TableView | Domain) -> CleanRoomScenario:
    """The scenario of the clean room, or of what is stored of it."""
    assert isinstance(of.scenario, CleanRoomScenario)
    return of.scenario
