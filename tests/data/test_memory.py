"""A million rows of fifty columns are read and described in a bounded part of the memory."""

import json
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv

ROWS = 1_000_000
LIMIT_GIB = 2.0
READ = """
import json, resource, sys
from deepglass.data.reading.columns import describe
from deepglass.data.config import DataConfig
from deepglass.data.reading.source import read

table = read(sys.argv[1], DataConfig())
kinds = [column.kind for column in describe(table.frame)]
if sys.platform == "linux":  # ru_maxrss begins with what the parent had used, and tells nothing of this program
    peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) / 2**20
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**30
print(json.dumps({"rows": len(table.frame), "kinds": {kind: kinds.count(kind) for kind in kinds}, "peak_gib": peak}))
"""


@pytest.mark.slow("writes and reads a million rows")
def test_a_million_rows(tmp_path):
    rng = np.random.default_rng(0)
    columns = {f"x{i}": rng.normal(size=ROWS).round(6) for i in range(38)}
    columns |= {f"count{i}": rng.integers(0, 1000, ROWS) for i in range(6)}
    words = pa.array(["red", "green", "blue", "violet"])
    columns |= {f"colour{i}": words.take(pa.array(rng.integers(0, 4, ROWS))) for i in range(6)}
    csv.write_csv(pa.table(columns), tmp_path / "big.csv")
    command = [sys.executable, "-c", READ, str(tmp_path / "big.csv")]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert found["rows"] == ROWS
    assert found["kinds"] == {"number": 44, "category": 6}
    assert found["peak_gib"] < LIMIT_GIB
