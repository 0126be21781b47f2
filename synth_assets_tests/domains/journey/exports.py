"""Handwritten exports, with every defect of the real one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from synth_assets.core.schema import polars_schema
from synth_assets.domains.journey.ga4.schema import Events
from synth_assets.randomness.values import since_epoch

SCHEMA = polars_schema(Events)
FIRST = date(2020, 11, 1)
MUG = {"item_name": "Mug", "quantity": 2, "price": 12.5, "item_id": "GG1"}
PEN = {"item_name": "Pen", "quantity": None, "price": 0.99, "item_id": "GG2"}


def event(
    when: datetime,
    user: str,
    name: str = "page_view",
    session: int | None = 1_000_000_001,
    *,
    transaction: str | None = None,
    revenue: float | None = None,
    items: Sequence[dict[str, Any]] = (),
    params: dict[str, str | int] | None = None,
    first_touch: datetime | None = None,
) -> dict[str, Any]:
    """An event of the export; fields without an argument are null or empty."""
    given = {"ga_session_id": session, "ga_session_number": 1} if session is not None else {}
    bare = {field.name: None for field in SCHEMA["items"].inner.fields}
    return {
        **dict.fromkeys(SCHEMA),
        "event_date": f"{when:%Y%m%d}",
        "event_timestamp": micros(when),
        "event_name": name,
        "event_params": [_param(*pair) for pair in (given | (params or {})).items()],
        "user_pseudo_id": user,
        "user_properties": [],
        "user_first_touch_timestamp": micros(first_touch) if first_touch else None,
        "ecommerce": {
            "transaction_id": transaction,
            "purchase_revenue": revenue,
            "purchase_revenue_in_usd": revenue or 0.0,
            "tax_value": None,
            "shipping_value": None,
        },
        "items": [bare | item for item in items],
    }


def purchase(
    when: datetime, user: str, transaction: str | None, revenue: float | None = 25.0, **more: Any
) -> dict[str, Any]:
    """A purchase."""
    more.setdefault("items", [MUG])
    return event(when, user, "purchase", transaction=transaction, revenue=revenue, **more)


def at(day: int, hour: float = 12.0) -> datetime:
    """An hour of a day, counted from 0."""
    return datetime.combine(FIRST, datetime.min.time()) + timedelta(days=day, hours=hour)


def micros(when: datetime) -> int:
    """Microseconds since 1970."""
    return since_epoch(when) * 1_000_000 + when.microsecond


def export(*events: dict[str, Any]) -> pl.DataFrame:
    """Events in the schema of the export."""
    return pl.DataFrame(events, schema=SCHEMA)


def days(count: int) -> list[str]:
    """Keys of the first days."""
    return [(FIRST + timedelta(days=n)).isoformat() for n in range(count)]


def _param(key: str, value: str | int) -> dict[str, Any]:
    whole = isinstance(value, int)
    return {
        "key": key,
        "value": {
            "string_value": None if whole else value,
            "int_value": value if whole else None,
            "float_value": None,
            "double_value": None,
        },
    }


# Every defect of ids, over three days.
ODDITIES = export(
    purchase(at(0), "1.1", "100", 25.0),
    purchase(at(0, 12.1), "1.1", "100", 25.0),  # sent again
    purchase(at(0, 13), "2.2", "100", 7.5),  # the same id by another user
    purchase(at(0, 14), "3.3", "(not set)"),
    purchase(at(0, 14.5), "3.3", "(not set)"),
    purchase(at(0, 15), "4.4", None),
    purchase(at(0, 15.5), "4.4", "  "),
    purchase(at(0, 23.9999), "5.5", "101", None, items=[PEN]),  # no revenue, at midnight
    purchase(at(1), "1.1", "102", 0.0),
    purchase(at(1), "6.6", "103", 9.99, items=[]),
    purchase(at(1, 13), "4.4", "104", 11.0, first_touch=at(0, 1)),
    purchase(at(2), "2.2", "100", 7.5),  # sent again, days later
    purchase(at(2), "7.7", "105", 1.0, items=[MUG, PEN]),
    event(at(2), "8.8"),
)


def shop(count: int, per_day: int = 100) -> pl.DataFrame:
    """Purchases of ``count`` visitors, one each, with ordinary ids."""
    return export(*_sales(count, per_day))


def _sales(count: int, per_day: int) -> Iterator[dict[str, Any]]:
    for n in range(count):
        day, nth = divmod(n, per_day)
        when = at(day, 24 * (nth + 0.5) / per_day)
        yield purchase(when, f"{n}.{n * 7919 % 10**9}", str(500_000 + n), 10 + n % 900 / 100)
