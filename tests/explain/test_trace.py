"""`run.trace`: the numbers of every layer and every gradient are those of the PyTorch model."""

import json

import numpy as np
import pytest
import torch
from sklearn.datasets import load_iris

import deepglass as dg
from deepglass.core.console import console
from deepglass.core.errors import DeepglassError
from deepglass.explain.trace import first_example

TEXT = "the quick brown fox jumps over the lazy dog and the dog sleeps on while the fox runs home again. " * 40


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """One quickly trained run a kind of data, each with an input."""
    folder, mode = tmp_path_factory.mktemp("runs"), console.mode
    console.mode = "quiet"
    (folder / "fox.txt").write_text(TEXT)
    frame = load_iris(as_frame=True).frame.rename(columns={"target": "species"})
    options = {"epochs": 1, "batch_size": 32}
    small = {"embed_dim": 16, "num_layers": 1, "num_heads": 2, "context": 16, "task": "language-modelling"}
    found = {
        "table": (
            dg.train(frame, target="species", run=folder / "table", bags=1, blend=False, **options),
            frame[:3],
        ),
        "blend": (dg.train(frame, target="species", run=folder / "blend", bags=3, **options), frame[:3]),
        "pictures": (dg.train("digits", max_rows=200, blend=False, run=folder / "pictures", **options), "digits"),
        "language": (
            dg.train(folder / "fox.txt", model="gpt", run=folder / "text", **small, **options),
            "the lazy dog",
        ),
    }
    console.mode = mode
    return found


def torch_side(run, inputs):
    """The model, the outputs of all calls of its layers, kept with their gradients, and the loss, from PyTorch."""
    batch, _ = first_example(run.task, inputs)
    model, outputs = run.model.cpu(), {}

    def keep(name):
        def hook(module, inputs, output):
            if output.requires_grad:
                output.retain_grad()
            outputs.setdefault(name, []).append(output)  # a layer may be called several times

        return hook

    handles = [module.register_forward_hook(keep(name)) for name, module in model.named_modules()]
    model.zero_grad()
    loss = run.task.loss(model, batch)
    loss.backward()
    for handle in handles:
        handle.remove()
    return model, outputs, loss.item()


def norm(tensors):
    return float(torch.cat([t.double().flatten() for t in tensors]).norm())


@pytest.mark.parametrize("kind", ["table", "pictures", "language"])
def test_every_number_is_pytorchs(runs, kind):
    run, inputs = runs[kind]
    result = run.trace(inputs, backward=True)
    model, outputs, loss = torch_side(run, inputs)
    assert result["against"] == "target"
    assert result["loss"] == pytest.approx(loss, rel=1e-4, abs=1e-6)
    layers = [step for step in result["steps"] if step["kind"] == "layer"]
    assert {layer["name"] for layer in layers} == set(outputs)
    for layer in layers:
        output, module = outputs[layer["name"]].pop(0), model.get_submodule(layer["name"])
        values = output.detach().numpy().astype(np.float64)
        assert layer["class"] == type(module).__name__
        assert tuple(layer["shape"]) == values.shape
        assert layer["parameters"] == sum(p.numel() for p in module.parameters())
        expected = [values.mean(), values.std(), values.min(), values.max(), (values == 0).mean()]
        came = [layer[name] for name in ("mean", "std", "min", "max", "zeros")]
        assert came == pytest.approx(expected, rel=1e-3, abs=1e-5), layer["name"]
        assert layer["gradient"] == pytest.approx(norm([output.grad]), rel=1e-3, abs=1e-6), layer["name"]
        if weights := list(module.parameters()):
            assert layer["weight_gradient"] == pytest.approx(norm([p.grad for p in weights]), rel=1e-3, abs=1e-6)


def test_operations_stand_in_their_layer_and_the_last_one_is_the_answer(runs):
    run, inputs = runs["language"]
    steps = run.trace(inputs)["steps"]
    in_attention = [s["name"] for s in steps if s["kind"] == "operation" and s["layer"] == "h.0.attn"]
    assert {"softmax", "matmul", "masked_fill"} <= set(in_attention)
    linear = next(i for i, s in enumerate(steps) if s["name"] == "h.0.attn.c_attn")
    assert steps[linear + 1]["name"] == "linear"
    assert steps[linear + 1]["depth"] == steps[linear]["depth"] + 1
    assert steps[linear + 1]["mean"] == steps[linear]["mean"]
    assert steps[-1]["shape"] == steps[0]["shape"]
    assert "gradient" not in steps[0]


def test_without_a_target_the_loss_is_against_the_prediction(runs):
    run, frame = runs["table"]
    bare = frame.drop(columns="species")
    result = run.trace(bare, backward=True)
    predicted = run.predict(bare)[0]["prediction"]
    expected = run.trace(bare[:1].assign(species=predicted), backward=True)
    assert result["against"] == "prediction"
    assert expected["against"] == "target"
    assert result["loss"] == expected["loss"] > 0
    assert result["steps"] == expected["steps"]


def test_a_value_without_a_target_is_held_against_the_mean(tmp_path):
    console.mode = "quiet"
    frame = load_iris(as_frame=True).frame.drop(columns="target")
    run = dg.train(frame, target="petal width (cm)", model="linear", epochs=1, run=tmp_path / "run")
    console.mode = "normal"
    result = run.trace(frame.drop(columns="petal width (cm)")[:1], backward=True)
    answer = next(step for step in result["steps"] if step["kind"] == "layer")
    assert result["against"] == "mean"
    assert result["loss"] == pytest.approx(answer["mean"] ** 2, rel=1e-4)
    assert answer["gradient"] == pytest.approx(2 * abs(answer["mean"]), rel=1e-4)


def test_the_run_is_left_as_it_was(runs):
    run, inputs = runs["pictures"]
    before = run.predict(np.zeros((1, 8, 8, 1), np.uint8))
    run.trace(inputs, backward=True)
    assert run.predict(np.zeros((1, 8, 8, 1), np.uint8)) == before


def test_an_input_that_does_not_fit_says_so(runs):
    run, frame = runs["table"]
    with pytest.raises(DeepglassError, match="sepal length"):
        run.trace(frame.drop(columns="sepal length (cm)"))


def test_of_several_networks_the_first_is_followed_aloud(runs, capsys, tmp_path):
    from deepglass.cli.trace import command

    run, frame = runs["blend"]
    frame.to_csv(tmp_path / "flowers.csv", index=False)
    command(run.path, str(tmp_path / "flowers.csv"))
    assert "follows the first of 3 networks" in capsys.readouterr().out


def test_the_command_prints_a_table_or_json(runs, capsys, tmp_path, monkeypatch):
    from deepglass.cli.trace import command

    monkeypatch.delenv("COLUMNS", raising=False)
    run, frame = runs["table"]
    frame.to_csv(tmp_path / "flowers.csv", index=False)
    command(run.path, str(tmp_path / "flowers.csv"), backward=True)
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert "against the target in the input" in lines[1]
    assert any(line.startswith("   numbers PiecewiseLinearEmbedding") for line in lines)
    assert any(line.startswith("     matmul") for line in lines)
    monkeypatch.setenv("COLUMNS", "80")
    command(run.path, str(tmp_path / "flowers.csv"), backward=True)
    assert max(len(line) for line in capsys.readouterr().out.splitlines()[3:]) <= 80
    command(run.path, str(tmp_path / "flowers.csv"), json=True)
    console.mode = "normal"
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(run.trace(frame)))
