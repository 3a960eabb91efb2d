"""Every question finds its fault in a tiny training, and nothing in the healthy twin."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepglass.core import catalogue
from deepglass.diagnosis import FOLDER
from deepglass.diagnosis.case import Case
from tests.diagnosis.loops import (
    Batch,
    adam,
    classes,
    cross_entropy,
    net,
    numbers,
    sgd,
    shuffled,
    square,
    usual,
    watched,
)  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """A fault and its twin: the question, the cause, and how both are made."""

    question: str
    cause: str
    sick: Callable[[], Case]
    healthy: Callable[[], Case] = lambda: watched(net(), shuffled(classes()))


# -- pieces ---------------------------------------------------------------------------------------------------------


def no_step(loss: Tensor, optimizer: Any) -> None:
    optimizer.zero_grad()
    loss.backward()


def wiped(loss: Tensor, optimizer: Any) -> None:
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()


def not_forgotten(loss: Tensor, optimizer: Any) -> None:
    loss.backward()
    optimizer.step()


class Cut(nn.Module):
    """Two layers, with or without a way back between them."""

    def __init__(self, is_cut: bool):
        super().__init__()
        torch.manual_seed(0)
        self.first, self.last, self.is_cut = nn.Linear(4, 8), nn.Linear(8, 3), is_cut

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x).relu()
        return self.last(x.detach() if self.is_cut else x)


class Causal(nn.Module):
    """Attention over a short text, whose mask is filled with `fill`."""

    def __init__(self, fill: float):
        super().__init__()
        torch.manual_seed(0)
        self.tokens, self.qkv, self.head, self.fill = nn.Embedding(6, 8), nn.Linear(8, 24), nn.Linear(8, 6), fill

    def forward(self, ids: Tensor) -> Tensor:
        x = self.tokens(ids)
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        T = ids.shape[1]
        scores = (q @ k.transpose(1, 2)).masked_fill(torch.ones(T, T).triu(1).bool(), self.fill)
        return self.head(x + scores.softmax(dim=-1) @ v)


def texts(shift: int = 1) -> Batch:
    ids = torch.randint(6, (64, 9), generator=torch.Generator().manual_seed(0))
    return ids[:, :8], ids[:, shift : 8 + shift]


def next_token(model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    return F.cross_entropy(model(x).flatten(0, 1), y.flatten())


class Reset:
    """Makes the optimiser anew before every step."""

    def __init__(self, model: nn.Module):
        self.model = model

    def __call__(self, loss: Tensor, optimizer: Any) -> None:
        usual(loss, adam(self.model))


def reset() -> Case:
    model = net()
    return watched(model, shuffled(classes()), step=Reset(model))


class Mixed(nn.Module):
    """A recurrent layer that takes the batch for time, or does not."""

    def __init__(self, batch_first: bool):
        super().__init__()
        torch.manual_seed(0)
        self.gru, self.head = nn.GRU(1, 8, batch_first=batch_first), nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.gru(x.unsqueeze(-1))[0][:, -1])


def with_norm(size: int, momentum: float = 0.1) -> Case:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 16), nn.BatchNorm1d(16, momentum=momentum), nn.ReLU(), nn.Linear(16, 3))
    data = times(1.0, 4.0) if momentum < 0.1 else classes()
    return watched(model, shuffled(data, epochs=3 if size < 8 else 8, size=size))


def judged(model: nn.Module, x: Tensor) -> None:
    with torch.no_grad():
        model(x)


def in_mode(is_training: bool) -> Callable[[nn.Module], None]:
    x = classes(1)[0]

    def after(model: nn.Module) -> None:
        model.train(is_training)
        judged(model, x)
        model.train()

    return after


def dropped() -> nn.Sequential:
    return net(3, 0, nn.Dropout(0.3))


def stays_in_evaluation(model: nn.Module) -> None:
    judged(model.eval(), classes(1)[0])


def on_new(change: Callable[[Tensor], Tensor]) -> Callable[[nn.Module], None]:
    x = change(classes(1)[0])
    return lambda model: judged(model, x)


def constant_first(model: nn.Module) -> nn.Module:
    for p in model.parameters():
        nn.init.constant_(p, 0.1)
    return model


def dead(model: nn.Sequential) -> nn.Sequential:
    nn.init.constant_(model[0].bias, -50.0)  # type: ignore[arg-type]
    return model


def deep(activation: type[nn.Module], is_drawn_for_relu: bool = False) -> nn.Sequential:
    torch.manual_seed(0)
    layers: list[nn.Module] = [nn.Linear(4, 16)]
    for _ in range(9):
        layers += [activation(), nn.Linear(16, 16)]
    for layer in layers:
        if is_drawn_for_relu and isinstance(layer, nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    return nn.Sequential(*layers, activation(), nn.Linear(16, 3))


def frozen(model: nn.Sequential, is_loaded: bool) -> None:
    if is_loaded:
        model[0].load_state_dict(net(seed=1)[0].state_dict())
    model[0].requires_grad_(False)


def clipped(largest: float, clip: Callable[..., Any] = nn.utils.clip_grad_norm_) -> Case:
    model = net()

    def step(loss: Tensor, optimizer: Any) -> None:
        optimizer.zero_grad()
        loss.backward()
        getattr(nn.utils, clip.__name__)(model.parameters(), largest)
        optimizer.step()

    return watched(model, shuffled(classes()), optimizer=sgd(0.3), step=step)


def grouped(decay: float) -> Callable[[nn.Module], torch.optim.Optimizer]:
    """Weights decay, biases do not: the defaults of the optimiser say neither."""

    def made(model: nn.Module) -> torch.optim.Optimizer:
        vectors = [p for p in model.parameters() if p.dim() < 2]
        matrices = [p for p in model.parameters() if p.dim() >= 2]
        groups = [{"params": vectors, "weight_decay": 0.0}, {"params": matrices, "weight_decay": decay}]
        return torch.optim.SGD(groups, lr=0.3)

    return made


def rare(weight: float) -> Case:
    X = torch.randn(400, 4, generator=torch.Generator().manual_seed(0))
    y = (X[:, 0] > 1.9).long()
    model = net(2)

    def loss(model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
        return F.cross_entropy(model(x), y, weight=torch.tensor([1.0, weight]))

    return watched(model, shuffled((X, y), epochs=1 if weight == 1 else 6), loss, sgd(0.1) if weight == 1 else adam)


def noisy(share: float) -> Batch:
    X, y = classes(0, 600)
    generator = torch.Generator().manual_seed(1)
    wrong = torch.rand(600, generator=generator) < share
    return X, torch.where(wrong, (y + 1) % 3, y)


def observed_on(data: Batch, epochs: int = 1) -> Case:
    return watched(net(), shuffled(data, epochs), examples=data)


def moved(rows: int) -> Case:
    X, y = classes(0, 400)
    return observed_on((X, y.roll(rows)))


def overfitted(count: int) -> Case:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 3))
    X, y = classes(0, count)
    y = (
        torch.where(torch.rand(count, generator=torch.Generator().manual_seed(2)) < 0.25, (y + 1) % 3, y)
        if count < 100
        else y
    )
    new = classes(5, 200)

    def after(model: nn.Module) -> None:
        with torch.no_grad():
            F.cross_entropy(model(new[0]), new[1])

    return watched(model, shuffled((X, y), epochs=60 if count < 100 else 5), after=after)


def pictures(is_flipped: bool) -> Case:
    """A bright column on the left or on the right; flipped half of the time, or never."""
    generator = torch.Generator().manual_seed(0)
    y = torch.randint(2, (128,), generator=generator)
    X = torch.randn(128, 1, 6, 6, generator=generator) * 0.3
    X[torch.arange(128), 0, :, y * 5] += 2.0
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(36, 16), nn.ReLU(), nn.Linear(16, 2))

    def loss(model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
        return F.cross_entropy(model(x), y)

    def batches() -> Any:
        for i, (x, target) in enumerate(shuffled((X, y))):
            turned = x.flip(-1 if is_flipped else -2)
            yield (turned if i % 2 else x), target

    return watched(model, batches(), loss, examples=(X, y))


def changed(change: Callable[[Tensor], Tensor]) -> Case:
    """A bright or a dark column in pictures, half of which are changed while they are learnt; the data as they are."""
    generator = torch.Generator().manual_seed(0)
    y = torch.randint(2, (160,), generator=generator)
    X = torch.randn(160, 1, 6, 6, generator=generator) * 0.3
    X[:, 0, :, 2] += (4.0 * y - 2)[:, None]
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(36, 16), nn.ReLU(), nn.Linear(16, 2))

    def batches() -> Any:
        for x, target in shuffled((X, y), epochs=3):
            noise = 0.01 * torch.randn(x.shape, generator=generator)
            turned = torch.rand(len(x), generator=generator) < 0.5
            yield torch.where(turned[:, None, None, None], change(x), x) + noise, target

    return watched(model, batches(), examples=(X, y))


class Reader(nn.Module):
    """Attention over a padded text, whose mask hides the padding, or the words."""

    def __init__(self, is_turned: bool):
        super().__init__()
        torch.manual_seed(0)
        self.embed, self.score, self.head = nn.Embedding(9, 8), nn.Linear(8, 1), nn.Linear(8, 2)
        self.is_turned = is_turned

    def forward(self, ids: Tensor) -> Tensor:
        x, hidden = self.embed(ids), (ids == 0) != self.is_turned
        weights = self.score(x)[..., 0].masked_fill(hidden, -1e9).softmax(dim=1)
        return self.head((weights[..., None] * x).sum(dim=1))


def padded(is_turned: bool) -> Case:
    generator = torch.Generator().manual_seed(0)
    ids, lengths = torch.randint(1, 9, (96, 10), generator=generator), torch.randint(4, 9, (96,), generator=generator)
    y = (ids[:, 0] > 4).long()
    return watched(Reader(is_turned), shuffled((ids * (torch.arange(10) < lengths[:, None]), y)))


def compared(is_other: bool) -> Case:
    """Words whose meaning is that of other ids in the evaluation, or is not."""
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(1, 13, (180, 8), generator=generator)
    y = ((ids <= 6).sum(1) > 4).long()
    order = torch.cat([torch.zeros(1, dtype=torch.long), 1 + torch.randperm(12, generator=generator)])
    order = order if is_other else torch.arange(13)
    new, truth = order[ids[120:]], y[120:]
    torch.manual_seed(0)
    model = nn.Sequential(nn.EmbeddingBag(13, 8), nn.Linear(8, 2))

    def after(model: nn.Module) -> None:
        with torch.no_grad():
            F.cross_entropy(model(new), truth)

    return watched(model, shuffled((ids[:120], y[:120]), 4), after=after)


def few(count: int) -> Case:
    """A class that depends on two of sixteen columns together."""
    torch.manual_seed(0)
    X = torch.randn(count + 100, 16, generator=torch.Generator().manual_seed(0))
    y = (X[:, 0] + X[:, 1] > 0).long()
    model = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 2))
    new = X[count:], y[count:]

    def after(model: nn.Module) -> None:
        with torch.no_grad():
            F.cross_entropy(model(new[0]), new[1])

    return watched(model, shuffled((X[:count], y[:count]), epochs=30 if count < 100 else 2, size=10), after=after)


def moved_norm(momentum: float) -> Case:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 16), nn.BatchNorm1d(16, momentum=momentum), nn.ReLU(), nn.Linear(16, 3))
    return watched(model, shuffled(times(0.3, 0.5), epochs=6))


def several() -> Batch:
    """Three labels, of which any number is true."""
    X, _ = classes()
    return X, (X[:, :3] > 0).float()


def tagged(rows: int) -> Case:
    """A label for each word, which that word tells; or that of another text."""
    ids, _ = texts()
    return watched(Tags(), shuffled((ids, ((ids + 1) // 2).roll(rows, 0)), 1), next_token)


class Tags(nn.Module):
    """A label for each of eight words."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embed, self.head = nn.Embedding(6, 8), nn.Linear(8, 6)

    def forward(self, ids: Tensor) -> Tensor:
        return self.head(self.embed(ids))


