# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6"]
# ///
"""PyTorch: modules that hold their weights, and a tape that is written while they compute.

Every operation is computed at once and noted; `backward` reads the notes from the end to the beginning.
"""

import torch
import torch.nn.functional as F
from exchange import MOMENTUM, RATE, answer, batches
from torch import nn


class GRU(nn.Module):
    """Eight rows of a picture are eight steps of a sequence; what is remembered after the last one decides."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(8, 16, batch_first=True)
        self.head = nn.Linear(16, 10)

    def forward(self, x):
        _, hidden = self.gru(x.reshape(-1, 8, 8))  # (1, B, 16)
        return self.head(hidden[0])


def build(network):
    if network == "mlp":
        return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    if network == "cnn":
        return nn.Sequential(
            nn.Unflatten(1, (1, 8, 8)),  # (B, C, H, W)
            nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(),
            nn.Conv2d(8, 16, 3, stride=2, padding=1), nn.ReLU(),
            nn.Flatten(), nn.Linear(256, 10),
        )  # fmt: skip
    return GRU()


class Learner:
    def __init__(self, network, weights):
        self.net = build(network).to(torch.tensor(next(iter(weights.values()))).dtype)
        self.net.load_state_dict({name: torch.tensor(w) for name, w in weights.items()})
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=RATE, momentum=MOMENTUM)

    def outputs(self, x):
        with torch.no_grad():
            return self.net(torch.tensor(x)).numpy()

    def gradients(self, x, y):
        self.net.zero_grad()
        F.cross_entropy(self.net(torch.tensor(x)), torch.tensor(y)).backward()
        return {name: p.grad.numpy().copy() for name, p in self.net.named_parameters()}

    def learn(self, x, y):
        for some, classes in batches(torch.tensor(x), torch.tensor(y)):
            self.optimizer.zero_grad()
            F.cross_entropy(self.net(some), classes).backward()
            self.optimizer.step()

    def weights(self):
        return {name: p.detach().numpy().copy() for name, p in self.net.named_parameters()}


if __name__ == "__main__":
    answer(Learner, "torch", "torch")
