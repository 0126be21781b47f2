"""The peers: what each makes, how it is called, and how far it can grow."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from synth_assets.orchestration.shipped import PROJECT
from synth_assets_tests.bench import processes

HERE = Path(__file__).parent
ENVIRONMENTS = PROJECT / ".synth" / "bench-peers"
# TPC-H's line items: sixteen columns, 6,001,215 rows at scale factor 1.
LINE_ITEM_COLUMNS, LINE_ITEMS = 16, 6_001_215


@dataclass(frozen=True)
class Peer:
    """A generator to measure.

    Attributes:
        name: Its name.
        what: What it makes here.
        installed: Whether it has an environment of its own; else it is among the project's.
        least_rows: The fewest rows that it makes.
        most_rows: The most rows that it can make; None for any number.
        slow_start: Whether it takes long for few rows, so that a quick run leaves it out.
    """

    name: str
    what: str
    installed: bool = True
    least_rows: int = 0
    most_rows: int | None = None
    slow_start: bool = False

    @property
    def python(self) -> Path:
        """The interpreter that runs it."""
        own = ENVIRONMENTS / self.name / "bin" / "python"
        return own if self.installed else Path(sys.executable)

    @property
    def available(self) -> bool:
        """Whether it is installed: an environment is complete when it says so."""
        return not self.installed or (ENVIRONMENTS / self.name / ".ready").exists()

    def command(self, rows: int, folder: str) -> list[str | Path]:
        """The command that makes rows into a folder.

        Args:
            rows: The number of rows.
            folder: The folder.
        """
        if self.name == "tpchgen-cli":
            return [
                self.python.with_name(self.name), "parquet", "--tables", "lineitem",
                "-s", str(rows / LINE_ITEMS), "--compression", "ZSTD(1)", "--output-dir", folder,
            ]  # fmt: skip
        program = HERE / f"run_{self.name.replace('-', '_')}.py"
        return [self.python, program, str(rows), folder]


OURS = Peer("synth-assets", "ecom_transactions, in Parquet", installed=False)
PEERS = (
    Peer("tpchgen-cli", "TPC-H line items, in Parquet", installed=False),
    Peer("dbldatagen", "the same columns on local Spark, in Parquet", slow_start=True),
    Peer("sdv", "Gaussian copula of 10,000 of our rows, sampled, in Parquet"),
    Peer("mimesis", "a loop over the same columns, in Parquet", installed=False),
    Peer("faker", "a loop over the same columns, in Parquet", installed=False),
    Peer("snowfakery", "a recipe of the same columns, in CSV"),
    Peer("jafgen", "years of a jaffle shop, in CSV", least_rows=200_000, slow_start=True),
    Peer(
        "pseudopeople",
        "its sample's census, in Parquet",
        most_rows=10_000,
        slow_start=True,
    ),
)


def line_items(scale_factor: float) -> dict[str, float]:
    """TPC-H's line items by ``tpchgen-cli`` (Rust), as Parquet with the same compression.

    Args:
        scale_factor: The scale factor.
    """
    rows = round(scale_factor * LINE_ITEMS)
    with tempfile.TemporaryDirectory() as folder:
        used = processes.run(PEERS[0].command(rows, folder))
    return {
        "rows": rows,
        "cpu_seconds": used.cpu_seconds,
        "wall_seconds": used.wall_seconds,
        "peak_mib": used.peak_mib,
    }
