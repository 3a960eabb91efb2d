"""What a hidden part becomes: the bases of each kind of input, what they hold, and which are refused."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

import deepglass as dg
from deepglass.core.console import console
from deepglass.core.errors import OptionError
from deepglass.explain.inputs.image import blurred
from deepglass.explain.inputs.series import Parts as Stretches
from tests.explain.test_explaining import QUICK, pictures, table, texts


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    monkeypatch.setattr(console, "mode", "quiet")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("bases")


@pytest.fixture(scope="module")
def numbers(folder):
    """A line over numbers alone: its parts are known."""
    frame = table().drop(columns="town")
    frame["y"] = 3 * frame["strong"] - frame["weak"]
    frame = frame.drop(columns="said")
    console.mode = "quiet"
    return dg.train(frame, target="y", model="linear", epochs=3, run=folder / "line", **QUICK), frame


def explained(run, inputs, method="occlusion", **asked):
    return run.explain(inputs, method, row=1, quality=False, **asked)


@pytest.mark.parametrize("method", ["shapley", "kernel-shapley", "occlusion", "lime", "integrated-gradients"])
def test_the_base_is_said_and_the_sum_is_the_difference_from_it(numbers, method):
    run, frame = numbers
    names = run.task.preprocessor.columns
    of = {
        "zeros": frame.iloc[0] * 0,
        "row:5": frame.iloc[4],
        "mean": pd.Series({name: run.task.statistics[name]["mean"] for name in names}),
    }
    for base, row in of.items():
        found = explained(run, frame, method, base=base)
        assert found.base == pytest.approx(run.predict(pd.DataFrame([row[names]]))[0]["prediction"], abs=1e-3)
        assert found.contributions.sum() == pytest.approx(found.score - found.base, abs=1e-3)  # of a line
        assert {"zeros": "a row of zeros", "row:5": "row 5", "mean": "a mean row"}[base] in found.base_is


def test_the_first_row_of_a_file_can_be_the_base(numbers, folder):
    run, frame = numbers
    frame.iloc[[7, 8]].to_csv(folder / "other.csv", index=False)
    from_file, from_row = (explained(run, frame, base=base) for base in (str(folder / "other.csv"), "row:8"))
    assert from_file.base_is == "the first row of other.csv"
    assert from_file.contributions == pytest.approx(from_row.contributions, abs=1e-6)


def test_a_picture_hides_in_its_mean_in_black_in_a_blur_or_in_another_picture(folder):
    where = pictures(folder / "p")
    quick = {name: value for name, value in QUICK.items() if name not in ("bags", "blend")}
    run = dg.train(where, run=folder / "pictures", width=8, augment="none", epochs=1, **quick)
    one = where / "dark"
    usual, mean = explained(run, one), explained(run, one, base="mean")
    assert usual.contributions == pytest.approx(mean.contributions, abs=1e-6)
    found = {base: explained(run, one, base=base) for base in ("zeros", "blur", "row:2", str(one / "03.png"))}
    assert [f.base_is for f in found.values()] == ["a black picture", "the picture blurred", "row 2", "03.png"]
    assert len({round(f.base, 9) for f in [usual, *found.values()]}) == 5
    of_row, of_file = (explained(run, one, base=base) for base in ("row:4", str(one / "03.png")))
    assert of_row.contributions == pytest.approx(of_file.contributions, abs=1e-6)
    Image.fromarray(np.zeros((12, 12), np.uint8)).save(folder / "black.png")
    black = explained(run, one, base=str(folder / "black.png"))
    assert black.base == pytest.approx(found["zeros"].base, abs=1e-6)


def test_a_blur_keeps_the_light_and_loses_the_edges():
    x = torch.rand(1, 1, 32, 32, generator=torch.Generator().manual_seed(0))
    smooth = blurred(x, (2, 3))
    assert smooth.shape == x.shape
    assert smooth.mean() == pytest.approx(float(x.mean()), abs=0.03)
    assert smooth.std() < 0.3 * x.std()
    assert torch.equal(blurred(x, ()), x)


REFUSED = {
    "a word": ("median", "did you mean 'mean'"),
    "no row": ("row:9999", "--base row:9999.*from 1 to 240"),
    "itself": ("row:1", "row:1 is the example itself"),
    "no file": ("gone.csv", "no such file.*mean, zeros, row:N, a file"),
    "of pictures": ("blur", "mean, zeros, row:N, a file"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_base_that_a_row_cannot_have_is_refused_with_those_that_it_can(numbers, name):
    run, frame = numbers
    base, words = REFUSED[name]
    with pytest.raises(OptionError, match=words):
        explained(run, frame, base=base)


def test_words_have_no_zero_and_no_other_base(folder):
    quick = dict(QUICK)
    by_town = dg.train(table(), target="said", model="linear", epochs=1, run=folder / "town", **quick)
    with pytest.raises(OptionError, match="--base zeros: 'town' cannot be zero"):
        explained(by_town, table(), base="zeros")
    moods = dg.train(texts(), target="mood", epochs=1, run=folder / "mood", embed_dim=8, **quick)
    with pytest.raises(OptionError, match="of words there is one base alone, a text without words"):
        explained(moods, "a warm film", base="zeros")
    with pytest.raises(OptionError, match="--base: --method similar does not use it"):
        by_town.explain(table(), "similar", row=1, base="mean")


def test_series_are_cut_in_stretches_whole_or_as_the_past_of_a_forecast():
    task = SimpleNamespace(
        inputs=SimpleNamespace(channels=["x", "y"]),
        plan=SimpleNamespace(targets=["sales"], columns=SimpleNamespace(covariates=["rain"])),
    )
    generator = torch.Generator().manual_seed(0)
    whole = Stretches.of(task, (torch.randn(1, 30, 2, generator=generator),), {})
    assert len(whole) == 24
    assert whole.names[-2:] == ["x −2 … −1", "y −2 … −1"]
    window = tuple(torch.randn(1, *shape, generator=generator) for shape in ((12, 1), (12, 1), (3, 2), (4,)))
    past = Stretches.of(task, window, {})
    assert past.names[-3:] == ["rain", "what is known in advance", "what never changes"]
    for parts in (whole, past):
        nothing = parts.hidden(np.zeros((1, len(parts)), bool))
        assert [x.tolist() for x in nothing] == [x.tolist() for x in parts.base]
        assert torch.allclose(parts.base[0], parts.inputs[0].mean(1, keepdim=True))
        smooth, words = parts.named_base("blur", task)
        assert words == "the series smoothed"
        assert smooth[0].std() < parts.inputs[0].std()
        assert [x.shape for x in smooth] == [x.shape for x in parts.inputs]
