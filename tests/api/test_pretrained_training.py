"""`dg.train` from somebody's weights: a folder of transformers, an own run, pictures with a frozen body."""

import os
from functools import partial

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

import deepglass as dg
from deepglass.core.console import console
from deepglass.core.errors import DataError, OptionError, RunError, WeightsError
from deepglass.data.preprocess import published_tokenizer
from deepglass.zoo import architectures
from tests.models.checkpoints import (
    bert_folder,
    distilbert_folder,
    gpt2_folder,
    reviews_csv,
    roberta_folder,
    vit_folder,
)

CPU = {"device": "cpu", "precision": "float32"}


@pytest.fixture(autouse=True)
def quiet():
    console.mode = "quiet"
    yield
    console.mode = "normal"


def pictures(root, classes=("blue", "green", "red"), count=8):
    rng = np.random.default_rng(0)
    for place, name in enumerate(classes):
        (root / name).mkdir(parents=True)
        for i in range(count):
            pixels = rng.integers(0, 90, (20, 20, 3)).astype(np.uint8)
            pixels[..., place % 3] += 120
            Image.fromarray(pixels).save(root / name / f"{i}.png")
    return root


@pytest.fixture(scope="module")
def first_run(tmp_path_factory):
    """A run on three classes of pictures, to begin others with."""
    console.mode = "quiet"
    folder = tmp_path_factory.mktemp("first")
    source = pictures(folder / "colours")
    return dg.train(source, model="cnn", width=4, num_stages=2, epochs=2, run=folder / "run", augment="none", **CPU)


def test_a_bert_folder_is_fine_tuned_on_a_table(tmp_path):
    folder = bert_folder(tmp_path / "bert")
    source = reviews_csv(tmp_path / "reviews.csv", count=240)
    run = dg.train(
        source,
        model="bert",
        pretrained=str(folder),
        run=tmp_path / "run",
        epochs=12,
        learning_rate=3e-3,
        **CPU,
    )
    sizes = {"embed_dim": 32, "num_heads": 2, "num_layers": 2, "mlp_dim": 128}
    assert run.config["model_options"] == sizes | {"norm_eps": 1e-12}
    assert run.folder.read("task.json")["dims"]["vocab_size"] == 19
    assert run.metrics["test"]["accuracy"]["value"] > 0.9
    began = run.folder.read("environment.json")["pretrained"]
    assert began["source"] == str(folder)
    assert len(began["sha256"]) == 64
    assert began["sha256"] in (run.path / "MODEL_CARD.md").read_text()
    moved = (tmp_path / "elsewhere").with_name("moved")
    os.rename(folder, moved)  # a run needs its beginnings no more
    assert dg.load(run.path).predict(["the film was very good"])[0]["prediction"] == "pos"


@pytest.mark.parametrize("name", ["bert", "distilbert", "roberta"])
def test_a_classifier_of_others_answers_here_as_there(name, tmp_path):
    """From their folder to `predict`: tokens, padding, positions, head, the order of the classes."""
    import transformers

    source, classes = reviews_csv(tmp_path / "reviews.csv"), ["pos", "neg"]
    texts = [line.partition(",")[0] for line in source.read_text().splitlines()[1:]]
    make = {"bert": bert_folder, "distilbert": distilbert_folder, "roberta": partial(roberta_folder, texts=texts)}
    (tmp_path / name).mkdir()
    folder = make[name](tmp_path / name, classes)
    run = dg.train(
        source, model="bert", pretrained=str(folder), run=tmp_path / "run", epochs=1, learning_rate=1e-12,
        weight_decay=0.0, max_length=22, **CPU,
    )  # fmt: skip
    judge = transformers.AutoModelForSequenceClassification.from_pretrained(folder).eval()
    tokenizer = published_tokenizer.load(folder)
    asked = ["the film was good", "bad", texts[0]]
    for text, answer in zip(asked, run.predict(asked), strict=True):
        ids = torch.tensor([tokenizer.encode(text).ids[:22]])
        with torch.no_grad():
            expected = dict(zip(classes, judge(ids).logits[0].softmax(0).tolist(), strict=True))
        assert {name: answer[f"p({name})"] for name in classes} == pytest.approx(expected, abs=2e-5)


