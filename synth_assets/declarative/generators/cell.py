"""What a generator may use for a column of a row: its number, its stream, and other columns."""

from __future__ import annotations

from datetime import date
from typing import Protocol

import polars as pl

from synth_assets.randomness.streams import RandomStream


class Cell(Protocol):
    """A column of the rows of a table, while its values are planned."""

    @property
    def row(self) -> pl.Expr:
        """Row numbers (Int64), null where there is no row."""

    @property
    def stream(self) -> RandomStream:
        """The random stream of the column."""

    @property
    def start(self) -> date:
        """First day of daily tables."""

    @property
    def day(self) -> pl.Expr | None:
        """Days since the start date; None in a table that is not daily."""

    @property
    def position(self) -> pl.Expr:
        """The position among the rows of the parent, from 0."""

    @property
    def siblings(self) -> pl.Expr:
        """The number of rows of the parent."""

    def substream(self, *names: str) -> Cell:
        """The same cell with a further independent stream.

        Args:
            *names: Names that follow those of the stream.
        """

    def column(self, name: str, through: str | None = None) -> pl.Expr:
        """Another column of the row, or of the row of a parent.

        Args:
            name: The column's name.
            through: The reference to the parent.
        """

    def full_name(self, name: str) -> str:
        """The name that a column of the row has in the frame; the column is then computed.

        Args:
            name: The column's name.
        """
