"""Checks that the individuals of a household go together."""

from __future__ import annotations

import polars as pl

from synth_assets.core.model import Check, TableView
from synth_assets.domains.identity_graph import kinship
from synth_assets.domains.identity_graph.checks import this_shard
from synth_assets.domains.identity_graph.layout import HOUSEHOLDS, rows_in_shard
from synth_assets.quality.building import partition_check


def members_fit() -> Check:
    """A check that a household has no more rows than members."""
    doc = "A household has no more rows than members."
    return partition_check("rows_within_household_size", doc, _too_many, [HOUSEHOLDS])


def household_roles() -> Check:
    """A check that roles and ages of a household's members agree."""
    doc = "Children are at least 18 years younger than the one householder, parents older."
    return partition_check("ages_consistent_with_household_roles", doc, _roles_agree)


def _too_many(stored: TableView, key: str) -> pl.LazyFrame:
    homes = rows_in_shard(stored, HOUSEHOLDS, key).select("household_id", "household_size")
    here = this_shard(stored, key).join(homes, on="household_id")
    members = pl.len().over("household_id")
    return here.filter(members > pl.col("household_size")).drop("household_size")


def _roles_agree(stored: TableView, key: str) -> pl.LazyFrame:
    """Children and parents less than 18 years from the householder, and second householders."""
    here = this_shard(stored, key).with_columns(role=pl.col("household_role").cast(pl.String))
    heads = (
        here.filter(pl.col("role") == "householder")
        .group_by("household_id")
        .agg(head=pl.col("age").min(), heads=pl.len())
    )
    # The householder may be outside the age range, and then has no row.
    joined = here.join(heads, on="household_id", how="left")
    years = pl.col("head") - pl.col("age")
    wrong = (
        (pl.col("role") == "child") & (years < kinship.BIRTH_LEAST)
        | (pl.col("role") == "parent") & (-years < kinship.BIRTH_LEAST)
        | (pl.col("role") != "child") & (pl.col("age") < kinship.ADULT)
        | (pl.col("heads") > 1)
        | (pl.col("role") == "partner") & (pl.len().over("household_id", "role") > 1)
    )
    return joined.filter(wrong).drop("role", "head", "heads")
