"""The engine trains: real data to a real accuracy, and PyTorch's loss curve step for step."""

import gc
import math
import tracemalloc

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits, load_iris
from sklearn.model_selection import train_test_split
from torch_bridge import copy_weights

from deepglass import glass

TEXT = "the quick brown fox jumps over the lazy dog and the dog sleeps on while the fox runs home again. " * 8


def accuracy(model, X, y):
    model.eval()
    with glass.no_grad():
        return float((model(glass.tensor(X)).numpy().argmax(1) == y).mean())


def train(model, optimizer, X, y, epochs, batch_size, scheduler=None):
    draw = np.random.default_rng(0)
    loss_function = glass.nn.CrossEntropyLoss()
    model.train()
    for _ in range(epochs):
        order = draw.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            loss_function(model(glass.tensor(X[batch])), glass.tensor(y[batch])).backward()
            optimizer.step()
            if scheduler is not None:
                scheduler.step()


def test_iris_with_an_mlp():
    X, y = load_iris(return_X_y=True)
    X = ((X - X.mean(0)) / X.std(0)).astype(np.float32)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=0, stratify=y)
    glass.manual_seed(0)
    nn = glass.nn
    model = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 3))
    train(model, glass.optim.Adam(model.parameters(), lr=0.01), X_train, y_train, epochs=40, batch_size=16)
    assert accuracy(model, X_test, y_test) >= 0.95


def test_digits_with_a_cnn_to_98_percent():
    X, y = load_digits(return_X_y=True)
    X = (X / 8 - 1).astype(np.float32).reshape(-1, 1, 8, 8)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=0, stratify=y)
    glass.manual_seed(0)
    nn = glass.nn
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Dropout(0.2), nn.Linear(128, 10),
    )  # fmt: skip
    epochs, steps = 15, -(-len(X_train) // 32)
    optimizer = glass.optim.AdamW(model.parameters(), lr=0.003)
    schedule = glass.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, epochs=epochs, steps_per_epoch=steps)
    train(model, optimizer, X_train, y_train, epochs, 32, schedule)
    assert accuracy(model, X_test, y_test) >= 0.98


# ---- The same training on both engines -----------------------------------------------------------------------------


def make_gpt(engine, vocabulary, embed_dim=16, num_heads=2, num_layers=2, context=12):
    """A character GPT of pre-norm blocks, written once, with the engine as an argument."""
    nn, F = engine.nn, engine.nn.functional

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
            self.qkv, self.out = nn.Linear(embed_dim, 3 * embed_dim), nn.Linear(embed_dim, embed_dim)
            self.mlp = nn.Sequential(
                nn.Linear(embed_dim, 4 * embed_dim), nn.GELU(), nn.Linear(4 * embed_dim, embed_dim)
            )

        def attend(self, x):
            B, T, C = x.shape
            heads = (part.view(B, T, num_heads, C // num_heads).transpose(1, 2) for part in self.qkv(x).split(C, dim=2))
            y = F.scaled_dot_product_attention(*heads, is_causal=True)  # (B, nh, T, hd)
            return self.out(y.transpose(1, 2).contiguous().view(B, T, C))

        def forward(self, x):
            x = x + self.attend(self.norm1(x))
            return x + self.mlp(self.norm2(x))

    class GPT(nn.Module):
        def __init__(self):
            super().__init__()
            self.tokens, self.places = nn.Embedding(vocabulary, embed_dim), nn.Embedding(context, embed_dim)
            self.blocks = nn.ModuleList(Block() for _ in range(num_layers))
            self.norm, self.head = nn.LayerNorm(embed_dim), nn.Linear(embed_dim, vocabulary, bias=False)
            self.head.weight = self.tokens.weight  # tied

        def forward(self, index):
            x = self.tokens(index) + self.places(engine.arange(index.shape[1]))
            for block in self.blocks:
                x = block(x)
            return self.head(self.norm(x))

    return GPT()


def make_encoder(engine, vocabulary):
    """A character model of PyTorch's ready-made encoder layers under a causal mask."""
    nn = engine.nn

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.tokens = nn.Embedding(vocabulary, 16)
            layer = nn.TransformerEncoderLayer(16, 4, 32, dropout=0.0, activation="gelu", batch_first=True)
            self.encoder = nn.TransformerEncoder(layer, 2, nn.LayerNorm(16), enable_nested_tensor=False)
            self.head = nn.Linear(16, vocabulary)

        def forward(self, index):
            mask = engine.full((index.shape[1],) * 2, -math.inf, dtype=engine.float64).triu(1)
            return self.head(self.encoder(self.tokens(index), mask=mask))

    return Model()


def make_lstm(engine, vocabulary):
    nn = engine.nn

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.tokens = nn.Embedding(vocabulary, 12)
            self.lstm = nn.LSTM(12, 20, num_layers=2, batch_first=True)
            self.head = nn.Linear(20, vocabulary)

        def forward(self, index):
            return self.head(self.lstm(self.tokens(index))[0])

    return Model()


def batches(steps, context=12, batch_size=8):
    letters = sorted(set(TEXT))
    numbers = np.array([letters.index(letter) for letter in TEXT])
    draw = np.random.default_rng(0)
    for _ in range(steps):
        starts = draw.integers(0, len(numbers) - context - 1, batch_size)
        window = numbers[starts[:, None] + np.arange(context + 1)]
        yield window[:, :-1], window[:, 1:]


def loss_curve(engine, model, steps):
    """Thirty steps of AdamW with clipping, warm-up and cosine: the whole recipe."""
    optimizer = engine.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.1)
    s = engine.optim.lr_scheduler
    parts = [s.LinearLR(optimizer, 0.1, total_iters=5), s.CosineAnnealingLR(optimizer, steps)]
    schedule = s.SequentialLR(optimizer, parts, [5])
    losses = []
    for x, y in batches(steps):
        logits = model(engine.tensor(x))
        loss = engine.nn.functional.cross_entropy(logits.reshape(-1, logits.shape[-1]), engine.tensor(y).reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        engine.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("make", [make_gpt, make_encoder, make_lstm], ids=lambda make: make.__name__)
def test_loss_curve_follows_pytorch_step_for_step(make):
    torch.manual_seed(0)
    vocabulary = len(set(TEXT))
    theirs, ours = make(torch, vocabulary).double(), make(glass, vocabulary).double()
    copy_weights(theirs, ours)
    expected = loss_curve(torch, theirs, 30)
    assert expected[-1] < 0.9 * expected[0]
    np.testing.assert_allclose(loss_curve(glass, ours, 30), expected, rtol=0, atol=1e-8)


def test_memory_is_flat_over_a_thousand_steps():
    """Without the garbage collector's help: a tape that is freed by `backward` leaves nothing to collect."""
    model = glass.nn.Sequential(glass.nn.Linear(8, 16), glass.nn.ReLU(), glass.nn.Linear(16, 1))
    optimizer, x = glass.optim.Adam(model.parameters()), glass.randn(32, 8)

    def steps(n):
        for _ in range(n):
            optimizer.zero_grad()
            (model(x) ** 2).mean().backward()
            optimizer.step()
        return tracemalloc.get_traced_memory()[0]

    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        before = steps(1000)  # until Python's own stores of small objects are nearly full
        assert steps(1000) - before < 100_000  # one forgotten tensor a step would be 200,000
    finally:
        tracemalloc.stop()
        gc.enable()
