# /// script
# requires-python = ">=3.11,<3.14"
# dependencies = ["litert-torch==0.10.0", "torch==2.13.0", "numpy>=2"]
# ///
# pyright: reportMissingImports=false, reportMissingModuleSource=false
"""PROGRAM.pt2 INPUTS.npz OUTPUT.tflite ANSWERS.npz NAMES: to LiteRT by litert-torch; run it, keep the answers."""

import sys
import time

import litert_torch
import numpy as np
import torch
from ai_edge_litert.interpreter import Interpreter

RUNS = 30


def main(program: str, inputs: str, output: str, answers: str, _names: str) -> None:
    tensors = tuple(torch.from_numpy(array) for array in np.load(inputs).values())
    litert_torch.convert(torch.export.load(program).module(), tensors).export(output)
    interpreter = Interpreter(output)
    run = interpreter.get_signature_runner()
    details = sorted(run.get_input_details().items())  # args_0, args_1; whole numbers have become int32
    feeds = {name: tensor.numpy().astype(d["dtype"]) for (name, d), tensor in zip(details, tensors, strict=True)}
    said = run(**feeds)
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        run(**feeds)
        times.append(1000 * (time.perf_counter() - started))
    np.savez(answers, *[said[name] for name in sorted(said)], latency_ms=np.median(times))


main(*sys.argv[1:])
