"""ViT: the published names and sizes, transformers' hidden states and logits, patches of any picture."""

import pytest
import torch
import torch.nn.functional as F

from deepglass.models import vit
from deepglass.training.weights import load_weights, save_weights
from deepglass.zoo import architectures
from tests.models.judge import count, published, theirs

COUNTS = {"vit-tiny": 5_717_416, "vit-small": 22_050_664, "vit-base": 86_567_656}  # for 1000 classes, as published
CONFIG = vit.Config(patch_size=4, embed_dim=32, num_heads=4, num_layers=2, dropout=0.0)
THEIR_CONFIG = {
    "hidden_size": 32,
    "num_attention_heads": 4,
    "num_hidden_layers": 2,
    "intermediate_size": 128,
    "image_size": (12, 16),
    "patch_size": 4,
    "num_labels": 5,
}
IMAGES = torch.randn(2, 3, 12, 16, generator=torch.Generator().manual_seed(1))


def small(**values) -> vit.ViT:
    torch.manual_seed(0)
    return vit.ViT(**{"num_classes": 5, "in_channels": 3, "image_size": (12, 16), "config": CONFIG, **values})


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """A model of transformers and ours, filled from the file that it publishes."""
    judge = theirs("ViTForImageClassification", "ViTConfig", **THEIR_CONFIG)
    model = small().eval()
    model.load_state_dict(vit.from_published(published(judge, tmp_path_factory.mktemp("vit"))))
    return judge, model


@torch.no_grad()
def test_logits_are_those_of_transformers(pair):
    judge, model = pair
    torch.testing.assert_close(model(IMAGES), judge(IMAGES).logits, rtol=0, atol=1e-4)


@torch.no_grad()
def test_every_hidden_state_is_that_of_transformers(pair):
    judge, model = pair
    came = []
    for layer in (model.vit.embeddings, *model.vit.layers):
        layer.register_forward_hook(lambda _, inputs, output: came.append(output))
    model(IMAGES)
    expected = judge(IMAGES, output_hidden_states=True).hidden_states
    for ours, its in zip(came, expected, strict=True):
        torch.testing.assert_close(ours, its, rtol=0, atol=1e-4)


def test_names_are_transformers_own_and_those_of_published_files(pair, tmp_path):
    judge, model = pair
    own, file = model.state_dict(), published(judge, tmp_path)
    assert own.keys() == judge.state_dict().keys()
    assert "vit.encoder.layer.1.attention.attention.query.weight" in file  # the form in which they are published
    bare = {name.removeprefix("vit."): tensor for name, tensor in file.items() if name.startswith("vit.")}
    bare |= {"pooler.dense.weight": torch.zeros(32, 32), "pooler.dense.bias": torch.zeros(32)}
    assert vit.from_published(bare).keys() == own.keys() - {"classifier.weight", "classifier.bias"}
    for form in (file, own):
        came = vit.from_published(form)
        assert came.keys() == own.keys()
        assert all(torch.equal(came[name], own[name]) for name in own)


@pytest.mark.parametrize("name", COUNTS)
def test_every_size_counts_as_many_parameters_as_published(name):
    with torch.device("meta"):
        assert count(architectures.load(name, num_classes=1000, in_channels=3, image_size=(224, 224))) == COUNTS[name]


def test_every_size_is_pinned():
    assert vit.VARIANTS.keys() - {"vit"} == COUNTS.keys()


@pytest.mark.parametrize(
    ("side", "expected"), [(1, 1), (8, 1), (16, 2), (28, 4), (32, 4), (64, 8), (113, 15), (128, 16), (384, 16)]
)
def test_small_pictures_get_small_patches(side, expected):
    assert vit.patch_size_for((side, side // 2 + 1)) == expected


@pytest.mark.parametrize(
    ("channels", "size", "num_patches"), [(1, (8, 8), 64), (3, (32, 40), 56), (3, (96, 96), 64), (1, (1, 1), 1)]
)
def test_any_size_and_channels(channels, size, num_patches):
    model = small(in_channels=channels, image_size=size, config=vit.Config(embed_dim=32, num_layers=1)).eval()
    assert model(torch.zeros(2, channels, *size)).shape == (2, 5)
    assert model.vit.embeddings.position_embeddings.shape[1] == 1 + num_patches


def test_a_border_that_no_patch_divides_is_seen():
    model = small(image_size=(10, 13)).eval()
    images = torch.zeros(1, 3, 10, 13)
    corner = images.clone()
    corner[:, :, 9, 12] = 1.0
    assert not torch.allclose(model(images), model(corner))


def test_a_picture_of_another_size_is_refused():
    with pytest.raises(ValueError, match=r"expected pictures of \(12, 16\) pixels, got \(16, 12\)"):
        small()(torch.zeros(1, 3, 16, 12))


def test_heads_must_divide_the_width():
    with pytest.raises(ValueError, match="not divisible by num_heads 5"):
        small(config=vit.Config(embed_dim=32, num_heads=5))


def test_learns_one_batch_by_heart_with_every_weight():
    model = small(num_classes=8, in_channels=1, image_size=(8, 8))
    images, targets = torch.randn(8, 1, 8, 8), torch.arange(8)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    moved = {name for name, _ in model.named_parameters() if not name.endswith("k_proj.bias")}  # softmax feels no shift
    for _ in range(80):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images), targets)
        loss.backward()
        assert all(parameter.grad.abs().sum() > 0 for name, parameter in model.named_parameters() if name in moved)
        optimizer.step()
    assert loss < 0.05


def test_weights_survive_the_file(tmp_path):
    model = small().eval()
    save_weights(tmp_path / "w.safetensors", model.state_dict())
    other = small(num_classes=5).eval()
    torch.nn.init.normal_(other.classifier.weight)
    load_weights(tmp_path / "w.safetensors", other)
    torch.testing.assert_close(other(IMAGES), model(IMAGES))
