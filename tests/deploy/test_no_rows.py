"""An empty batch gets an empty answer: no operator of an exported graph meets zero rows."""

import json
import subprocess
import sys

import pytest
import torch

from deepglass.deploy.graphs import examples
from deepglass.deploy.portable import portable
from tests.deploy.runs import RUNS, one_by_one

# In a process of its own: an operator that divides by the number of rows ends it with a signal.
ASK = """
import json, sys
import numpy as np, onnxruntime
TYPES = {"string": object, "double": np.float64, "float": np.float32, "int64": np.int64, "uint8": np.uint8}
for path in sys.argv[1:]:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    feeds = {}
    for tensor in session.get_inputs():
        shape = [0 if size == "batch" else 8 if isinstance(size, str) else size for size in tensor.shape]
        feeds[tensor.name] = np.empty(shape, TYPES[tensor.type[7:-1]])
    said = session.run(None, feeds)
    expected = [[0 if n == "batch" else 8 if n == "length" else n for n in o.shape] for o in session.get_outputs()]
    print(json.dumps([[list(answer.shape) for answer in said], expected]), flush=True)
"""


@pytest.mark.slow("trains and exports every run")
@pytest.mark.parametrize("kind", dict.fromkeys(name.partition("-")[0] for name in RUNS))
def test_every_onnx_file_answers_no_rows_with_an_empty_answer(bundle_of, kind):
    names = []
    for name in (name for name in RUNS if name.startswith(kind)):
        try:
            bundle_of(name)
        except pytest.skip.Exception:  # a PyTorch whose exporter cannot follow recurrent networks
            continue
        names.append(name)
    paths = [str(bundle_of(name) / "model.onnx") for name in names]
    done = subprocess.run([sys.executable, "-c", ASK, *paths], capture_output=True, text=True, check=False)
    answers = dict(zip(names, map(json.loads, done.stdout.splitlines())))
    assert done.returncode == 0, f"ended at {names[len(answers)]}: {done.stderr}"
    assert len(answers) == len(names) > 0
    for name, (came, expected) in answers.items():
        assert came == expected, name
        assert came[0][0] == 0


@pytest.mark.parametrize(
    "name", one_by_one(["shop-tabm", "weather-patch", "weather-gru", "reviews-transformer", "pictures-cnn"])
)
def test_the_graph_itself_takes_no_rows_in_pytorch(name, run_of):
    graph = portable(run_of(name)).graph
    with torch.no_grad():
        answer = graph(*(tensor[:0] for tensor in examples(graph)[0]))
    for part in answer if isinstance(answer, tuple) else (answer,):
        assert part.shape[0] == 0