@pytest.mark.parametrize("name", ["vit", "deit"])
def test_a_picture_classifier_of_others_answers_here_as_there(name, tmp_path):
    """From their folder to `predict`: scaling, patches, both tokens, head, the order of the classes."""
    folder, judge = vit_folder(tmp_path / "theirs", ["red", "blue", "green"], is_distilled=name == "deit")
    source = pictures(tmp_path / "colours")
    run = dg.train(
        source, model="vit", pretrained=str(folder), run=tmp_path / "run", epochs=1, learning_rate=1e-12, freeze="none",
        weight_decay=0.0, augment="none", **CPU,
    )  # fmt: skip
    files = [source / "blue" / "0.png", source / "red" / "1.png"]
    pixels = np.stack([np.asarray(Image.open(file)) for file in files])
    x = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 127.5 - 1
    with torch.no_grad():
        expected = judge(x).logits.softmax(1).tolist()
    for file, row in zip(files, expected, strict=True):
        (answer,) = run.predict(str(file))
        came = [answer[f"p({one})"] for one in ("red", "blue", "green")]
        assert came == pytest.approx(row, abs=2e-5)


def test_a_tokenizer_that_numbers_otherwise_is_refused(tmp_path):
    source = reviews_csv(tmp_path / "reviews.csv")
    (tmp_path / "roberta").mkdir()
    other = roberta_folder(tmp_path / "roberta", ["a", "b"], ["the film was good"])
    folder = bert_folder(tmp_path / "bert")
    with pytest.raises(DataError, match="padding is not token 0 for the tokenizer and token 0 for the weights"):
        dg.train(source, model="bert", pretrained=str(folder), tokenizer=str(other), run=tmp_path / "run", **CPU)
    assert not (tmp_path / "run").exists()


def test_weights_without_a_tokenizer_say_so(tmp_path, capsys):
    text = "to be or not to be, that is the question. " * 60
    folder = gpt2_folder(tmp_path / "gpt2", text)
    tokenizer = (folder / "tokenizer.json").rename(tmp_path / "tokenizer.json")
    sizes = {"embed_dim": 32, "num_heads": 2, "num_layers": 2}
    (tmp_path / "text.txt").write_text(text)
    console.mode = "normal"
    dg.train(
        tmp_path / "text.txt", model="gpt", pretrained=str(folder), run=tmp_path / "run", context=32, epochs=1, **CPU
    )
    out = " ".join(capsys.readouterr().out.split())
    assert "no config.json" not in out
    assert "no tokenizer lies beside the weights" in out
    assert "--tokenizer" in out
    (folder / "config.json").unlink()
    dg.train(
        tmp_path / "text.txt", model="gpt", pretrained=str(folder), run=tmp_path / "other", context=64, epochs=1,
        tokenizer=str(tokenizer), **sizes, **CPU,
    )  # fmt: skip
    assert "no config.json lies beside the weights" in " ".join(capsys.readouterr().out.split())


def test_freezing_a_bert_leaves_its_body_to_the_bit(tmp_path):
    folder = bert_folder(tmp_path / "bert")
    run = dg.train(
        reviews_csv(tmp_path / "reviews.csv"), model="bert", pretrained=str(folder),
        freeze="all", epochs=2, run=tmp_path / "run", **CPU,
    )  # fmt: skip
    theirs, ours = load_file(folder / "model.safetensors"), load_file(run.path / "weights.safetensors")
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs if not name.startswith("classifier."))
    assert not torch.equal(ours["classifier.weight"], theirs["classifier.weight"])


def test_all_networks_of_a_bag_begin_with_the_weights(tmp_path):
    folder, source = bert_folder(tmp_path / "bert"), reviews_csv(tmp_path / "reviews.csv", count=60)
    asked = {"model": "bert", "pretrained": str(folder), "bags": 2, **CPU}
    run = dg.train(source, epochs=1, learning_rate=1e-7, run=tmp_path / "run", **asked)
    theirs, ours = load_file(folder / "model.safetensors"), load_file(run.path / "weights.safetensors")
    for network in range(2):
        for name in theirs:
            is_near = torch.allclose(ours[f"networks.{network}.{name}"], theirs[name], atol=1e-4)
            assert is_near or name.startswith("classifier."), name
    assert not torch.allclose(ours["networks.0.classifier.weight"], ours["networks.1.classifier.weight"], atol=1e-3)
    for apart in ({"freeze": "all"}, {"layer_decay": 0.5}, {"unfreeze_every": 1}):
        with pytest.raises(OptionError, match="a bag of networks learns as a whole"):
            dg.train(source, run=tmp_path / "apart", **asked, **apart)


def test_a_gpt2_folder_is_fine_tuned_on_a_text_file(tmp_path):
    text = "to be or not to be, that is the question. " * 120
    folder = gpt2_folder(tmp_path / "gpt2", text)
    (tmp_path / "text.txt").write_text(text)
    run = dg.train(
        tmp_path / "text.txt", model="gpt", pretrained=str(folder), run=tmp_path / "run", context=32, epochs=2,
        freeze=1, layer_decay=0.8, **CPU,
    )  # fmt: skip
    assert run.folder.read("task.json")["dims"]["context"] == 64  # all positions of the weights
    theirs, ours = load_file(folder / "model.safetensors"), load_file(run.path / "weights.safetensors")
    assert torch.equal(ours["wte.weight"], theirs["transformer.wte.weight"])  # frozen
    assert not torch.equal(ours["ln_f.weight"], theirs["transformer.ln_f.weight"])
    assert run.history[-1]["val_loss"] < run.history[0]["val_loss"] + 1e-6
    assert "".join(run.generate("to be", max_tokens=5))


