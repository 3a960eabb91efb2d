"""`run.explain` on runs of every kind: what adds up, what is guessed and said, what is refused and why."""

import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from typer.testing import CliRunner

import deepglass as dg
from deepglass.cli.main import app
from deepglass.core import catalogue
from deepglass.core.console import console
from deepglass.core.errors import DataError, OptionError
from deepglass.explain.explaining import methods, methods_for
from tests.tasks.small import next_event, video_classification

PROVES = {"test_planted_columns_come_before_idle_ones": ("explain",)}  # read by `deepglass read`

QUICK = {"batch_size": 32, "threads": 1, "precision": "float32", "device": "cpu", "bags": 1, "blend": False}
TOLERANCE = 1e-4
WORDS = ["the", "film", "plot", "was", "and", "warm", "dull", "we", "saw", "it", "never", "again"]


def table(rows=240):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({name: rng.normal(size=rows).round(3) for name in ("strong", "weak", "idle", "still")})
    frame["town"] = rng.choice(["Rome", "Oslo"], rows)
    score = 3 * frame["strong"] + frame["weak"] + 2 * (frame["town"] == "Rome")
    frame["said"] = np.where(score > 1, "yes", "no")
    return frame


def texts(rows=120):
    rng = np.random.default_rng(0)
    notes = [" ".join(rng.choice(WORDS, rng.integers(3, 8))) for _ in range(rows)]
    return pd.DataFrame({"note": notes, "mood": ["glad" if "warm" in note else "sad" for note in notes]})


