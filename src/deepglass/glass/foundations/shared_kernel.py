"""One kernel for all places of a picture: how blame finds it, and what is lost where every place has its own.

A weight that is used at many places receives blame from each of them, and the shares add up (LeCun et al., 1989,
Backpropagation Applied to Handwritten Zip Code Recognition, https://doi.org/10.1162/neco.1989.1.4.541).
"""

import numpy as np

from .. import nn
from ..autograd import no_grad
from ..creation import zeros
from ..nn import functional as F
from ..ops.random import manual_seed, randn
from ..optim import SGD, Adam
from ..tensor import tensor

SIDE, HALVES = 12, ("left", "right")  # pixels of a picture with a stroke; where the stroke may be


def convolved(x, kernel):
    """The answer (R, C) of a kernel to a picture, without a border."""
    return F.conv2d(tensor(x[None, None]), tensor(np.array(kernel)[None, None])).numpy()[0, 0]


def share(x, g, place):
    """What one place of the answer sends to the weights: its blame times the window that it looked at.

    Args:
        x: The picture (H, W).
        g: Blame of the answers (R, C).
        place: Its number, row by row.
    """
    r, c = divmod(place, g.shape[1])
    height, width = (n - m + 1 for n, m in zip(x.shape, g.shape))
    return g[r, c] * x[r : r + height, c : c + width]


def blame_of_picture(g, kernel):
    """A convolution too: of the blame with a border of zeros, and the kernel half turned; (H, W)."""
    return convolved(np.pad(g, len(kernel) - 1), kernel[::-1, ::-1])


def engines_blame(x, g, kernel):
    """What the backward pass says of the kernel and of the picture."""
    parts = [tensor(np.array(part)[None, None], requires_grad=True) for part in (x, kernel)]
    F.conv2d(*parts).backward(tensor(g[None, None]))
    return tuple(part.grad.numpy()[0, 0] for part in reversed(parts))  # type: ignore[union-attr]


def find(x, wanted, size=3, steps=100):
    """A kernel learnt from zeros, by the blame of all places at once: kernels and losses by step."""
    picture, target = tensor(x[None, None]), tensor(wanted[None, None])
    kernel, kernels, losses = nn.Parameter(zeros(1, 1, size, size).double()), [], []
    optimizer = SGD([kernel], lr=0.1, momentum=0.9)
    for _ in range(steps + 1):
        optimizer.zero_grad()
        loss = F.mse_loss(F.conv2d(picture, kernel), target)
        loss.backward()
        kernels.append(kernel.detach().numpy()[0, 0].copy())
        losses.append(loss.item())
        optimizer.step()
    return kernels, losses


# -- does it pay to share? ------------------------------------------------------------------------------------------


def strokes(count, half, seed=0):
    """Noisy pictures (count, 12, 12) with a stroke in one half of each, and whether the stroke stands upright."""
    rng = np.random.default_rng(seed)
    images, upright = rng.uniform(0, 0.4, (count, SIDE, SIDE)), rng.integers(0, 2, count)
    for image, stands in zip(images, upright):
        height, width = (4, 1) if stands else (1, 4)
        row = rng.integers(0, SIDE - height + 1)
        column = rng.integers(0, SIDE // 2 - width + 1) + (SIDE // 2) * (half == "right")
        image[row : row + height, column : column + width] += 1
    return images.astype(np.float32), upright


class Looker(nn.Module):
    """The loudest answer of each of four kernels, and a line. Each place has its own kernels, or all share them."""

    def __init__(self, is_shared):
        super().__init__()
        places = 1 if is_shared else (SIDE - 2) ** 2
        self.kernels = nn.Parameter(randn(places, 9, 4) * (2 / 9) ** 0.5)
        self.bias, self.head = nn.Parameter(zeros(4)), nn.Linear(4, 2)

    def forward(self, windows):
        answers = F.relu(windows @ self.kernels + self.bias)  # (places, B, 4)
        return self.head(answers.amax(0))


def windows_of(images):
    """All windows of 3 × 3 (places, B, 9)."""
    view = np.lib.stride_tricks.sliding_window_view(images, (3, 3), axis=(1, 2))
    return tensor(np.ascontiguousarray(view.reshape(len(images), -1, 9).swapaxes(0, 1)))


def learn(is_shared, taught=("left",), steps=150, seed=0):
    """Learn from 300 strokes in the halves that are taught: the share of 300 new ones judged right, by half."""
    manual_seed(seed)
    model, parts = Looker(is_shared), [strokes(300 // len(taught), half, seed + i) for i, half in enumerate(taught)]
    windows = windows_of(np.concatenate([images for images, _ in parts]))
    upright = tensor(np.concatenate([labels for _, labels in parts]))
    optimizer = Adam(model.parameters(), lr=0.02)
    for _ in range(steps):
        optimizer.zero_grad()
        F.cross_entropy(model(windows), upright).backward()
        optimizer.step()
    right = {}
    for half in HALVES:
        images, labels = strokes(300, half, seed=99)
        with no_grad():
            right[half] = float((model(windows_of(images)).argmax(1).numpy() == labels).mean())
    return right, sum(weight.numel() for weight in model.parameters())
