"""Pictures that are kept whole: one size, nothing cut off, the same in training, in the runtime and in the graph."""

import numpy as np
import pytest
import torch
from PIL import Image

from deepglass.data.containers import Images
from deepglass.data.preprocess.whole_image import WholePictures, stretched, whole_size
from deepglass.deploy.graphs.inputs.whole_image import stretch
from deepglass.deploy.runtime.picture_files import Budget
from deepglass.deploy.runtime.whole_pictures import WholePictures as OfRuntime
from tests.data.made_pictures import photograph


def images(*sizes):
    """Pictures in memory (of one size), or files."""
    return Images("made", None, [], 3, pixels=np.zeros((len(sizes), *sizes[0], 3), np.uint8))


def files(folder, *sizes):
    paths = []
    for i, (height, width) in enumerate(sizes):
        Image.new("RGB", (width, height)).save(folder / f"{i}.png")
        paths.append(folder / f"{i}.png")
    return Images("made", None, [], 3, paths=paths)


def test_small_pictures_of_one_size_stay_and_large_ones_keep_their_shape(tmp_path):
    assert whole_size(images((50, 100)), np.arange(1)) == (50, 100)
    assert whole_size(images((480, 640)), np.arange(1)) == (240, 320)
    assert whole_size(images((640, 480)), np.arange(1)) == (320, 240)
    assert whole_size(files(tmp_path, (100, 50), (300, 150), (90, 60)), np.arange(3)) == (96, 48)  # multiples of 16
    assert whole_size(images((480, 640)), np.arange(1), 100) == (75, 100)  # as it was asked


def test_the_longer_side_is_that_of_most(tmp_path):
    sizes = [(480, 640)] * 3 + [(640, 480)]
    assert whole_size(files(tmp_path, *sizes), np.arange(4)) == (240, 320)


@pytest.mark.parametrize("size", [(33, 57), (200, 90), (24, 32), (8, 8)])
@pytest.mark.parametrize("channels", [1, 3])
def test_training_runtime_and_graph_scale_alike(size, channels):
    photo = photograph(np.random.default_rng(0), 200, colour=channels == 3).resize(size[::-1])
    pixels = np.asarray(photo).reshape(*size, channels)
    trained = stretched(pixels, 24, 32)
    assert trained.shape == (24, 32, channels)
    described = {"name": "image", "tensor": "images", "height": 24, "width": 32, "channels": channels}
    np.testing.assert_array_equal(OfRuntime(described, Budget(1_000_000)).covering(pixels), trained)
    graph = stretch(torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float(), 24, 32)[0].permute(1, 2, 0).numpy()
    assert np.abs(graph - trained).max() <= 1  # Pillow chooses by itself which side comes first, and rounds in between


def test_the_corners_stay_in_the_corners():
    pixels = np.zeros((40, 90, 3), np.uint8)
    pixels[:10, :15] = 255
    small = stretched(pixels, 20, 30)
    assert small[:4, :4].min() > 200
    assert small[6:, :].max() == small[:, 6:].max() == 0


def test_brightness_is_that_of_the_training_pictures():
    made = images((20, 30), (20, 30))
    made.pixels[0] = 100
    fitted = WholePictures.fit(made, np.arange(1))
    assert fitted.mean == [100, 100, 100]
    again = WholePictures.from_state(fitted.state())
    assert isinstance(again, WholePictures)
    assert (again.height, again.width) == (20, 30)
