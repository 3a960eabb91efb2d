"""Object detection from a layout to boxes in pixels; what every task is asked is asked in `contract/`."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from deepglass.core.detections import padded
from deepglass.core.errors import DataError, OptionError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Layout
from deepglass.data.datasets.shapes_with_boxes import CLASSES, load
from deepglass.evaluate import box_pictures
from deepglass.tasks import Outputs
from deepglass.tasks.object_detection import Config, Task


def layout(count=24, declared=False) -> Layout:
    """The first shapes of the bundled set."""
    found = load()
    found.content = found.content.first(count)
    if not declared:
        found.content.splits = {}
    found.splits = found.content.splits
    return found


@pytest.fixture(scope="module")
def prepared():
    task = Task(DataConfig(), Config(augment="none"), 0)
    data = layout()
    return task, task.prepare(data), data


def right(targets):
    """Detections of one who knows all."""
    truth = [rows[rows[:, 5] == 0] for rows in targets]
    return padded([np.column_stack([rows[:, :4], np.full(len(rows), 0.9), rows[:, 4]]) for rows in truth])


def outputs_of(prepared, predictions=None):
    targets = prepared.test.tensors[-1].numpy()
    predictions = right(targets) if predictions is None else predictions
    return Outputs(predictions, targets, np.arange(len(targets), dtype=float))


def test_one_record_for_each_box_in_pixels_of_its_picture(prepared):
    task, _, _ = prepared
    boxes = np.array([[0.1, 0.2, 0.5, 0.6, 0.9, 2], [0.5, 0.5, 1.0, 1.0, 0.1, 0]])
    found = Outputs(padded([boxes, boxes[:0]]), None)
    names = {"file": ["a.png", "b.png"], "height": [100, 50], "width": [200, 50]}
    task.min_score = 0.3
    assert task.answers(found, names) == [
        {
            "file": "a.png",
            "label": CLASSES[2],
            "score": pytest.approx(0.9),
            "x0": pytest.approx(20),
            "y0": pytest.approx(20),
            "x1": pytest.approx(100),
            "y1": pytest.approx(60),
        }
    ]
    assert names.keys() == {"file", "height", "width"}


def test_the_baseline_is_a_box_that_is_often_there(prepared):
    task, made, _ = prepared
    result = task.baseline(made)
    assert result["name"].startswith("the mean box of ")
    assert 0 <= result["map_50"]["value"] < 0.2


def test_a_perfect_answer_has_no_mistakes_and_a_bad_one_is_drawn(prepared):
    task, made, data = prepared
    task.min_score = 0.3
    assert task.mistakes(outputs_of(made), made, data) == []
    predictions = right(made.test.tensors[-1].numpy())
    row = int(np.argmax((predictions[..., 4] > 0).sum(axis=1)))
    predictions[row, 0, 4] = 0  # missed
    predictions[row, -1] = [0.0, 0.0, 0.2, 0.2, 0.8, 1]  # invented
    [mistake] = task.mistakes(outputs_of(made, predictions), made, data)
    assert mistake["id"] == made.ids["test"][row]
    assert mistake["predicted"] == "1 missed, 1 invented"
    assert "blue: 1 missed, red: 1 invented" in mistake["text"]
    picture = Image.open(io.BytesIO(base64.b64decode(mistake["image"].partition(",")[2])))
    colours = {colour for _, colour in picture.getcolors(1 << 20)}
    assert {box_pictures.COLOURS["missed"], box_pictures.COLOURS["invented"]} <= colours
    assert max(picture.size) == 160  # a small picture is enlarged


def test_a_score_is_chosen_on_validation_unless_it_was_asked_for(prepared):
    task, made, _ = prepared
    with pytest.raises(OptionError, match="--min-score: expected a share above 0"):
        Task(DataConfig(), Config(min_score=1.5), 0).prepare(layout())
    asked = Task(DataConfig(), Config(min_score=0.7, augment="none"), 0)
    asked.prepare(layout())
    assert asked.min_score == 0.7
    assert not asked.calibrate(None, made)  # type: ignore[arg-type]
    assert asked.state()["min_score"] == 0.7
    again = Task(DataConfig(), None, 0)
    again.load_state(asked.state())
    assert again.min_score == 0.7
    assert again.classes == task.classes


def test_few_rows_are_spread_over_the_pictures_and_their_splits():
    task = Task(DataConfig(max_rows=60), Config(augment="none"), 0)
    made = task.prepare(load())
    assert {part: len(rows) for part, rows in made.ids.items()} == {"train": 40, "val": 8, "test": 12}
    assert task.fingerprints(load()).shape == (60,)


def test_classes_that_cannot_be_learnt_are_said():
    data = layout(24)
    content = data.content
    content.splits = data.splits = {"train": np.arange(16), "val": np.arange(16, 20), "test": np.arange(20, 24)}
    content.classes = [*content.classes, "worm"]
    content.box_labels[21] = np.full_like(content.box_labels[21], 3)
    task = Task(DataConfig(), Config(augment="none"), 0)
    made = task.prepare(data)
    assert "worm" not in task.classes
    assert any("'worm'" in remark for remark in made.remarks)


def test_pictures_without_boxes_are_no_detection():
    from deepglass.data.containers import Images

    with pytest.raises(DataError, match="holds no boxes: expected pictures with Pascal VOC"):
        Task(DataConfig(), None, 0).prepare(Images("bare", None, [], 3, pixels=np.zeros((4, 8, 8, 3), np.uint8)))


def test_an_epoch_is_better_with_a_higher_precision_and_among_equals_with_a_lower_loss(prepared):
    task, made, _ = prepared
    best = task.validate(outputs_of(made))
    none = task.validate(outputs_of(made, np.zeros_like(outputs_of(made).predictions)))
    assert best["map_50"] == best["map"] == 1
    assert best["score"] > none["score"]
    worse = outputs_of(made)
    worse.losses += 1
    assert task.validate(worse)["score"] < best["score"]
