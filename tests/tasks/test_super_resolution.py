"""Super-resolution: begins as bicubic, tiles without seams, colours; `contract/` asks what all are asked."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from deepglass.core.errors import DataError, OptionError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Images
from deepglass.data.preprocess.bicubic import larger, smaller
from deepglass.data.preprocess.luma import apart
from deepglass.evaluate.metrics.super_resolution import measured
from deepglass.models.espcn import ESPCN
from deepglass.models.espcn import Config as Size
from deepglass.tasks.super_resolution import Config, Task
from tests.tasks.small.super_resolution import scene


def pictures(count=20, channels=3, side=32):
    rng = np.random.default_rng(0)
    pixels = np.stack([scene(rng)[:side, :side, :channels] for _ in range(count)])
    return Images("scenes", None, [], channels, pixels=pixels)


def prepared_for(data=None, **options):
    task = Task(DataConfig(), Config(**options), 0)
    return task, task.prepare(pictures() if data is None else data)


class Nothing(nn.Module):
    """Adds nothing."""

    def __init__(self, scale=2):
        super().__init__()
        self.weight, self.scale = nn.Parameter(torch.zeros(1)), scale

    def forward(self, images):
        return self.weight * images.repeat_interleave(self.scale, 2).repeat_interleave(self.scale, 3)


def some_net(scale=2):
    torch.manual_seed(0)
    net = ESPCN(scale=scale, config=Size(width=4))
    nn.init.normal_(net.conv3.weight, std=0.1)
    return net.eval()


def test_a_fresh_network_is_bicubic_to_the_byte():
    task, made = prepared_for()
    outputs = task.outputs(ESPCN(config=Size(width=4)), made.test)
    assert np.array_equal(outputs.predictions, outputs.extra["bicubic"])
    assert task.evaluate(outputs)["psnr_gain"]["value"] == 0
    assert task.evaluate(outputs)["psnr"] == task.baseline(made)["psnr"]


def test_bicubic_is_judged_as_papers_do():
    task, made = prepared_for()
    coarse, fine = made.test.pair(0)
    pillow = Image.fromarray(coarse).resize(fine.shape[1::-1], Image.Resampling.BICUBIC)
    y = [(255 * apart(torch.from_numpy(np.array(part)).float())[..., 0]).round().numpy() for part in (pillow, fine)]
    ours = task.outputs(Nothing(), made.test).extra["bicubic"][0]
    assert ours[0] == pytest.approx(measured(y[0], y[1], 2)[0], rel=0.03)  # Pillow rounds the colours first


@pytest.mark.parametrize("scale", [2, 3])
@pytest.mark.parametrize("size", [(20, 20), (70, 150), (5, 33)])
def test_any_size_is_enlarged_in_tiles_as_if_seen_whole(scale, size):
    """Inside: at its edge a network sees nothing where a tile is mirrored."""
    task, _ = prepared_for(pictures(side=30), scale=scale)
    task.inputs.preprocessor = task.inputs.preprocessor.__class__(
        **{**vars(task.inputs.preprocessor), "height": 48, "width": 48}
    )
    net, picture = some_net(scale), np.random.default_rng(1).integers(0, 256, (*size, 3)).astype(np.uint8)
    made = task.enlarged(net, picture)
    assert made.shape == (size[0] * scale, size[1] * scale, 3)
    coarse = apart(torch.from_numpy(picture).float())[..., :1].permute(2, 0, 1)[None]
    with torch.no_grad():
        whole = (larger(coarse, scale) + net(coarse))[0, 0].numpy()
    tiled = task._brightness(net, picture)
    edge = 4 * scale
    inside = slice(edge, -edge), slice(edge, -edge)
    assert np.allclose(tiled[inside], whole[inside], atol=1e-5)


def test_colours_are_bicubic_and_brightness_is_the_networks():
    task, _ = prepared_for()
    picture = np.random.default_rng(1).integers(60, 200, (24, 24, 3)).astype(np.uint8)
    plain, other = (apart(torch.from_numpy(task.enlarged(net, picture)).float()) for net in (Nothing(), some_net()))
    assert (plain[..., 0] - other[..., 0]).abs().max() > 0.02
    inside = ((plain > 0.2) & (plain < 0.8) & (other > 0.2) & (other < 0.8)).all(dim=-1)  # where nothing was cut off
    assert (plain[..., 1:] - other[..., 1:])[inside].abs().mean() < 0.01


def test_grey_pictures_stay_grey():
    task, made = prepared_for(pictures(channels=1))
    assert task.enlarged(Nothing(), np.full((9, 11, 1), 90, np.uint8)).shape == (18, 22, 1)
    assert (task.enlarged(Nothing(), np.full((9, 11, 1), 90, np.uint8)) == 90).all()
    assert task.outputs(Nothing(), made.test).extra["windows"].shape[1:] == (3, 96, 96, 1)


def test_training_sees_windows_and_validation_whole_pictures():
    task, made = prepared_for(crop_size=16)
    coarse, fine = made.train.batch(torch.arange(3))
    assert (coarse.shape, fine.shape) == ((3, 1, 8, 8), (3, 1, 16, 16))
    assert len(task.training_examples(made.train)) == 4 * len(made.train)
    assert made.val.batch(torch.arange(1))[1].shape == (1, 1, 32, 32)
    picture = made.val.pair(0)
    assert np.array_equal(picture[0], smaller(picture[1], 2))


def test_sizes_that_the_scale_does_not_divide_are_cut():
    _, made = prepared_for(pictures(side=31))
    assert made.test.pair(0)[1].shape == (30, 30, 3)


def test_what_cannot_be_learnt_from_is_refused():
    with pytest.raises(DataError, match="less than 16 pixels"):
        prepared_for(pictures(side=12), scale=4)
    with pytest.raises(DataError, match="channels"):
        prepared_for(Images("five", None, [], 5, pixels=np.zeros((20, 32, 32, 5), np.uint8)))
    with pytest.raises(OptionError, match="--crop-size"):
        prepared_for(crop_size=4)


def test_a_network_learns_more_than_bicubic_knows():
    task, made = prepared_for(pictures(40), augment="none")
    torch.manual_seed(0)
    net, many = ESPCN(config=Size(width=16)), task.training_examples(made.train)
    optimizer = torch.optim.Adam(net.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=250, pct_start=0.1)
    for _ in range(250):
        loss = task.loss(net, many.batch(torch.randint(len(many), (8,))))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    found = task.evaluate(task.outputs(net, made.test))
    assert found["psnr_gain"]["low"] > 0
    assert found["ssim_gain"]["low"] > 0


def test_the_report_shows_triples_where_bicubic_is_farthest_off():
    task, made = prepared_for()
    data = pictures()
    task._source = data, data
    outputs = task.outputs(some_net(), made.test)
    records = task.mistakes(outputs, made, data)
    assert all(record["image"].startswith("data:image/png") for record in records)
    gains = [float(record["predicted"].split()[0]) - float(record["target"].split()[1]) for record in records]
    assert gains == sorted(gains)
