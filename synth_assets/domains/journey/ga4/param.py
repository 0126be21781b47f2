"""A parameter of stored events, as an expression."""

from __future__ import annotations

import polars as pl


def _element(key: str, field: str) -> pl.Expr:
    """The value of each element that has the key, null for all others."""
    element = pl.element()
    value = element.struct.field("value").struct.field(field)
    return pl.when(element.struct.field("key") == key).then(value)


def param(key: str, field: str = "int_value") -> pl.Expr:
    """The value of an event's parameter, null without it.

    Args:
        key: Key of the parameter.
        field: Field of the value: ``string_value``, ``int_value`` or ``double_value``.
    """
    return pl.col("event_params").list.eval(_element(key, field).drop_nulls()).list.first()
