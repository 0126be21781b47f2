"""What an event says about money: its value, the visitor's revenue, and the column ``ecommerce``.

Items are in ``items``, ids and taxes of orders in ``transactions``.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from synth_assets.domains.journey.ga4.event_sequence import EventSequence
from synth_assets.domains.journey.ga4.low_discrepancy import Numbers
from synth_assets.domains.journey.ga4.nested import gather_or_null
from synth_assets.domains.journey.ga4.transactions import tax_cents, transaction_ids
from synth_assets.domains.journey.model import Model


def money(model: Model, sequence: EventSequence) -> tuple[pl.Series, Numbers, pl.Series]:
    """The columns about money.

    Args:
        model: All sessions, with their orders.
        sequence: The events.

    Returns:
        The event's value (US dollars), what the visitor has spent so far (cents), and the column
        ``ecommerce``.
    """
    size, orders = len(sequence), model.orders
    bought = sequence.order >= 0
    order = sequence.order[bought]
    paid = orders.paid[order] > 0
    revenue = np.zeros(size, dtype=np.int64)
    revenue[bought] = orders.revenue[order] * orders.paid[order]
    begins = sequence.place == 0
    running = np.cumsum(revenue)
    before = (running - revenue)[np.flatnonzero(begins)]
    in_session = running - np.repeat(before, np.diff(np.append(np.flatnonzero(begins), size)))
    spent = model.spent[sequence.session] + in_session

    net, cents = orders.revenue[order], tax_cents(orders.revenue[order])
    known_revenue = pl.Series(net / 100).set(pl.Series(~paid), None)
    in_usd = pl.Series(np.where(paid, net, 0) / 100)
    tax = pl.Series(cents / 100).set(pl.Series(~paid), None)
    none = pl.Series([None], dtype=pl.Float64).new_from_index(0, len(order))
    rows = pl.DataFrame(
        {
            "total_item_quantity": pl.Series(orders.things[order]),
            "purchase_revenue_in_usd": in_usd,
            "purchase_revenue": known_revenue,
            "refund_value_in_usd": none,
            "refund_value": none,
            "shipping_value_in_usd": none,
            "shipping_value": none,
            "tax_value_in_usd": tax,
            "tax_value": tax,
            "unique_items": pl.Series(orders.lines[order]),
            "transaction_id": transaction_ids(orders.id[order]),
        }
    ).to_struct("ecommerce")
    place = np.zeros(size, dtype=np.int64)
    place[bought] = np.arange(len(order))
    value = gather_or_null(known_revenue, place, bought)
    return value, spent, gather_or_null(rows, place, bought)
