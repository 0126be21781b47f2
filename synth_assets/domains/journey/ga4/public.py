"""The real export instead of the one made here: a data set of BigQuery, copied day by day."""

from __future__ import annotations

from dataclasses import replace

from synth_assets.core.model import Table
from synth_assets.core.schema import columns_of
from synth_assets.core.sources import Queried
from synth_assets.domains.journey.ga4.checks import OF_ANY
from synth_assets.domains.journey.scenario import BIGQUERY

SAMPLE = "bigquery-public-data.ga4_obfuscated_sample_ecommerce"


def public(table: Table, source: str) -> Table:
    """The events table as that of ``source``: BigQuery's sample, or a data set of one's own.

    Each day is a table of the data set; of newer exports the columns that the sample lacks are
    left out.
    """
    dataset = SAMPLE if source == BIGQUERY else source
    columns = ",\n  ".join(f"`{column.name}`" for column in columns_of(table.schema))
    return replace(
        table,
        doc=f"{table.doc} Copied from `{dataset}`.",
        source=Queried(
            f"SELECT\n  {columns}\nFROM `{dataset}.events_*`\nWHERE _TABLE_SUFFIX = '{{digits}}'"
        ),
        checks=OF_ANY,
    )
