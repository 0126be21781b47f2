"""Where a table is stored, as a data contract says it.

The places of the kinds of store are in ``orchestration.contract_places``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl
from open_data_contract_standard.model import Server

from synth_assets.core.model import Table


@dataclass(frozen=True)
class Place:
    """The server of a contract, and the SQL that it understands.

    Attributes:
        server: The server's type and address, without secrets.
        type_name: The name of a Polars type on the server.
        relation: A stored table in a ``from`` clause of the server's SQL.
    """

    server: Server
    type_name: Callable[[pl.DataType], str]
    relation: Callable[[Table], str]
