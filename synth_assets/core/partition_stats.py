"""What a store reports of a partition that it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

# The fingerprint and code version of a partition that has none.
UNKNOWN = "unknown"


@dataclass(frozen=True)
class PartitionStats:
    """A partition as its store holds it.

    Attributes:
        key: Partition key.
        rows: Number of rows.
        bytes: Compressed size.
        uri: Address.
        fingerprint: Fingerprint of the scenario that generated it.
        code_version: Code version of the table that generated it.
        schema: Columns and types as stored.
        details: What else the store reports of the write (a job, a version), for asset metadata.
    """

    key: str
    rows: int
    bytes: int
    uri: str
    fingerprint: str
    code_version: str
    schema: pl.Schema
    details: Mapping[str, str | int] = field(default_factory=dict)