def pictures(folder):
    rng = np.random.default_rng(0)
    for name, bright in (("dark", 60), ("light", 190)):
        (folder / name).mkdir(parents=True)
        for i in range(24):
            pixels = rng.normal(bright, 40, (12, 12)).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{i:02}.png")
    return folder


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A quickly trained run of each kind of input, and an input for it."""
    folder, mode = tmp_path_factory.mktemp("explain"), console.mode
    console.mode = "quiet"
    series = pd.DataFrame({"day": pd.date_range("2020-01-01", periods=90), "sales": 100 + np.sin(np.arange(90) * 0.9)})
    (folder / "fox.txt").write_text("the quick brown fox jumps over the lazy dog and sleeps. " * 30)
    quick = {name: value for name, value in QUICK.items() if name not in ("bags", "blend")}
    table().to_csv(folder / "table.csv", index=False)
    texts().to_csv(folder / "notes.csv", index=False)
    gpt = {"embed_dim": 16, "num_layers": 1, "num_heads": 2, "context": 12, "task": "language-modelling"}
    made = {
        "columns": (dg.train(folder / "table.csv", target="said", model="mlp", epochs=25, run=folder / "t", **QUICK)),
        "image": dg.train(pictures(folder / "p"), run=folder / "pictures", width=8, augment="none", epochs=2, **quick),
        "text": dg.train(folder / "notes.csv", target="mood", epochs=2, run=folder / "n", embed_dim=8, **QUICK),
        "series": dg.train(series, run=folder / "s", horizon=3, context=10, epochs=1, **quick),
        "prompt": dg.train(folder / "fox.txt", model="gpt", run=folder / "g", epochs=1, **gpt, **quick),
    }
    of_small = {"events": next_event, "video": video_classification}
    for kind, small in of_small.items():
        (folder / kind).mkdir()
        task, options = small.__name__.rpartition(".")[2].replace("_", "-"), {**quick, **small.OPTIONS}
        made[kind] = dg.train(small.data(folder / kind), task=task, run=folder / f"{kind}-run", epochs=1, **options)
    console.mode = mode
    inputs = {"columns": table(), "image": folder / "p" / "dark", "text": "a warm film", "series": series}
    inputs |= {
        "prompt": "the lazy",
        "events": "hall kitchen garden",
        "video": video_classification.inputs(folder / kind),
    }
    return made, inputs


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    monkeypatch.setattr(console, "mode", "quiet")


KINDS = catalogue.entries("explain/inputs")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["kernel-shapley", "integrated-gradients"])
def test_contributions_add_up_on_runs_of_every_kind(runs, kind, method):
    made, inputs = runs
    if method not in methods_for(kind):
        pytest.skip(f"{method} does not explain {kind}")
    settings = {"samples": 200} if method == "kernel-shapley" else {}
    found = made[kind].explain(inputs[kind], method, row=1, **settings)
    difference = found.score - found.base
    assert abs(found.contributions.sum() - difference) <= TOLERANCE * max(1, abs(difference))
    assert abs(found.figures["gap"]) <= TOLERANCE * max(1, abs(difference))
    assert not found.notes
    assert np.isfinite(found.contributions).all()


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_method_one_that_suits_is_taken_and_said(runs, kind, capsys):
    made, inputs = runs
    console.mode = "normal"
    found = made[kind].explain(inputs[kind], row=1)
    said = " ".join(capsys.readouterr().out.split())
    assert "guessed method: " + found.method.replace("_", "-") in said
    assert "change with --method" in said
    assert found.quality["curves"]["random order"]


REFUSES = {
    ("image", "shapley"): "at most 12 squares",
    ("image", "attention"): "cnn does not attend",
    ("text", "attention"): "bag-of-ngrams does not attend",
    ("image", "concepts"): "--concept",
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_method_answers_or_says_why_not(runs, kind, tmp_path):
    made, inputs = runs
    for method in methods_for(kind):
        is_whole = catalogue.constant("explain/methods", method.replace("-", "_"), "EXPLAINS")
        used = catalogue.constant("explain/methods", method.replace("-", "_"), "USES")
        row = {} if is_whole else {"row": 2 if kind in ("columns", "image") else 1}
        settings = {"samples": 64} if "samples" in used else {}
        asked = {"out": tmp_path / f"{method}.html", "quality": method in ("occlusion", "integrated-gradients")}
        asked |= row | settings
        if reason := REFUSES.get((kind, method)):
            with pytest.raises(OptionError, match=reason):
                made[kind].explain(inputs[kind], method, **asked)
            continue
        found = made[kind].explain(inputs[kind], method, **asked)
        assert found.parts or found.examples or found.notes
        page = (tmp_path / f"{method}.html").read_text(encoding="utf-8")
        assert "</html>" in page
        assert 'src="http' not in page


def test_a_session_of_which_no_event_is_known_is_refused(runs):
    with pytest.raises(DataError, match="every event unknown already"):
        runs[0]["events"].explain("moon mars", "integrated-gradients")


def test_planted_columns_come_before_idle_ones(runs):
    run = runs[0]["columns"]
    found = run.explain(method="importance")
    worth = {part["name"]: part["contribution"] for part in found.parts}
    planted, idle = [worth[name] for name in ("strong", "weak", "town")], [worth[name] for name in ("idle", "still")]
    assert min(planted) > max(idle)  # the area under the ROC curve is 1
    by_rows = np.mean([np.abs(run.explain(table(), "shapley", row=i).contributions) for i in range(1, 9)], axis=0)
    shares = dict(zip(run.task.preprocessor.columns, by_rows, strict=True))
    assert min(shares[name] for name in ("strong", "weak", "town")) > max(shares[name] for name in ("idle", "still"))


def test_the_same_seed_gives_the_same_explanation_and_another_one_another(runs):
    made, inputs = runs
    first, second, other = (made["columns"].explain(inputs["columns"], "lime", row=3, seed=s) for s in (1, 1, 2))
    assert first.contributions.tobytes() == second.contributions.tobytes()
    assert first.contributions.tobytes() != other.contributions.tobytes()


def test_a_counterfactual_flips_the_run_itself_and_stays_inside_the_data(runs):
    run, frame = runs[0]["columns"], table()
    for row in range(1, 9):
        found = run.explain(frame, "counterfactual", row=row)
        changed = frame.iloc[[row - 1]].drop(columns="said").copy()
        before = run.predict(changed)[0]["prediction"]
        for part in found.parts:
            changed[part["name"]] = part["becomes"]
        assert run.predict(changed)[0]["prediction"] != before
        for part in found.parts:
            column = frame[part["name"]]
            inside = part["becomes"] in set(column) or column.min() <= part["becomes"] <= column.max()
            assert inside, part


def test_the_most_similar_example_of_a_training_example_is_itself(runs, tmp_path):
    run = runs[0]["columns"]
    training = pd.read_csv(run.config["source"]).iloc[:1]
    found = run.explain(training, "similar", row=1)
    ids = [one["id"] for one in found.examples]
    assert 0 not in ids or found.examples[ids.index(0)]["similarity"] > 0.9999
    assert found.examples == sorted(found.examples, key=lambda one: -one["similarity"])
    assert len(found.examples) == 5


def test_influence_is_the_change_of_the_loss_by_a_small_step_on_the_last_layer(runs):
    import copy

    import torch

    run = runs[0]["columns"]
    found = run.explain(table(), "influence", row=1, count=2)
    best = found.examples[0]
    frame = table().iloc[[best["id"]]]
    place = run.task.score_names.index(found.about)
    inputs = run.task.read(table().iloc[:1], with_target=True)[0].batch(torch.tensor([0]))
    learnt = run.task.read(frame, with_target=True)[0].batch(torch.tensor([0]))
    asked = (*inputs[:-1], torch.tensor([place]))
    model = copy.deepcopy(run.network).double().eval().requires_grad_(True)
    as_double = lambda batch: tuple(x.double() if x.is_floating_point() else x for x in batch)  # noqa: E731
    head = [m for m in model.modules() if isinstance(m, torch.nn.Linear)][-1]
    rate, before = 1e-5, run.task.loss(model, as_double(asked)).item()
    grads = torch.autograd.grad(run.task.loss(model, as_double(learnt)), list(head.parameters()))
    with torch.no_grad():
        for p, grad in zip(head.parameters(), grads, strict=True):
            p -= rate * grad
    after = run.task.loss(model, as_double(asked)).item()
    assert (before - after) / rate == pytest.approx(best["influence"], rel=1e-2, abs=1e-6)


def test_what_a_run_remembers_is_said_without_its_data(runs, tmp_path):
    import shutil

    moved = tmp_path / "moved"
    shutil.copytree(runs[0]["columns"].path, moved)
    config = json.loads((moved / "config.json").read_text())
    config["source"] = str(tmp_path / "gone.csv")
    (moved / "config.json").write_text(json.dumps(config))
    sums = moved / "checksums.sha256"
    sums.write_text("\n".join(line for line in sums.read_text().splitlines() if "config.json" not in line) + "\n")
    assert dg.load(moved, "cpu").explain().method == "importance"
    with pytest.raises(DataError, match="--data"):
        dg.load(moved, "cpu").explain(row=1)


REFUSED = {
    "another kind": ({"method": "grad-cam", "row": 1}, "grad-cam explains image.*reads columns.*shapley"),
    "no method": ({"method": "shaply", "row": 1}, "--method.*did you mean 'shapley'"),
    "row too large": ({"row": 9_999}, r"--row 9999.*240.*from 1 to 240"),
    "row zero": ({"row": 0}, "--row 0.*from 1 to 240"),
    "no class": ({"row": 1, "about": "yess"}, "--class.*did you mean 'yes'"),
    "no column": ({"method": "partial-dependence", "column": "stron"}, "--column.*did you mean 'strong'"),
    "row of a curve": ({"method": "partial-dependence", "row": 1}, "--row.*all rows together"),
    "class of the model": ({"method": "importance", "about": "yes"}, "--class.*all classes"),
    "no other method": ({"row": 1, "against": "lame"}, "--against.*did you mean 'lime'"),
    "the same method": ({"method": "lime", "row": 1, "against": "lime"}, "--against lime: that is the method itself"),
    "against another kind": ({"row": 1, "against": "grad-cam"}, "--against grad-cam explains image"),
    "against no list": ({"method": "lime", "row": 1, "against": "similar"}, "no contributions that could be compared"),
    "a list against none": ({"method": "similar", "row": 1, "against": "lime"}, "gives no contributions.*leave it out"),
    "idle setting": ({"method": "occlusion", "row": 1, "samples": 9}, "--samples.*occlusion does not use it.*lime"),
    "no samples": ({"method": "lime", "row": 1, "samples": 0}, "--samples.*1 or more"),
    "no option": ({"row": 1, "sample": 3}, "did you mean 'samples'"),
    "same answer": ({"method": "counterfactual", "row": 1, "want": "maybe"}, "--want.*Known: no, yes"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_refused_with_what_would(runs, name):
    asked, words = REFUSED[name]
    with pytest.raises(OptionError, match=words):
        runs[0]["columns"].explain(table(), **asked)


def test_too_many_parts_for_every_coalition_are_refused(runs):
    made, inputs = runs
    with pytest.raises(OptionError, match=r"at most 12 squares.*64.*kernel-shapley"):
        made["image"].explain(inputs["image"], "shapley", row=1)


def test_agreement_and_stability_stand_beside_an_answer(runs):
    run = runs[0]["columns"]
    usual = run.explain(table(), "lime", row=1).quality
    assert [one["with"] for one in usual["agreement"]] == ["occlusion", "integrated gradients"]
    assert usual["stability"]["draws"]["many"] == 3
    asked = run.explain(table(), "lime", row=1, against="kernel-shapley").quality["agreement"]
    assert [one["with"] for one in asked] == ["Shapley values (kernel SHAP)"]
    assert asked[0]["correlation"] > 0.7
    with pytest.raises(OptionError, match="--no-quality"):
        run.explain(table(), "lime", row=1, against="occlusion", quality=False)
    assert run.explain(table(), "shapley", row=1).quality["stability"] == {}


def test_the_command_prints_a_table_and_writes_the_page(runs, tmp_path):
    run, page = runs[0]["columns"], tmp_path / "why.html"
    table().to_csv(tmp_path / "new.csv", index=False)
    ran = CliRunner().invoke(app, ["explain", str(run.path), str(tmp_path / "new.csv"), "--row", "2", "-o", str(page)])
    assert ran.exit_code == 0, ran.output
    assert "exact Shapley values" in ran.output
    assert "strong" in ran.output
    assert "mean score under deletion" in ran.output
    assert "How far to trust it" in page.read_text(encoding="utf-8")


def test_the_command_gives_one_json_document(runs, tmp_path):
    run, out = runs[0]["text"], str(tmp_path / "why.html")
    ran = CliRunner().invoke(app, ["explain", str(run.path), "a warm film", "--json", "-o", out])
    found = json.loads(ran.stdout)
    assert [part["name"] for part in found["parts"]] == ["a", "warm", "film"]
    assert found["method"] == "shapley"


def test_every_method_says_what_it_needs():
    for method in methods():
        file = method.replace("-", "_")
        assert set(catalogue.constant("explain/methods", file, "KINDS")) <= set(KINDS), file
        assert catalogue.constant("explain/methods", file, "TITLE"), file
        assert isinstance(catalogue.constant("explain/methods", file, "USES", None), tuple), file
        assert catalogue.citation("explain/methods", file), file
