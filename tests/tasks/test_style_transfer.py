"""Style transfer: begins with the picture itself, learns to paint, keeps its style; `contract/` asks the rest."""

import numpy as np
import pytest
import torch

import deepglass as dg
from deepglass.core.console import console
from deepglass.core.errors import DataError, OptionError, WeightsError
from deepglass.data.datasets import photo_tiles
from deepglass.models.stylizer import Config as Size
from deepglass.models.stylizer import Stylizer
from deepglass.painting.pictures import as_bytes, as_tensor, drawn, opened
from tests.tasks.small import style_transfer as small


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    console.mode = "quiet"
    return small.data(tmp_path_factory.mktemp("photos"), 40)


def test_a_fresh_network_changes_nothing():
    picture = as_tensor(drawn("tiles")[:40, :50])
    assert torch.equal(Stylizer(config=Size(width=4, num_blocks=1)).eval()(picture), picture)


def test_a_network_learns_to_paint_pictures_it_has_not_seen(folder, tmp_path):
    run = dg.train(folder, task="style-transfer", run=tmp_path / "run", **{**small.OPTIONS, "epochs": 12})
    found = run.metrics["test"]
    assert found["style_fall"]["value"] > 1.25
    assert found["content_fall"]["value"] > 1.5
    assert run.metrics["baseline"]["style_fall"]["value"] == 1


def test_a_pale_picture_is_painted_as_boldly_as_a_rich_one():
    """Instance normalisation takes the contrast away: what the network adds depends on it hardly."""
    torch.manual_seed(0)
    net = Stylizer(config=Size(width=4, num_blocks=1)).eval()
    torch.nn.init.normal_(net.tail.weight, std=0.1)
    rich = as_tensor(drawn("tiles")[:64, :64])
    pale = 0.5 + 0.2 * (rich - 0.5)
    with torch.no_grad():
        added = [net(picture) - picture for picture in (rich, pale)]
    assert float((added[0] - added[1]).abs().mean()) < 0.05 * float(added[0].abs().mean())


def test_the_style_stays_with_the_run(folder, tmp_path):
    style = tmp_path / "mine.png"
    from PIL import Image

    Image.fromarray(drawn("waves")[:60, :60]).save(style)
    run = dg.train(
        folder, task="style-transfer", run=tmp_path / "run", **{**small.OPTIONS, "epochs": 1, "style": str(style)}
    )
    style.unlink()
    again = dg.load(tmp_path / "run")
    assert np.array_equal(again.task.manner, run.task.manner)
    assert again.evaluate(folder)["style_loss"]["value"] > 0


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"style": "absent.png"}, DataError, "absent.png"),
        ({"features": "absent"}, WeightsError, "--features absent"),
        ({"style_weight": -1.0}, OptionError, "--style-weight"),
        ({"image_size": 8}, OptionError, "--image-size"),
        ({"crop_size": 2}, OptionError, "--crop-size"),
    ],
)
def test_what_cannot_be_learnt_is_said_before_anything_is(folder, tmp_path, options, error, said):
    with pytest.raises(error, match=said):
        dg.train(folder, task="style-transfer", run=tmp_path / "run", **{**small.OPTIONS, **options})
    assert not (tmp_path / "run").exists()


def test_tiles_are_pieces_of_the_photographs():
    images = photo_tiles.load()
    assert images.pixels.shape == (30, 128, 128, 3)
    assert np.array_equal(images.pixels[1], opened("flower")[:128, 128:256])
    assert np.array_equal(as_bytes(as_tensor(images.pixels[15])), opened("temple")[:128, :128])
