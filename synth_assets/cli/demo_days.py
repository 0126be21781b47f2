"""Which days the demo makes: daily tables end where it ends, so that no partition is missing.

The end is the layout field ``end_date`` of a domain, which the run remembers in the home.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date

from synth_assets.core.model import Domain, Table
from synth_assets.core.partitioning import Daily
from synth_assets.core.scenario import END_DATE, LAYOUT, kind_of, variable_of
from synth_assets.domains import load_domains
from synth_assets.orchestration.dbt_environment import temporary_variables
from synth_assets.orchestration.partitions import keys_among
from synth_assets.stores.routing import Stores


def demo_domains(days: int | None, stores: Stores) -> list[Domain]:
    """The domains, with daily tables that end with the demo's last day.

    An end that the environment sets stays, and so does one with later days that are stored.

    Args:
        days: How many days; the domains' own numbers (``demo_keys``) without it.
        stores: Where their tables are stored.
    """
    ends = {}
    for domain in load_domains():
        variable, end = variable_of(domain.name, END_DATE), _end(domain, days, stores)
        if end and not os.environ.get(variable):
            ends[variable] = end.isoformat()
    with temporary_variables(ends):
        return load_domains()


def demo_keys(domain: Domain, days: int | None) -> list[str]:
    """The partition keys that the demo makes of a domain.

    Args:
        domain: The domain.
        days: How many days of a daily domain.
    """
    keys = keys_among(domain.tables, None)
    return keys[: days or domain.demo_keys] if _daily(domain) else keys


def _daily(domain: Domain) -> Daily | None:
    every = (table.partitioning for table in domain.tables)
    return next((one for one in every if isinstance(one, Daily)), None)


def _end(domain: Domain, days: int | None, stores: Stores) -> date | None:
    """The day after the demo's last one; None if a domain's range stays as it is."""
    daily, count = _daily(domain), days or domain.demo_keys
    fields = type(domain.scenario).model_fields
    if daily is None or count is None or END_DATE not in fields:
        return None
    if kind_of(type(domain.scenario), END_DATE) != LAYOUT:
        return None
    whole = Daily(daily.start).keys()
    if count >= len(whole):
        return None
    end = whole[count]
    return None if _is_stored(domain.tables, end, stores) else date.fromisoformat(end)


def _is_stored(tables: Sequence[Table], first: str, stores: Stores) -> bool:
    """Whether a daily table has a partition of a day or of a later one."""
    daily = [table for table in tables if isinstance(table.partitioning, Daily)]
    return any(key >= first for table in daily for key in stores.describe(table))
