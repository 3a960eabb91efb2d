# /// script
# requires-python = ">=3.11,<3.14"
# dependencies = ["litert-torch==0.10.0", "tensorflow-cpu==2.21.0", "torch==2.13.0", "numpy>=2"]
# ///
# pyright: reportMissingImports=false, reportMissingModuleSource=false
"""PROGRAM.pt2 INPUTS.npz OUTPUT ANSWERS.npz NAMES: lower to StableHLO with litert-torch, and let TensorFlow keep that.

TensorFlow runs StableHLO through XLA (its operator XlaCallModule), so nothing of PyTorch is rewritten by hand. The
lowered program takes one example; around it a loop takes any number.
"""

import sys
import time

import numpy as np
import tensorflow as tf
import torch
from litert_torch.backend.export import exported_program_to_mlir

RUNS = 30


def main(program: str, inputs: str, output: str, answers: str, names: str) -> None:
    given = dict(np.load(inputs))
    function = exported_program_to_mlir(torch.export.load(program)).tf_function
    keys, outputs = list(given), names.split(",")
    signature = {key: tf.TensorSpec([None, *given[key].shape[1:]], given[key].dtype, key) for key in keys}

    def one_example(cells):
        return tuple(answer[0] for answer in as_tuple(function(*[cell[None] for cell in cells])))

    example = [tf.constant(given[key][:1]) for key in keys]
    dtypes = tuple(answer.dtype for answer in as_tuple(function(*example)))
    module = tf.Module()
    module.function = function  # keeps its variables alive

    @tf.function(input_signature=[signature[key] for key in keys])
    def serve(*tensors):
        return dict(zip(outputs, tf.map_fn(one_example, tensors, fn_output_signature=dtypes), strict=True))

    tf.saved_model.save(module, output, signatures={"serving_default": serve})
    run = tf.saved_model.load(output).signatures["serving_default"]
    feeds = {key: tf.constant(array) for key, array in given.items()}
    one = {key: tensor[:1] for key, tensor in feeds.items()}
    said = run(**feeds)
    run(**one)  # XLA compiles once for every size
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        run(**one)
        times.append(1000 * (time.perf_counter() - started))
    np.savez(answers, *[said[name].numpy() for name in outputs], latency_ms=np.median(times))


def as_tuple(said):
    return tuple(said) if isinstance(said, list | tuple) else (said,)


main(*sys.argv[1:])
