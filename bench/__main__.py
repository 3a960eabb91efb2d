"""`make bench`: every benchmark, one after the other."""

import subprocess
import sys

BENCHMARKS = ("glass", "speed", "transfer", "scaling", "serve", "fuzz", "shrink", "course", "quality", "gpu")

for benchmark in BENCHMARKS:
    subprocess.run([sys.executable, "-m", f"bench.{benchmark}"], check=True)
