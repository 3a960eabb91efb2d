"""`make bench`: every benchmark, one after the other."""

import subprocess
import sys

for benchmark in (
    "bench.glass",
    "bench.speed",
    "bench.transfer",
    "bench.scaling",
    "bench.serve",
    "bench.shrink",
    "bench.quality",
):
    subprocess.run([sys.executable, "-m", benchmark], check=True)
