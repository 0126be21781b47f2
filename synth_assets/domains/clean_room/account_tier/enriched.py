"""The provider's users with what the merchant knows of them: what the model learns from.

Rows of both parties, joined on the e-mail address as in the brief's query. No rule of the room
would let them out: whoever trains, here as in BigQuery, has been given both parties' tables.
"""

from __future__ import annotations

import polars as pl

from synth_assets.core.model import TableView
from synth_assets.domains.clean_room.account_tier.features import EMAIL, FEATURES, KEY, LABEL
from synth_assets.domains.clean_room.snapshot.window import of_split
from synth_assets.domains.clean_room.tables import provider_users, users


def enriched(stored: TableView, split: str) -> pl.DataFrame:
    """``provider_user_id``, ``email``, ``account_tier`` and the features, of users of both."""
    merchants = of_split(stored, users.NAME, split).select(EMAIL, *FEATURES)
    mine = of_split(stored, provider_users.NAME, split).select(KEY, EMAIL, LABEL)
    return mine.join(merchants, on=EMAIL).sort(KEY).collect()
