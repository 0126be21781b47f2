"""The tiny domain as a code location, which Dask's workers load, and an asset that kills them."""

import os
from pathlib import Path
from signal import SIGKILL

import dagster as dg

from synth_assets.orchestration.build import build_definitions
from synth_assets_tests.orchestration.conftest import tiny


@dg.asset
def fragile() -> None:
    """Kills its worker, as many times as the environment says."""
    seen = Path(os.environ["SYNTH_HOME"]) / "deaths"
    deaths = len(seen.read_text()) if seen.exists() else 0
    if deaths < int(os.environ["DEATHS"]):
        seen.write_text("x" * (deaths + 1))
        os.kill(os.getpid(), SIGKILL)


@dg.asset(deps=[fragile])
def after_fragile() -> None:
    """Is made when ``fragile`` is."""


defs = dg.Definitions.merge(
    build_definitions([tiny()], with_dbt=False), dg.Definitions(assets=[fragile, after_fragile])
)
