"""Segmentation: any size, windows, the rival, the worst pictures; `contract/` asks what all tasks are asked."""

import base64
import io

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from deepglass.core import label_pictures
from deepglass.core.errors import DataError, OptionError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Images
from deepglass.data.datasets.shapes_with_masks import load
from deepglass.data.masked_pictures import IGNORED, OUTSIDE
from deepglass.evaluate import mask_pictures
from deepglass.tasks import Outputs
from deepglass.tasks.segmentation import Config, Task


def layout(count=16):
    found = load()
    found.content = found.content.first(count)
    found.splits = found.content.splits = {}
    return found


@pytest.fixture(scope="module")
def prepared():
    task = Task(DataConfig(), Config(augment="flip,turn", crop_size=32), 0)
    data = layout()
    return task, task.prepare(data), data


class Brightness(nn.Module):
    """Says of each pixel alone how red it is: of any part of a picture the same as of the whole."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))

    def forward(self, images):
        red = images[:, :1] * self.weight
        return torch.cat([-red, red, red * 0 - 9, red * 0 - 9], dim=1)


def test_training_sees_windows_and_validation_whole_pictures(prepared):
    _, made, _ = prepared
    images, targets = made.train.batch(torch.arange(3))
    assert images.shape == (3, 3, 32, 32)
    assert targets.shape == (3, 32, 32)
    images, targets = made.val.batch(torch.arange(1))
    assert images.shape == (1, 3, 64, 64)
    assert set(targets.unique().tolist()) <= {0, 1, 2, 3, IGNORED}


def test_pictures_of_any_size_are_answered_at_their_own(prepared):
    task, _, _ = prepared
    model, rng = Brightness(), np.random.default_rng(0)
    for height, width in ((64, 64), (150, 70), (20, 33), (5, 4)):
        pixels = rng.integers(0, 256, (height, width, 3)).astype(np.uint8)
        examples, names = task.read(pixels, with_target=False)
        [record] = task.answers(task.outputs(model, examples), names)
        labels = label_pictures.from_uri(record["mask"])
        expected = pixels[..., 0] > task.inputs.preprocessor.mean[0]
        assert labels.shape == (height, width)
        assert np.array_equal(labels == 1, expected)
        assert record["share of circle"] == pytest.approx(expected.mean())


def test_large_pictures_are_scaled_down_and_answered_at_their_own_size():
    task = Task(DataConfig(), Config(image_size=32, augment="none"), 0)
    made = task.prepare(layout())
    assert made.val.batch(torch.arange(1))[0].shape[2:] == (32, 32)
    pixels = np.zeros((64, 96, 3), np.uint8)
    pixels[:, 48:] = 255
    examples, names = task.read(pixels, with_target=False)
    [record] = task.answers(task.outputs(Brightness(), examples), names)
    labels = label_pictures.from_uri(record["mask"])
    assert labels.shape == (64, 96)
    assert (labels[:, 52:] == 1).all()
    assert (labels[:, :44] == 0).all()


def test_pixels_beyond_the_edge_are_never_judged(prepared):
    task, made, _ = prepared
    outputs = task.outputs(Brightness(), made.test)
    targets = outputs.targets.copy()
    targets[:, 40:] = OUTSIDE
    wrong = np.where(targets == OUTSIDE, 3, outputs.predictions)
    one, other = (task.evaluate(Outputs(part, targets, outputs.losses)) for part in (outputs.predictions, wrong))
    assert one["mean_iou"] == other["mean_iou"]


def test_the_rival_reads_classes_off_colours_and_leaves_the_windows_alone(prepared):
    from deepglass.rivals import Time

    task, made, _ = prepared
    name, outputs = task.simple_answers(made, Time(60))
    assert name.startswith("the usual class of a pixel's colour")
    assert task.evaluate(outputs)["pixel_accuracy"]["value"] > 0.5
    assert made.train.batch(torch.arange(1))[0].shape[2:] == (32, 32)
    assert task.simple_answers(made, Time(-1)) is None


def test_a_perfect_answer_has_no_mistakes_and_a_bad_one_is_drawn(prepared):
    task, made, data = prepared
    targets = made.test.tensors[-1].numpy()
    right = np.where(targets < 4, targets, 0)
    outputs = Outputs(right, targets, np.zeros(len(targets)))
    assert task.mistakes(outputs, made, data) == []
    bad = right.copy()
    row = int(np.argmax((targets > 0).sum(axis=(1, 2))))
    bad[row] = np.where(right[row] == 0, 2, 0)
    [mistake] = task.mistakes(Outputs(bad, targets, np.zeros(len(targets))), made, data)
    assert mistake["id"] == made.ids["test"][row]
    assert "% missed" in mistake["text"]
    assert mistake["predicted"].startswith("100.0% wrong")
    picture = Image.open(io.BytesIO(base64.b64decode(mistake["image"].partition(",")[2])))
    assert max(picture.size) == mask_pictures.SIDE / 2  # a small picture is enlarged


def test_the_best_epoch_has_the_largest_overlap_and_among_equals_the_lowest_loss(prepared):
    task, made, _ = prepared
    targets = made.test.tensors[-1].numpy()
    right, none = np.where(targets < 4, targets, 0), np.zeros_like(targets)
    best, poor, dear = (
        task.validate(Outputs(said, targets, np.full(len(targets), cost)))
        for said, cost in ((right, 0.1), (none, 0.1), (right, 2.0))
    )
    assert best["score"] > dear["score"] > poor["score"]


def test_what_is_no_mask_and_a_window_that_is_too_small_are_refused():
    with pytest.raises(DataError, match="holds no masks: expected a folder of pictures and one of masks"):
        Task(DataConfig(), None, 0).prepare(Images("bare", None, [], 3, pixels=np.zeros((4, 8, 8, 3), np.uint8)))
    with pytest.raises(OptionError, match="--crop-size: expected 16 pixels or more"):
        Task(DataConfig(), Config(crop_size=4), 0).prepare(layout())
    with pytest.raises(OptionError, match="mask cannot move along with it"):
        Task(DataConfig(), Config(augment="erase"), 0).prepare(layout())


def test_a_class_without_a_pixel_to_learn_from_is_said():
    data = layout()
    data.content.classes = [*data.content.classes, "worm"]
    data.content.counts = np.column_stack([data.content.counts, np.zeros(len(data.content), int)])
    made = Task(DataConfig(), Config(augment="none"), 0).prepare(data)
    assert any("'worm'" in remark for remark in made.remarks)
