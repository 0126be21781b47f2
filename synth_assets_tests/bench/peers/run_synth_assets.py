"""The project's own table of e-commerce line items, as a file: the row that peers are beside."""

import os
import sys
from pathlib import Path

from synth_assets.domains.identity_resolution.model import ECOM
from synth_assets.domains.identity_resolution.publishing import files
from synth_assets.domains.identity_resolution.scenario import IdentityScenario

rows, folder = int(sys.argv[1]), sys.argv[2]
# Three in ten records of a scenario are line items.
share = IdentityScenario.of({"scale": 1_000_000}).records(ECOM) / 1_000_000
scenario = IdentityScenario.of({"scale": round(rows / share)})
table = next(t for t in files.tables(truth=False) if t.name == "ecom_transactions")
path = Path(folder) / "rows.parquet"
files.write(table, scenario, path, os.cpu_count() or 1, lambda done: None)