def test_an_own_run_goes_on_with_other_classes(first_run, tmp_path):
    source = pictures(tmp_path / "more", classes=("blue", "green", "red", "white"))
    run = dg.train(source, pretrained=str(first_run.path), run=tmp_path / "run", epochs=2, **CPU)
    assert run.config["model"] == "cnn"  # the model of the run, and its settings
    assert run.config["model_options"]["width"] == 4
    assert run.config["train"]["freeze"] == "all"
    assert run.task.preprocessor.mean == first_run.task.preprocessor.mean
    before, after = (load_file(r.path / "weights.safetensors") for r in (first_run, run))
    assert all(torch.equal(after[name], before[name]) for name in before if not name.startswith("head."))
    assert after["head.weight"].shape[0] == 4
    assert "4 classes: the weights know 3 others" in run.folder.read("environment.json")["pretrained"]["head"]


def test_a_repeated_and_a_cross_validated_fine_tuning(first_run, tmp_path):
    source = pictures(tmp_path / "more", classes=("blue", "red"))
    run = dg.train(source, pretrained=str(first_run.path), run=tmp_path / "run", epochs=2, ema=0.9, folds=2, **CPU)
    assert run.metrics["cross_validation"]["accuracy"]["value"] > 0.4
    again = dg.train(config=run.path / "config.json", run=tmp_path / "again")
    assert (again.path / "weights.safetensors").read_bytes() == (run.path / "weights.safetensors").read_bytes()


def test_features_that_are_kept_change_nothing(first_run, tmp_path, monkeypatch):
    source = pictures(tmp_path / "more", classes=("blue", "red"))
    asked = {"pretrained": str(first_run.path), "freeze": "all", "epochs": 3, **CPU}
    kept = dg.train(source, run=tmp_path / "kept", **asked)
    monkeypatch.setattr("deepglass.runs.fine_tuning.can_keep", lambda *_: False)
    plain = dg.train(source, run=tmp_path / "plain", **asked)
    a, b = (load_file(run.path / "weights.safetensors") for run in (kept, plain))
    for name in a:
        torch.testing.assert_close(a[name], b[name], rtol=1e-6, atol=1e-7)


def test_pictures_are_scaled_as_the_weights_want_them(tmp_path):
    torch.manual_seed(0)
    save_file(architectures.load("mobilenet-v1-0.25", num_classes=7).state_dict(), tmp_path / "w.safetensors")
    source = pictures(tmp_path / "colours", classes=("blue", "red"))
    run = dg.train(
        source, model="mobilenet-v1-0.25", pretrained=str(tmp_path / "w.safetensors"), image_size=32, epochs=1,
        run=tmp_path / "run", **CPU,
    )  # fmt: skip
    fitted = run.task.preprocessor
    assert (fitted.mean, fitted.std, fitted.height) == ([127.5] * 3, [127.5] * 3, 32)


def test_contradictions_are_errors_and_leave_nothing(first_run, tmp_path):
    source = pictures(tmp_path / "more", classes=("blue", "red"))
    asked = {"pretrained": str(first_run.path), "run": tmp_path / "run"}
    with pytest.raises(OptionError, match=r"--width 8: the weights of .* were made with 4; leave --width out"):
        dg.train(source, width=8, **asked)
    with pytest.raises(OptionError, match="--initializer he draws all weights anew"):
        dg.train(source, initializer="he", **asked)
    with pytest.raises(WeightsError, match="was trained with the model cnn, not lenet5: pass --model cnn"):
        dg.train(source, model="lenet5", **asked)
    with pytest.raises(OptionError, match="every one of 4 blocks"):
        dg.train(source, freeze=40, **asked)
    with pytest.raises(OptionError, match="expected"):
        dg.train(source, freeze="half", **asked)


def test_resuming_with_other_classes_says_so(first_run, tmp_path):
    source = pictures(tmp_path / "colours", classes=("blue", "red"))
    run = dg.train(source, model="cnn", width=4, epochs=2, run=tmp_path / "run", augment="none", **CPU)
    pictures(tmp_path / "extra", classes=("white",))
    os.rename(tmp_path / "extra" / "white", source / "white")
    with pytest.raises(RunError, match=r"'head\.weight' have shape \(2, .*, the model expects \(3, .*--pretrained"):
        dg.train(resume=True, run=run.path, epochs=3)
