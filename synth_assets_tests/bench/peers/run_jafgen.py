"""jafgen's simulation of a jaffle shop, for as many years as have about that many rows."""

import subprocess
import sys
from pathlib import Path

ROWS_A_YEAR = 200_000
rows, folder = int(sys.argv[1]), sys.argv[2]
years = max(1, round(rows / ROWS_A_YEAR))
program = Path(sys.executable).with_name("jafgen")
subprocess.run([program, str(years)], cwd=folder, check=True, stdout=subprocess.DEVNULL)