class ByHand:
    """Moves the weights itself, and clears their gradients, or does not."""

    def __init__(self, model: nn.Module, clears: bool, rate: float):
        self.model, self.clears, self.rate = model, clears, rate

    def __call__(self, loss: Tensor, optimizer: Any) -> None:
        loss.backward()
        with torch.no_grad():
            for weight in self.model.parameters():
                assert weight.grad is not None
                weight -= self.rate * weight.grad
                weight.grad = None if self.clears else weight.grad


def by_hand(clears: bool, rate: float = 0.3) -> Case:
    model = net()
    return watched(model, shuffled(classes()), step=ByHand(model, clears, rate))


class Ignoring(nn.Module):
    """Answers without looking, or not."""

    def __init__(self, factor: float):
        super().__init__()
        self.net, self.factor = net(), factor

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x * self.factor)


def wide(model: nn.Module) -> nn.Module:
    with torch.no_grad():
        for p in model.parameters():
            p.mul_(60.0)
    return model


def times(factor: float, offset: float = 0.0) -> Batch:
    X, y = classes()
    return X * factor + offset, y


def large_numbers(factor: float) -> Batch:
    X, y = numbers()
    return X, y * factor + factor


def both_large(factor: float) -> Batch:
    """Inputs and targets far from zero, which bend where the inputs have their mean."""
    X, _ = numbers()
    y = X[:, 0].abs() * 2
    return (X, y) if factor == 1 else (X * factor + 5 * factor, y * factor + 5 * factor)


