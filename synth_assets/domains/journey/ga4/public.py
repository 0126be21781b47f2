"""A real export instead of the generated one: a data set of BigQuery, copied day by day."""

from __future__ import annotations

from dataclasses import replace

from synth_assets.core.model import Check, Table
from synth_assets.core.schema import columns_of
from synth_assets.core.sources import Queried
from synth_assets.domains.journey.ga4.checks import EXPORT_CHECKS
from synth_assets.domains.journey.scenario import BIGQUERY

SAMPLE = "bigquery-public-data.ga4_obfuscated_sample_ecommerce"


def copied_export(table: Table, source: str) -> Table:
    """The events table with the rows of a BigQuery data set.

    Each day is a table of the data set. Columns that the schema lacks are not copied. Exports other
    than the public sample may have any event, and events without parameters or visitor (apps,
    consent mode): these checks warn.

    Args:
        table: The generated events table.
        source: ``bigquery`` for the public sample, or a data set (``project.dataset``).
    """
    dataset = SAMPLE if source == BIGQUERY else source
    columns = ",\n  ".join(f"`{column.name}`" for column in columns_of(table.schema))
    return replace(
        table,
        doc=f"{table.doc} Copied from `{dataset}`.",
        source=Queried(
            f"SELECT\n  {columns}\nFROM `{dataset}.events_*`\nWHERE _TABLE_SUFFIX = '{{digits}}'"
        ),
        checks=EXPORT_CHECKS if source == BIGQUERY else _warnings(),
    )


def _warnings() -> list[Check]:
    """The checks of any export; only the date of a partition's events closes the gate."""
    return [
        replace(check, blocking=check.name == "event_date_in_partition") for check in EXPORT_CHECKS
    ]
