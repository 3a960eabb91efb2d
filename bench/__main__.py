"""`make bench`: every benchmark, one after the other."""

import subprocess
import sys

for benchmark in (
    "bench.glass",
    "bench.speed",
    "bench.transfer",
    "bench.serve",
    "bench.fuzz",
    "bench.shrink",
    "bench.quality",
):
    subprocess.run([sys.executable, "-m", benchmark], check=True)