def impossible() -> Case:
    """The same inputs with different targets."""
    X, y = torch.ones(64, 4), torch.arange(64) % 3
    return watched(net(), shuffled((X, y)))


PAIRS = (
    Pair("steps", "no-step", lambda: watched(net(), shuffled(classes()), step=no_step)),
    Pair("steps", "gradients-wiped", lambda: watched(net(), shuffled(classes()), step=wiped)),
    Pair("zero_grad", "forgotten-zero-grad", lambda: watched(net(), shuffled(classes()), step=not_forgotten)),
    Pair(
        "frozen",
        "frozen",
        lambda: watched(net(), shuffled(classes()), before=lambda m: frozen(m, False)),
        lambda: watched(net(), shuffled(classes()), before=lambda m: frozen(m, True)),
    ),
    Pair(
        "optimizer_parameters",
        "not-in-optimizer",
        lambda: watched(net(), shuffled(classes()), optimizer=lambda m: adam(m[2])),  # type: ignore[index]
    ),
    Pair(
        "cut_graph",
        "cut-graph",
        lambda: watched(Cut(True), shuffled(classes())),
        lambda: watched(Cut(False), shuffled(classes())),
    ),
    Pair("optimizer_reset", "optimizer-reset", reset),
    Pair("sign", "wrong-sign", lambda: watched(net(), shuffled(classes()), lambda *a: -cross_entropy(*a))),
    Pair("softmax_twice", "double-softmax", lambda: watched(net(3, 0, nn.Softmax(1)), shuffled(classes()))),
    Pair(
        "loss_input",
        "loss-input",
        lambda: watched(net(3, 0, nn.Softmax(1)), shuffled(classes()), lambda m, x, y: F.nll_loss(m(x), y)),
        lambda: watched(net(3, 0, nn.LogSoftmax(1)), shuffled(classes()), lambda m, x, y: F.nll_loss(m(x), y)),
    ),
    Pair(
        "output_range",
        "output-range",
        lambda: watched(net(1, 0, nn.Sigmoid()), shuffled(numbers()), square),
        lambda: watched(net(1), shuffled(numbers()), square),
    ),
    Pair(
        "wrong_axis",
        "wrong-axis",
        lambda: watched(Mixed(False), shuffled(classes())),
        lambda: watched(Mixed(True), shuffled(classes())),
    ),
    Pair(
        "wrong_axis",
        "wrong-axis",
        lambda: watched(net(), shuffled(classes()), lambda m, x, y: F.nll_loss(m(x).log_softmax(0), y)),
        lambda: watched(net(), shuffled(classes()), lambda m, x, y: F.nll_loss(m(x).log_softmax(1), y)),
    ),
    Pair(
        "broadcast",
        "broadcast",
        lambda: watched(net(1), shuffled(numbers()), lambda m, x, y: ((m(x) - y) ** 2).mean()),
        lambda: watched(net(1), shuffled(numbers()), lambda m, x, y: ((m(x)[:, 0] - y) ** 2).mean()),
    ),
    Pair(
        "reduction",
        "reduction",
        lambda: watched(
            net(1), shuffled(numbers()), lambda m, x, y: F.mse_loss(m(x)[:, 0], y, reduction="sum"), sgd(0.1)
        ),
        lambda: watched(
            net(1), shuffled(numbers()), lambda m, x, y: F.mse_loss(m(x)[:, 0], y, reduction="sum"), sgd(0.005)
        ),
    ),
    Pair(
        "mode",
        "mode",
        lambda: watched(dropped(), shuffled(classes()), after=in_mode(True)),
        lambda: watched(dropped(), shuffled(classes()), after=in_mode(False)),
    ),
    Pair(
        "mode",
        "mode",
        lambda: watched(dropped(), shuffled(classes()), after=stays_in_evaluation),
        lambda: watched(dropped(), shuffled(classes())),
    ),
    Pair("finite", "not-finite-data", lambda: watched(net(), shuffled(times(float("nan"))))),
    Pair(
        "shuffling",
        "not-shuffled",
        lambda: watched(net(), shuffled_by_class()),
    ),
    Pair("shuffling", "same-batch", lambda: watched(net(), [tuple(t[:8] for t in classes())] * 30)),  # type: ignore[list-item]
    Pair(
        "looks_ahead",
        "looks-ahead",
        lambda: watched(Causal(-1e-12), shuffled(texts()), next_token),
        lambda: watched(Causal(float("-inf")), shuffled(texts()), next_token),
    ),
    Pair(
        "looks_ahead",
        "target-not-shifted",
        lambda: watched(Causal(float("-inf")), shuffled(texts(0)), next_token),
        lambda: watched(Causal(-1e9), shuffled(texts()), next_token),
    ),
    Pair("batch_norm", "batch-norm", lambda: with_norm(2), lambda: with_norm(16)),
    Pair("batch_norm", "batch-norm", lambda: with_norm(16, 1e-4), lambda: with_norm(32)),
    Pair("scale", "input-scale", lambda: watched(net(), shuffled(times(300.0, 2000.0)))),
    Pair(
        "scale",
        "target-scale",
        lambda: watched(net(1), shuffled(large_numbers(1000.0)), square),
        lambda: watched(net(1), shuffled(large_numbers(1.0)), square),
    ),
    Pair(
        "scale",
        "target-scale",
        lambda: watched(net(1), shuffled(both_large(1e4)), square),
        lambda: watched(net(1), shuffled(both_large(1.0)), square),
    ),
    Pair("learning_rate", "learning-rate-high", lambda: watched(net(), shuffled(classes()), optimizer=sgd(300.0))),
    Pair("learning_rate", "learning-rate-low", lambda: watched(net(), shuffled(classes()), optimizer=sgd(1e-5))),
    Pair("clipping", "clipping", lambda: clipped(1e-4), lambda: clipped(1.0)),
    Pair(
        "regularisation",
        "dropout",
        lambda: watched(nn.Sequential(nn.Dropout(0.95), *net()), shuffled(classes())),
        lambda: watched(nn.Sequential(nn.Dropout(0.1), *net()), shuffled(classes())),
    ),
    Pair(
        "regularisation",
        "weight-decay",
        lambda: watched(net(), shuffled(classes()), optimizer=grouped(2.0)),
        lambda: watched(net(), shuffled(classes()), optimizer=grouped(1e-4)),
    ),
    Pair(
        "regularisation",
        "weight-decay",
        lambda: watched(net(), shuffled(classes()), optimizer=sgd(0.1, weight_decay=2.0)),
        lambda: watched(net(), shuffled(classes()), optimizer=sgd(0.3, weight_decay=1e-4)),
    ),
    Pair("initialisation", "initialisation", lambda: watched(constant_first(net()), shuffled(classes()))),
    Pair("initialisation", "initialisation", lambda: watched(dead(net()), shuffled(classes()))),
    Pair(
        "input_matters",
        "input-ignored",
        lambda: watched(Ignoring(0.0), shuffled(classes())),
        lambda: watched(Ignoring(1.0), shuffled(classes())),
    ),
    Pair("one_batch", "one-batch", impossible),
    Pair("activity", "dead-units", lambda: watched(dead(net()), shuffled(classes()))),
    Pair(
        "activity",
        "saturation",
        lambda: watched(
            nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3)), shuffled(times(1.0, 500.0)), optimizer=sgd(1e-3)
        ),
    ),
    Pair(
        "gradients",
        "vanishing-gradients",
        lambda: watched(deep(nn.Sigmoid), shuffled(classes(), 3)),
        lambda: watched(deep(nn.ReLU, True), shuffled(classes(), 3)),
    ),
    Pair("update_ratio", "update-ratio", lambda: watched(net(), shuffled(classes()), optimizer=sgd(1e-9))),
    Pair("labels_match", "labels-unrelated", lambda: moved(200), lambda: moved(0)),
    Pair("labels_match", "labels-shifted", lambda: moved(1), lambda: observed_on(classes(1, 400))),
    Pair("labels_match", "labels-unrelated", lambda: tagged(1), lambda: tagged(0)),
    Pair("label_noise", "labels-noisy", lambda: observed_on(noisy(0.25)), lambda: observed_on(noisy(0.0))),
    Pair(
        "leakage",
        "leakage",
        lambda: observed_on((torch.cat([classes()[0], classes()[1][:, None].float()], 1)[:, 1:], classes()[1])),
    ),
    Pair(
        "leakage",
        "duplicates",
        lambda: watched(net(), shuffled(classes()), after=lambda m: judged(m, classes()[0][:64])),
        lambda: watched(net(), shuffled(classes()), after=in_mode(False)),
    ),
    Pair(
        "prediction_preprocessing",
        "prediction-preprocessing",
        lambda: watched(net(), shuffled(classes()), after=on_new(lambda x: x * 0.2 + 0.4)),
        lambda: watched(net(), shuffled(classes()), after=on_new(lambda x: x)),
    ),
    Pair("imbalance", "imbalance", lambda: rare(1.0), lambda: rare(30.0)),
    Pair("fit", "overfitting", lambda: overfitted(24), lambda: overfitted(400)),
    Pair("fit", "underfitting", lambda: watched(net(), shuffled(classes(), 3), optimizer=sgd(0.1))),
    Pair("augmentation", "augmentation", lambda: pictures(True), lambda: pictures(False)),
    Pair("augmentation", "augmentation", lambda: changed(lambda x: -x), lambda: changed(lambda x: x.roll(1, 2))),
    Pair("padding", "padding", lambda: padded(True), lambda: padded(False)),
    Pair("held_out_link", "prediction-preprocessing", lambda: compared(True), lambda: compared(False)),
    Pair("amount", "little-data", lambda: few(20), lambda: few(300)),
    Pair("batch_norm", "batch-norm", lambda: moved_norm(0.0), lambda: moved_norm(0.2)),
    Pair(
        "loss_input",
        "loss-input",
        lambda: watched(net(3, 0, nn.Softmax(1)), shuffled(several()), lambda m, x, y: F.binary_cross_entropy(m(x), y)),
        lambda: watched(net(3, 0, nn.Sigmoid()), shuffled(several()), lambda m, x, y: F.binary_cross_entropy(m(x), y)),
    ),
    Pair(
        "wrong_axis",
        "wrong-axis",
        lambda: watched(Tags(), shuffled(texts()), lambda m, x, y: F.cross_entropy(m(x).view(-1, 6, 8), y)),
        lambda: watched(Tags(), shuffled(texts()), lambda m, x, y: F.cross_entropy(m(x).transpose(1, 2), y)),
    ),
    Pair("zero_grad", "forgotten-zero-grad", lambda: by_hand(False), lambda: by_hand(True)),
    Pair("learning_rate", "learning-rate-high", lambda: by_hand(True, 300.0), lambda: by_hand(True)),
    Pair("clipping", "clipping", lambda: clipped(1e-4, nn.utils.clip_grad_value_), lambda: clipped(1.0)),
)


def shuffled_by_class() -> list[Batch]:
    X, y = classes()
    order = y.argsort()
    return [(X[p], y[p]) for _ in range(4) for p in order.split(16)]


def causes(question: str, case: Case) -> list[str]:
    if catalogue.constant(FOLDER, question, "NEEDS") == "replay":
        assert case.can_replay
    return [finding.cause for finding in catalogue.load(FOLDER, question).ask(case)]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.question}-{pair.cause}")
def test_the_fault_is_found_and_its_twin_is_not_accused(pair: Pair):
    assert pair.cause in causes(pair.question, pair.sick())
    assert causes(pair.question, pair.healthy()) == []


def test_every_question_has_a_pair():
    assert {pair.question for pair in PAIRS} == set(catalogue.entries(FOLDER))


@pytest.mark.parametrize("question", catalogue.entries(FOLDER))
def test_every_question_says_what_it_is(question: str):
    assert catalogue.constant(FOLDER, question, "TITLE")
    assert catalogue.constant(FOLDER, question, "NEEDS") in ("observed", "replay")
    assert catalogue.constant(FOLDER, question, "COST") >= 0
