"""The census of pseudopeople's sample population, with its default noise."""

import sys

import pseudopeople

folder = sys.argv[2]
made = pseudopeople.generate_decennial_census()
made.to_parquet(f"{folder}/census.parquet", compression="zstd")
