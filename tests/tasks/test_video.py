"""Clips that move: filters over time see the direction, captions name it, and nothing is torn apart on the way."""

import json

import numpy as np
import pytest
import torch

import deepglass as dg
from deepglass.core.console import console
from deepglass.data.clips import in_frames, stacked, strip
from deepglass.data.datasets import moving_shapes
from deepglass.data.fields.video import Field, Options
from deepglass.models import video_cnn

PROVES = {  # read by `deepglass read`
    "test_reversed_clips_look_alike_without_filters_over_time": ("models/video_cnn.py",),
    "test_no_combination_of_the_test_is_in_training": ("data/datasets/moving_shapes.py",),
    "test_directions_are_learnt_over_time_and_not_from_frames": ("tasks/video_classification.py",),
}


@pytest.fixture(scope="module")
def shapes():
    return moving_shapes.load()


def test_frames_among_channels_come_back():
    frames = np.random.default_rng(0).integers(0, 256, (5, 4, 6, 3)).astype(np.uint8)
    assert np.array_equal(in_frames(stacked(frames), 5), frames)
    assert strip(frames).shape == (4, 5 * 6 + 4, 3)


def test_no_combination_of_the_test_is_in_training(shapes):
    frame, splits = shapes.frame, shapes.splits
    captions = {name: {*frame["caption"].iloc[rows]} for name, rows in splits.items()}
    assert not captions["test"] & (captions["train"] | captions["val"])
    assert not captions["val"] & captions["train"]
    for column in ("shape", "colour", "direction"):
        assert {*frame[column].iloc[splits["test"]]} == {*frame[column]}


def test_where_a_shape_is_tells_no_direction(shapes):
    """Of any frame: the mean place of what is coloured, by direction, is the middle."""
    frame, clips = shapes.frame, shapes.content
    for time in (0, 2, 4):
        for way in moving_shapes.DIRECTIONS:
            rows = np.flatnonzero(frame["direction"] == way)
            spread = np.stack([np.ptp(clips.frames(row)[time].astype(int), axis=-1) > 60 for row in rows])
            places = np.argwhere(spread.any(axis=0))
            assert places.min() <= 2
            assert places.max() >= moving_shapes.SIDE - 3


def test_an_augmented_clip_keeps_its_movement(shapes):
    field = Field(Options(augment="crop"), dg_config(), 0)
    clips = field.as_source(shapes)
    field.augmentations = ["crop"]
    field.preprocessor = field.PREPROCESSOR.fit(clips, np.arange(40))
    torch.manual_seed(0)
    still = torch.from_numpy(np.tile(clips.pixels[:1, ..., :3], clips.num_frames)).permute(0, 3, 1, 2)
    moved, _ = field.preprocessor.transform(["crop"])((still, torch.zeros(1)))
    assert moved.shape == (1, 5, 3, 20, 20)
    assert all(torch.equal(moved[0, 0], other) for other in moved[0])


def dg_config():
    from deepglass.data.config import DataConfig

    return DataConfig()


def test_reversed_clips_look_alike_without_filters_over_time():
    torch.manual_seed(0)
    clips = torch.randn(2, 6, 3, 12, 12)
    for kernel, is_deaf in (("2d", True), ("3d", False), ("2+1d", False)):
        net = video_cnn.VideoCNN(4, config=video_cnn.Config(kernel=kernel, width=4)).eval()
        same = torch.allclose(net(clips), net(clips.flip(1)), atol=1e-6)
        assert same == is_deaf, kernel


def test_both_halves_of_a_filter_have_about_the_weights_of_the_whole():
    def weights(kernel):
        net = video_cnn.VideoCNN(4, config=video_cnn.Config(kernel=kernel, width=16))
        return sum(p.numel() for p in net.parameters())

    assert weights("2+1d") == pytest.approx(weights("3d"), rel=0.02)


def test_directions_are_learnt_over_time_and_not_from_frames(tmp_path):
    console.mode = "quiet"
    options = {"task": "video-classification", "epochs": 3}
    options |= {"threads": 1, "device": "cpu"}
    run = dg.train("moving-shapes", run=tmp_path / "run", **options)
    assert run.metrics["test"]["accuracy"]["low"] > 0.8
    made = json.loads((run.path / "environment.json").read_text())
    assert made["precision"] == "float32"  # the gradient of filters over two frames is wrong in bfloat16
    still = dg.train("moving-shapes", run=tmp_path / "still", model="frame-cnn", **{**options, "epochs": 1})
    assert still.metrics["test"]["accuracy"]["value"] < 0.5
