"""What all scripts of this folder share: numbers in, numbers out, a clock. NumPy and nothing else.

Seconds are the processor's own, of all threads of the process: they do not count what else the machine does.

A script has one class `Learner(network, weights)`: its network with the given weights. It is asked for the outputs of
a batch, for the gradients of the loss, and to learn for an epoch. Weights and gradients go by PyTorch's names and have
PyTorch's shapes; every script turns them into its framework's own and back.

    python in_jax.py GIVEN FOUND [once]

GIVEN is a folder with `digits.npz` and one file of weights per network; what a script says goes to FOUND. With `once`
nothing is timed more than once.
"""

import importlib.metadata
import json
import platform
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

BATCH = 64  # pictures of a step
RATE, MOMENTUM = 0.1, 0.9  # v ← 0.9·v + gradient; weight ← weight − 0.1·v
ONCE = sys.argv[3:4] == ["once"]
EPOCHS = 1 if ONCE else 5  # that are timed, the quickest counts; before them comes one in which things compile
IMPORTS = 1 if ONCE else 3  # fresh interpreters of which the quickest counts


def batches(x, y):
    """The pictures in their order, a batch at a time: nobody shuffles, so that all take the same steps."""
    for start in range(0, len(x), BATCH):
        yield x[start : start + BATCH], y[start : start + BATCH]


def answer(learner, module, package):
    """Ask a script's learner everything about every network, and write it down.

    Args:
        learner: The class `Learner` of the script.
        module: What is imported, such as "jax"; what that takes is measured in fresh interpreters.
        package: What it is called where it is installed from.
    """
    given, found = map(Path, sys.argv[1:3])
    digits = np.load(given / "digits.npz")
    told = {"package": package, "version": importlib.metadata.version(package), "python": platform.python_version()}
    told |= {"import_s": min(import_seconds(module) for _ in range(IMPORTS)), "networks": {}}
    for path in sorted(given.glob("*.npz")):
        if path.stem != "digits":
            numbers, told["networks"][path.stem] = tried(learner, path.stem, dict(np.load(path)), **digits)
            np.savez(found / path.name, **numbers)
    (found / "told.json").write_text(json.dumps(told))


def tried(learner, network, weights, x, y):
    """The numbers of one network, and what its epochs took."""
    net, (some, classes) = learner(network, weights), next(batches(x, y))
    numbers = {"outputs": np.asarray(net.outputs(some))}
    if hasattr(net, "exported"):  # the same from a file that was exported
        numbers["exported"] = np.asarray(net.exported(some))
    numbers |= {f"gradient/{name}": np.asarray(g) for name, g in net.gradients(some, classes).items()}
    seconds = []
    for epoch in range(1 + EPOCHS):
        begun = time.process_time()
        net.learn(x, y)
        seconds.append(time.process_time() - begun)
        if epoch == 0:
            numbers |= {f"learnt/{name}": np.asarray(w) for name, w in net.weights().items()}
    return numbers, {"first_epoch_s": seconds[0], "epoch_s": min(seconds[1:])}


def import_seconds(module):
    """What importing it takes a fresh interpreter."""
    line = f"import time; begun = time.process_time(); import {module}; print(time.process_time() - begun)"
    asked = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True)
    return float(asked.stdout.split()[-1])
