"""A forger and a detective, on one screen: two networks that play against each other, until one makes what looks real.

The discriminator learns to tell rows of the data from rows that were made. The generator never sees the data: it learns
through the discriminator, whose slope says into which direction a made row would look more real.

References:
    Goodfellow et al. (2014), Generative Adversarial Nets, https://arxiv.org/abs/1406.2661
    Radford et al. (2016), Deep Convolutional GANs, https://arxiv.org/abs/1511.06434 (a short memory of the gradient)
    Mescheder et al. (2018), Which Training Methods for GANs do actually Converge?,
    https://arxiv.org/abs/1801.04406 (the penalty on the slope)
"""

import numpy as np

from .. import nn
from ..autograd import grad, no_grad
from ..nn import functional as F
from ..ops.random import manual_seed
from ..optim import Adam
from ..tensor import tensor

SLOPE = 0.2  # of the rectifiers below zero
RATE, BETAS = 0.004, (0.5, 0.99)  # of both players
NEAR = 0.05  # how far from a real row the slope is measured


class Game:
    """Two networks that take turns; rows are places in the plane.

    Args:
        forgeries: Steps of the generator for each step of the discriminator.
        penalty: Weight γ of the discriminator's squared slope at real rows.
        hidden_dim: Width of both networks.
        seed: Of weights and noise.
    """

    def __init__(self, forgeries=1, penalty=0.0, hidden_dim=32, seed=0):
        manual_seed(seed)
        self.rng, self.forgeries, self.penalty = np.random.default_rng(seed), forgeries, penalty
        self.generator, self.discriminator = perceptron(2, hidden_dim, 2), perceptron(2, hidden_dim, 1)
        self.forger = Adam(self.generator.parameters(), lr=RATE, betas=BETAS)
        self.detective = Adam(self.discriminator.parameters(), lr=RATE, betas=BETAS)

    def noise(self, count):
        """What the generator begins with, standard normal, (count, 2)."""
        return tensor(self.rng.normal(size=(count, 2)).astype(np.float32))

    def discriminator_loss(self, real):
        """softplus(−D(x)) + softplus(D(G(z))) + γ/2 · |∇D(x)|², in the mean; the slope along one random direction."""
        made = self.generator(self.noise(len(real))).detach()
        on_real, on_made = self.discriminator(real), self.discriminator(made)
        loss = F.softplus(-on_real).mean() + F.softplus(on_made).mean()
        if self.penalty:
            on_beside = self.discriminator(real + NEAR * self.noise(len(real)))
            loss = loss + self.penalty / 2 * (((on_beside - on_real) / NEAR) ** 2).mean()
        return loss

    def generator_loss(self, count):
        """softplus(−D(G(z))), in the mean: low where the discriminator takes what was made for real."""
        return F.softplus(-self.discriminator(self.generator(self.noise(count)))).mean()

    def turn(self, real):
        """First the detective learns, then the forger; the two losses, before their last steps. real: (B, 2)."""
        real = tensor(np.asarray(real, dtype=np.float32))
        caught = learn(self.detective, lambda: self.discriminator_loss(real))
        for _ in range(self.forgeries):
            passed = learn(self.forger, lambda: self.generator_loss(len(real)))
        return caught, passed

    def make(self, noise):
        """Forgeries (n, 2) from noise (n, 2)."""
        with no_grad():
            return self.generator(tensor(np.asarray(noise, dtype=np.float32))).numpy()

    def judge(self, rows):
        """Logits (n,) that rows (n, 2) are real."""
        with no_grad():
            return self.discriminator(tensor(np.asarray(rows, dtype=np.float32))).numpy()[:, 0]

    def pull(self, row):
        """Into which direction a made row (2,) is driven: −∂softplus(−D)/∂row."""
        place = tensor(np.asarray(row, dtype=np.float32)[None], requires_grad=True)
        (slope,) = grad(F.softplus(-self.discriminator(place)).sum(), place)
        return -slope.numpy()[0]  # type: ignore[union-attr]


def learn(player, loss):
    """One step of one player, whose optimiser holds only its own weights; the loss before it."""
    player.zero_grad()
    value = loss()
    value.backward()
    player.step()
    return value.item()


def perceptron(in_dim, hidden_dim, out_dim):
    """Two hidden layers with leaky rectifiers."""
    return nn.Sequential(
        nn.Linear(in_dim, hidden_dim), nn.LeakyReLU(SLOPE),
        nn.Linear(hidden_dim, hidden_dim), nn.LeakyReLU(SLOPE),
        nn.Linear(hidden_dim, out_dim),
    )  # fmt: skip


def covered(samples, places, radius):
    """Shares (K,) of all samples (n, 2) that lie within the radius of each place (K, 2)."""
    distance = np.linalg.norm(samples[:, None] - places[None], axis=2)
    return (distance < radius).mean(0)
