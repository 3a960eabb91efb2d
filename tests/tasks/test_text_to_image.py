"""Text to image: painting after words, what is asked and refused, and what stands beside it."""

import base64
import io

import numpy as np
import pytest
import torch
from PIL import Image

import deepglass as dg
from deepglass.core.errors import DataError, OptionError
from deepglass.data.config import DataConfig
from deepglass.data.datasets import drawn_scenes
from deepglass.data.reading.captions import read_captions
from deepglass.tasks._painting import other_captions
from deepglass.tasks.text_to_image import Config, Task
from tests.tasks.small import text_to_image as small

QUICK = {**small.OPTIONS, "epochs": 1, "device": "cpu", "threads": 1, "precision": "float32"}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("painted")
    return dg.train(small.data(folder), task="text-to-image", run=folder / "run", **QUICK)


def decoded(record):
    return np.array(Image.open(io.BytesIO(base64.b64decode(record["picture"].partition(",")[2]))))


def test_the_same_seed_paints_the_same_and_another_something_else(run):
    first, again = (list(run.generate("a red circle", count=2, seed=3)) for _ in range(2))
    other = list(run.generate("a red circle", count=2, seed=4))
    assert first == again
    assert first != other
    assert decoded(first[0]).shape == (16, 16, 3)
    assert first[0]["prompt"] == "a red circle"


def test_words_steps_and_guidance_change_the_picture(run):
    with torch.no_grad():
        for parameter in run.model.parameters():
            if not parameter.any():
                parameter.normal_(std=0.1)
    asked = {"prompt": "a red circle", "seed": 0}
    painted = decoded(next(run.generate(**asked)))
    for change in ({"prompt": "a blue square"}, {"steps": 5}, {"guidance": 5.0}):
        assert (decoded(next(run.generate(**{**asked, **change}))) != painted).any(), change


def test_unknown_words_are_named_with_what_is_known(run):
    with pytest.raises(OptionError, match=r"'purple'.*it knows a, .*red"):
        list(run.generate("a purple circle"))
    with pytest.raises(OptionError, match=r"--prompt is missing.*--prompt \"a "):
        list(run.generate())
    with pytest.raises(OptionError, match="at most 8 words"):
        list(run.generate("a red circle a red circle a red circle"))


@pytest.mark.parametrize(("option", "value"), [("count", 0), ("steps", 0), ("guidance", -1.0), ("seed", -1)])
def test_numbers_out_of_their_range_are_refused(run, option, value):
    with pytest.raises(OptionError, match=f"--{option}: expected"):
        list(run.generate("a red circle", **{option: value}))


def test_options_of_other_generators_are_refused(run):
    with pytest.raises(OptionError, match="--temperature has no effect"):
        run.generate("a red circle", temperature=1.0)


def test_it_is_judged_on_other_pictures_with_captions(run, tmp_path):
    found = run.evaluate(str(small.data(tmp_path)))
    assert found["kind"] == "text_to_image"
    assert 0 <= found["caption_match"]["value"] <= 1


def test_it_answers_no_pictures(run, tmp_path):
    with pytest.raises(OptionError, match="it paints"):
        run.predict(str(small.data(tmp_path)))


def test_pictures_without_captions_and_captions_that_never_differ_are_refused(tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    with pytest.raises(DataError, match="file,caption"):
        dg.train(tmp_path / "a.png", task="text-to-image", run=tmp_path / "run", **QUICK)
    images = read_captions(drawn_scenes.load(), DataConfig(max_rows=60))
    images.frame["caption"] = "a thing of any kind"
    with pytest.raises(DataError, match="nothing that words could change"):
        Task(DataConfig(), Config()).prepare(images)


def test_a_caption_is_left_out_as_often_as_asked():
    task, seen = Task(DataConfig(), Config(caption_dropout=0.25)), []

    def model(points, time, tokens):
        seen.append(tokens)
        return points * 0

    torch.manual_seed(0)
    task.loss(model, (torch.zeros(4000, 1, 2, 2), torch.full((4000, 3), 7)))
    left_out = (seen[0] == 0).all(dim=1).float().mean()
    assert left_out == pytest.approx(0.25, abs=0.03)
    assert ((seen[0] == 7).all(dim=1) | (seen[0] == 0).all(dim=1)).all()


def test_the_loss_is_that_of_the_paper():
    """With nothing known, the squared distance of picture and noise: 1 + 1 for independent standard normal ones."""
    task = Task(DataConfig(), Config())
    torch.manual_seed(0)
    images = torch.randn(4000, 1, 4, 4)
    loss = task.loss(lambda points, time, tokens: points * 0, (images, torch.ones(4000, 2)))
    assert loss.item() == pytest.approx(2.0, abs=0.03)


def test_every_picture_is_held_against_the_next_caption_that_differs():
    tokens = torch.tensor([[1, 2], [1, 2], [3, 4], [1, 2]])
    assert other_captions(tokens).tolist() == [[3, 4], [3, 4], [1, 2], [3, 4]]
    assert other_captions(tokens[:2]).tolist() == tokens[:2].tolist()


def test_pixels_alone_tell_no_caption_and_the_training_known_by_heart_stands_beside(run):
    metrics = run.metrics
    assert metrics["baseline"]["caption_match"]["value"] == 0.5
    assert "nearest captions" in metrics["rival"]["name"]
