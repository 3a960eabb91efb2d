"""`make bench`: every benchmark, one after the other; one that cannot run here says why and holds nobody up."""

import subprocess
import sys

BENCHMARKS = (
    "glass", "speed", "transfer", "scaling", "serve", "fuzz", "corrupted", "kills", "programs", "shrink", "course",
    "explain", "inside", "diagnose", "audit", "robust", "rl", "car", "arm", "quality", "generation", "games",
    "text_to_image", "anomalies", "clusters", "self_supervised", "few_shot", "zero_shot", "preferences", "off_policy",
    "faces", "breast", "leaves", "dialogue", "worlds",
    "super_resolution", "style", "video", "speech", "translation", "text", "word_vectors", "bert",
    "recommendation", "behaviour", "life", "graphs", "stocks", "augmentation", "gpu",
)  # fmt: skip

python = [sys.executable, "-m"]
missed = [name for name in BENCHMARKS if subprocess.run([*python, f"bench.{name}"], check=False).returncode]
if missed:
    raise SystemExit(f"not measured, for the reasons above: {', '.join(missed)}")
