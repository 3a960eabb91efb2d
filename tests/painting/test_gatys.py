"""Painting: both losses fall, from either beginning, and what each weight is for."""

import numpy as np
import pytest
import torch

import deepglass as dg
from deepglass.core.errors import DataError, OptionError, WeightsError
from deepglass.models.mobilenet import Config as Size
from deepglass.models.mobilenet import MobileNet
from deepglass.painting.features import ClassifierFeatures, RandomFilters, open_features
from deepglass.painting.gatys import Config, paint
from deepglass.painting.pictures import DRAWN, PHOTOGRAPHS, as_bytes, as_tensor, drawn, opened
from tests.shared_data import shared

SIDE = 64


@pytest.fixture(scope="module")
def network():
    return RandomFilters(0, 8).eval()


@pytest.fixture(scope="module")
def pictures():
    return tuple(as_bytes(as_tensor(opened(name), SIDE)) for name in ("flower", "waves"))


@pytest.mark.parametrize("start", ["content", "noise"])
def test_both_losses_fall(network, pictures, start):
    made = paint(*pictures, network, Config(size=SIDE, steps=120, style_weight=1.0, start=start))
    assert made.picture.shape == pictures[0].shape
    assert made.picture.dtype == np.uint8
    assert made.falls["content"] > 2
    assert made.falls["style"] > 5


def test_only_what_has_a_weight_is_painted(network, pictures):
    style = paint(*pictures, network, Config(size=SIDE, steps=60, content_weight=0, start="noise"))
    content = paint(*pictures, network, Config(size=SIDE, steps=60, style_weight=0, start="noise"))
    assert style.after["style"] < content.after["style"] / 5
    assert content.after["content"] < style.after["content"] / 5


def test_the_same_seed_paints_the_same_picture_and_every_look_is_told(network, pictures):
    told = []
    config = Config(size=SIDE, steps=20, start="noise", seed=3)
    first = paint(*pictures, network, config, lambda *said: told.append(said))
    assert np.array_equal(first.picture, paint(*pictures, network, config).picture)
    assert [said[0] for said in told] == [*range(1, len(told) + 1)]
    assert 20 <= len(told) <= 20 + 3 * 25  # a line search that has begun is finished
    assert first.history[-1][0] == told[-1][0]


def test_weights_of_any_convolutional_classifier_tell_style_too(pictures):
    torch.manual_seed(0)
    network = ClassifierFeatures(MobileNet(config=Size(width=0.25)), [127.5] * 3, [127.5] * 3, "a mobilenet")
    maps = network(as_tensor(pictures[0]))
    sides = [layer.shape[3] for layer in maps]
    assert sides == [SIDE // 2, SIDE // 4, SIDE // 8, SIDE // 16]
    assert paint(*pictures, network.eval(), Config(size=SIDE, steps=30)).falls["style"] > 1


def test_published_weights_are_recognised_and_both_losses_fall_tenfold():
    path = shared("mobilenet-v1-025-imagenet", "mobilenet_v1_0.25_224.safetensors")
    network = open_features(str(path))
    assert network.about.startswith("mobilenet-v1-0.25 with the weights of")
    photos = shared("style-photos")
    pictures = [opened(str(photos / name)) for name in ("content_mount_rainier.jpg", "style_starry_night.jpg")]
    made = paint(*pictures, network, Config(size=96, steps=60))
    assert min(made.falls.values()) > 3


def test_grey_deep_transparent_and_palette_pictures_are_read(tmp_path):
    from PIL import Image

    picture = Image.fromarray(drawn("tiles")[:40, :50])
    for mode in ("L", "P", "RGBA", "1", "CMYK"):
        path = tmp_path / f"{mode}.{'tiff' if mode == 'CMYK' else 'png'}"
        picture.convert(mode).save(path)
        assert opened(str(path)).shape == (40, 50, 3)
    deep = Image.fromarray((np.arange(1600).reshape(40, 40) * 40).astype(np.uint16))
    deep.save(tmp_path / "deep.png")
    assert opened(str(tmp_path / "deep.png")).max() == 255
    assert opened(np.asarray(picture)[..., 0]).shape == (40, 50, 3)


def test_everything_that_is_always_here_can_be_opened():
    for name in (*PHOTOGRAPHS, *DRAWN):
        assert opened(name).shape[2] == 3
        assert opened(name).std() > 20


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        ("nope.png", "no such file"),
        (np.zeros((40, 40, 3), np.uint8), "one colour"),
        (np.zeros((8, 90, 3), np.uint8), "90 x 8 pixels"),
        (np.zeros((40, 40, 3)), "expected bytes"),
    ],
)
def test_what_cannot_be_painted_is_said(odd, said):
    with pytest.raises(DataError, match=said):
        dg.style(odd, "waves", steps=1)
    with pytest.raises(DataError, match=said):
        dg.style("flower", odd, steps=1)


@pytest.mark.parametrize(
    "options",
    [{"size": 8}, {"size": 5000}, {"steps": 0}, {"style_weight": -1}, {"smoothness": float("nan")},
     {"style_weight": 0, "content_weight": 0}, {"start": "middle"}, {"stepps": 3}],
)  # fmt: skip
def test_odd_numbers_are_refused(options):
    with pytest.raises(OptionError):
        dg.style("flower", "waves", **options)


def test_features_that_are_none_are_refused(tmp_path):
    from safetensors.torch import save_file

    with pytest.raises(WeightsError, match="no such file"):
        open_features(str(tmp_path / "absent.safetensors"))
    save_file({"a": torch.zeros(3), "b": torch.zeros(3)}, tmp_path / "odd.safetensors")
    with pytest.raises(WeightsError, match="no classifier of the zoo"):
        open_features(str(tmp_path / "odd.safetensors"))
