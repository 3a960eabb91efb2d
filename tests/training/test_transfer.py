"""Transfer learning: what is frozen stays to the bit, what learns learns at its rate, features are computed once."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from deepglass.core.errors import OptionError
from deepglass.core.run_folder import RunFolder
from deepglass.training.config import TrainConfig
from deepglass.training.fast.feature_cache import KeptFeatures, can_keep, features_kept
from deepglass.training.loop import fit
from deepglass.training.optimizers import build_optimizer
from deepglass.training.progress import Watcher
from deepglass.training.transfer import Transfer, blocks_of, plan_transfer, rates_of
from deepglass.zoo import architectures
from deepglass.zoo.pretrained import head_of
from tests.training.helpers import DigitsLearner, digits

CONFIG = TrainConfig(
    epochs=3, batch_size=50, learning_rate=1e-2, optimizer="adamw", schedule="cosine", weight_decay=0.1,
    precision="float32", device="cpu",
)  # fmt: skip


def network(seed=0):
    torch.manual_seed(seed)
    body = [nn.Linear(64, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 16), nn.BatchNorm1d(16), nn.ReLU()]
    return nn.Sequential(*body, nn.Dropout(0.2), nn.Linear(16, 10))


def trained(model, config, **more):
    torch.manual_seed(1)
    train, val = digits()
    return fit(model, DigitsLearner(), train, val, config, transfer=plan_transfer(model, "7", config), **more)


def same(a, b):
    return all(torch.equal(a[name], b[name]) for name in a)


# -- blocks ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "count", "first", "last"),
    [
        ("resnet18", 10, ["conv1", "bn1", "maxpool"], ["fc"]),
        ("mobilenet-v1", 15, ["stem"], ["fc"]),
        ("vgg11", 11, ["features.0", "features.1", "features.2"], ["classifier.6"]),
        ("bert", 5, ["bert.embeddings"], ["classifier"]),
        ("gpt", 5, ["wte", "wpe", "drop"], ["h.3", "ln_f"]),
    ],
)
def test_blocks_are_what_the_file_of_a_model_lists(name, count, first, last):
    entry = architectures.entry(name)
    sizes = {"num_classes": 3, "vocab_size": 20, "max_length": 8, "context": 8, "in_channels": 3}
    with torch.device("meta"):
        model = architectures.load(name, **sizes)
    blocks = blocks_of(model, head_of(model, entry))
    assert (len(blocks), blocks[0].modules, blocks[-1].modules) == (count, first, last)
    assert sorted(p for block in blocks for p in block.parameters) == sorted(n for n, _ in model.named_parameters())


# -- freezing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ema", [0.0, 0.9])
def test_frozen_weights_and_statistics_stay_to_the_bit(ema):
    model = network()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    trained(model, replace(CONFIG, freeze=1, ema=ema))
    after = model.state_dict()
    frozen = {name: tensor for name, tensor in before.items() if name[0] in "01"}
    assert len(frozen) == 7  # weight and bias; weight, bias, mean, variance and counter
    assert all(after[name].numpy().tobytes() == tensor.numpy().tobytes() for name, tensor in frozen.items())
    assert not any(torch.equal(after[name], before[name]) for name in ("3.weight", "4.running_mean", "7.weight"))


def test_all_freezes_everything_but_the_head():
    model = network()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    trained(model, replace(CONFIG, freeze="all"))
    changed = {name for name, tensor in model.state_dict().items() if not torch.equal(tensor, before[name])}
    assert changed == {"7.weight", "7.bias"}


@pytest.mark.parametrize(("head", "freeze"), [(None, "all"), ("7", 3), ("7", -1)])
def test_freezing_all_there_is_is_refused(head, freeze):
    with pytest.raises(OptionError, match="every one of 3 blocks: pass --freeze 0 to 2"):
        plan_transfer(network(), head, replace(CONFIG, freeze=freeze))


def test_without_a_wish_there_is_no_plan():
    assert plan_transfer(network(), "7", CONFIG) is None
    assert plan_transfer(network(), "7", replace(CONFIG, freeze="none")) is None


def test_unfreezing_goes_from_the_top_down():
    model = network()
    plan = Transfer(model, "7", replace(CONFIG, unfreeze_every=2))
    assert [plan.frozen_at(epoch) for epoch in range(7)] == [2, 2, 1, 1, 0, 0, 0]
    kept = Transfer(model, "7", replace(CONFIG, unfreeze_every=1, freeze=1))
    assert [kept.frozen_at(epoch) for epoch in range(4)] == [2, 1, 1, 1]
    learning = []

    class Look(Watcher):
        def step(self, *_):
            learning.append({n.split(".")[0] for n, p in model.named_parameters() if p.requires_grad})

    trained(model, replace(CONFIG, unfreeze_every=1, batch_size=600), watcher=Look())
    assert learning == [{"7"}, {"3", "4", "7"}, {"0", "1", "3", "4", "7"}]


# -- rates ----------------------------------------------------------------------------------------------------------


def test_rates_fall_by_the_factor_from_block_to_block():
    model = network()
    plan = Transfer(model, "7", replace(CONFIG, layer_decay=0.5))
    optimizer = build_optimizer(model, CONFIG, plan.rates())
    rates = {id(p): group["lr"] for group in optimizer.param_groups for p in group["params"]}
    found = {name: rates[id(p)] for name, p in model.named_parameters()}
    assert found["7.weight"] == found["7.bias"] == 1e-2
    assert found["3.weight"] == found["4.bias"] == 5e-3
    assert found["0.weight"] == found["1.weight"] == 2.5e-3
    assert optimizer.param_groups[0]["lr"] == 1e-2  # the history shows the rate of the head
    assert {group["weight_decay"] for group in optimizer.param_groups} == {0.1, 0.0}


def test_a_killed_fine_tuning_resumes_to_the_bit(tmp_path):
    config = replace(CONFIG, unfreeze_every=1, layer_decay=0.7, checkpoint_every=0.0)
    whole, half = network(), network()
    trained(whole, config)

    class Kill(Watcher):
        def step(self, step, *_):
            if step == 17:
                raise RuntimeError("the power went")

    folder = RunFolder(tmp_path)
    with pytest.raises(RuntimeError, match="power"):
        trained(half, config, folder=folder, watcher=Kill())
    resumed = network(seed=5)
    trained(resumed, config, folder=folder, resume=True)
    assert same(whole.state_dict(), resumed.state_dict())


# -- kept features --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ema", [0.0, 0.9])
def test_features_that_are_kept_give_the_same_head(ema):
    config = replace(CONFIG, freeze="all", ema=ema)
    train, val = digits()
    plain, kept = network(), network()
    by_plain = trained(plain, config)
    torch.manual_seed(1)
    with features_kept(kept, "7", train, val, "float32") as (features, val_features):
        plan = plan_transfer(kept, "7", config)
        by_kept = fit(kept, DigitsLearner(), features, val_features, config, transfer=plan)
    assert same(plain.state_dict(), kept.state_dict())
    names = ("loss", "val_loss", "val_accuracy")
    assert [[r[n] for n in names] for r in by_plain.history] == [[r[n] for n in names] for r in by_kept.history]
    assert kept(train.tensors[0][:2]).shape == (2, 10)  # the forward is its own again


def test_frozen_layers_run_once_an_example():
    train, val = digits()
    model, seen = network().eval(), []
    model[0].register_forward_hook(lambda _, inputs, __: seen.append(len(inputs[0])))
    with features_kept(model, "7", train, val, "float32") as (features, val_features):
        fit(
            model,
            DigitsLearner(),
            features,
            val_features,
            CONFIG,
            transfer=Transfer(model, "7", replace(CONFIG, freeze="all")),
        )
    assert sum(seen) == len(train) + len(val)


def test_examples_that_are_drawn_twice_are_computed_once():
    train, _ = digits()
    calls = []

    def features_of(inputs):
        calls.append(len(inputs))
        return inputs[:, :3]

    kept = KeptFeatures(train, features_of)
    features, targets = kept.batch(torch.tensor([4, 4, 2]))
    assert torch.equal(features, train.tensors[0][[4, 4, 2], :3])
    assert torch.equal(targets, train.tensors[1][[4, 4, 2]])
    kept.batch(torch.tensor([2, 4, 9]))
    assert calls == [2, 1]


def test_a_network_that_is_not_its_head_on_features_is_not_cut():
    class Sum(nn.Module):
        def __init__(self):
            super().__init__()
            self.body, self.head = nn.Linear(64, 10), nn.Linear(10, 10)

        def forward(self, x):
            return self.head(self.body(x)) + x[:, :10]

    train, _ = digits()
    assert can_keep(network(), "7", train)
    assert not can_keep(Sum(), "head", train)


class Careful(DigitsLearner):
    """Its first layer begins with what is known."""

    def rates(self, model):
        return {"0.weight": 0.1, "0.bias": 0.0}


def test_what_a_learner_says_of_rates_is_followed_and_multiplies_with_the_plan():
    before, after = network(), network()
    fit(after, Careful(), *digits(), replace(CONFIG, epochs=1, weight_decay=0.0))
    assert torch.equal(after[0].bias, before[0].bias)
    moved = [float((new - old).abs().mean()) for new, old in zip(after.parameters(), before.parameters(), strict=True)]
    assert 0 < moved[0] < 0.3 * moved[4]  # of the first and the second matrix
    plan = plan_transfer(before, "7", replace(CONFIG, layer_decay=0.5))
    planned, both = plan.rates(), rates_of(plan, Careful().rates(before))
    assert both == {**planned, "0.weight": planned["0.weight"] * 0.1, "0.bias": 0.0}
    assert rates_of(None, {"0.weight": 0.1}) == {"0.weight": 0.1}
