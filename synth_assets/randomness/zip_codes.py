"""ZIP codes of the United States with their city, coordinates and time zone.

They are those of the package ``zipcodes``: standard ones in use, without the military's and those
of post-office boxes.
"""

from __future__ import annotations

import polars as pl

# Columns by their names in the package.
TEXTS = {
    "zip_code": "zip_code", "state": "state", "city": "city",
    "acceptable_cities": "acceptable_cities", "timezone": "time_zone",
}  # fmt: skip
COORDINATES = {"lat": "latitude", "long": "longitude"}


def zip_codes() -> pl.DataFrame:
    """Every standard ZIP code in use, in the package's order.

    Returns:
        ``zip_code``, ``state`` (two letters), ``city``, ``acceptable_cities`` (other names in its
        addresses), ``time_zone`` (IANA), ``latitude`` and ``longitude`` (degrees, may be null).
    """
    # Imported where it is needed: reading its list takes half a second.
    import zipcodes

    listed = [
        row
        for row in zipcodes.list_all()  # type: ignore[no-untyped-call]
        if row["active"] and row["zip_code_type"] == "STANDARD"
    ]
    texts = {new: [row[old] for row in listed] for old, new in TEXTS.items()}
    degrees = {new: [_degrees(row[old]) for row in listed] for old, new in COORDINATES.items()}
    return pl.DataFrame(texts | degrees)


def _degrees(text: str | None) -> float | None:
    return float(text) if text else None
