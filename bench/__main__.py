"""`make bench`: every benchmark, one after the other; one that cannot run here says why and holds nobody up."""

import subprocess
import sys

BENCHMARKS = (
    "glass", "speed", "transfer", "scaling", "serve", "fuzz", "corrupted", "kills", "programs", "shrink", "course",
    "explain", "inside", "diagnose", "audit", "robust", "rl", "quality", "generation", "games", "anomalies", "faces",
    "super_resolution", "word_vectors", "augmentation", "clusters", "gpu",
    "explain", "inside", "diagnose", "audit", "robust", "rl", "quality", "generation", "anomalies", "faces",
    "super_resolution", "style", "text_to_image", "word_vectors", "augmentation", "clusters", "gpu",
    "super_resolution", "style", "word_vectors", "bert", "augmentation", "clusters", "gpu",
)  # fmt: skip

python = [sys.executable, "-m"]
missed = [name for name in BENCHMARKS if subprocess.run([*python, f"bench.{name}"], check=False).returncode]
if missed:
    raise SystemExit(f"not measured, for the reasons above: {', '.join(missed)}")
