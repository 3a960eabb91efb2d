"""Stands for `deepglass train` where the training is not the point: keeps a log, learns nothing, stops when asked.

python fake_training.py train SOURCE --run=RUN [--target=fail|slow]
"""

import json
import signal
import sys
import time
from pathlib import Path

from deepglass.core import run_log
from deepglass.core.run_folder import RunFolder

PATIENCE = 300  # seconds after which nobody will ask any more

options = dict(word.removeprefix("--").partition("=")[::2] for word in sys.argv[2:] if word.startswith("--"))
if options.get("target") == "fail":
    print("error: column 'fail' is not in the data", file=sys.stderr)
    sys.exit(2)
if options.get("target") == "slow":  # reads for ever
    print("reading", flush=True)
    time.sleep(PATIENCE)
asked = []
signal.signal(signal.SIGINT, lambda number, frame: asked.append(number))
folder = RunFolder(Path(options["run"])).create()
with run_log.keeping(folder.path) as log:
    folder.write("task.json", {})
    folder.write("config.json", {"task": "tabular-classification", "model": "fake", "words": sys.argv[1:]})
    begun = 1 + len(run_log.read(folder.path).epochs)
    log.write("start", total_steps=1000, monitor="loss")
    log.write("epoch", epoch=begun, step=begun, loss=1 / begun, val_loss=1.0, seconds=1.0)
    until = time.monotonic() + PATIENCE
    while not asked and time.monotonic() < until and (folder.path / "config.json").exists():
        time.sleep(0.01)
    log.write("finish", sentence="interrupted")
    (folder / "signals.json").write_text(json.dumps(asked))
    folder.write("metrics.json", {})
    log.write("end", interrupted=True)
