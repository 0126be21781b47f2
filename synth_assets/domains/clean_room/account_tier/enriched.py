"""The provider's users with the merchant's columns: the rows that the model is trained on.

Rows of both parties, joined on the e-mail address. The rules of the clean room would not release
them: training needs access to both parties' tables, here as in BigQuery.
"""

from __future__ import annotations

import polars as pl

from synth_assets.core.model import TableView
from synth_assets.domains.clean_room.account_tier.features import EMAIL, FEATURES, KEY, LABEL
from synth_assets.domains.clean_room.snapshot.window import of_split
from synth_assets.domains.clean_room.tables import provider_users, users


def enriched(stored: TableView, split: str) -> pl.DataFrame:
    """The users of both parties in a split.

    Args:
        stored: Any table of the domain.
        split: The split.

    Returns:
        ``provider_user_id``, ``email``, ``account_tier`` and the features, in order of the id.
    """
    merchants = of_split(stored, users.NAME, split).select(EMAIL, *FEATURES)
    mine = of_split(stored, provider_users.NAME, split).select(KEY, EMAIL, LABEL)
    return mine.join(merchants, on=EMAIL).sort(KEY).collect()
