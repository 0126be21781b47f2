"""SDV's fast synthesizer, a Gaussian copula: fitted to a sample of rows, then sampled."""

import sys
import warnings
from pathlib import Path

import pandas as pd
from sdv.metadata import Metadata
from sdv.single_table import GaussianCopulaSynthesizer

BATCH = 100_000
warnings.filterwarnings("ignore")
rows, folder = int(sys.argv[1]), sys.argv[2]
sample = pd.read_parquet(Path(folder).parent / "sample.parquet")
metadata = Metadata.detect_from_dataframes({"orders": sample})
synthesizer = GaussianCopulaSynthesizer(metadata)
synthesizer.fit({"orders": sample})
for part, first in enumerate(range(0, rows, BATCH)):
    made = synthesizer.sample(min(BATCH, rows - first))["orders"]
    made.to_parquet(f"{folder}/part-{part:04}.parquet", compression="zstd")
