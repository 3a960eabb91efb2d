# /// script
# requires-python = ">=3.11,<3.14"
# dependencies = ["executorch==1.5.1", "torch==2.13.0", "numpy>=2"]
# ///
# pyright: reportMissingImports=false, reportMissingModuleSource=false
"""PROGRAM.pt2 INPUTS.npz OUTPUT.pte ANSWERS.npz NAMES: lower to XNNPACK, run in ExecuTorch, keep the answers."""

import sys
import time

import numpy as np
import torch
from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
from executorch.exir import to_edge_transform_and_lower
from executorch.runtime import Runtime

RUNS = 30


def main(program: str, inputs: str, output: str, answers: str, _names: str) -> None:
    tensors = [torch.from_numpy(array) for array in np.load(inputs).values()]
    lowered = to_edge_transform_and_lower(torch.export.load(program), partitioner=[XnnpackPartitioner()])
    with open(output, "wb") as file:
        lowered.to_executorch().write_to_file(file)
    method = Runtime.get().load_program(output).load_method("forward")
    said = [tensor.numpy().copy() for tensor in method.execute(tensors)]
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        method.execute(tensors)
        times.append(1000 * (time.perf_counter() - started))
    np.savez(answers, *said, latency_ms=np.median(times))


main(*sys.argv[1:])
