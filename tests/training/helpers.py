"""A learner small enough to train in a blink."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

from deepglass.data.examples import InMemory
from deepglass.training.learner import Learner


class DigitsLearner(Learner):
    monitor = "accuracy"
    better = "higher"
    steps_repeat = True

    def loss(self, model, batch):
        return F.cross_entropy(model(batch[0]), batch[1])

    @torch.no_grad()
    def outputs(self, model, examples):
        model.eval()
        images, labels = examples.batch(torch.arange(len(examples)))
        return model(images), labels

    def validate(self, outputs):
        logits, labels = outputs
        accuracy = (logits.argmax(1) == labels).double().mean()
        return {"loss": float(F.cross_entropy(logits, labels)), "accuracy": float(accuracy)}


def digits(train=600, val=200):
    images, labels = load_digits(return_X_y=True)
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
    examples = InMemory(torch.tensor(images / 16, dtype=torch.float32), torch.tensor(labels))
    return examples.subset(order[:train]), examples.subset(order[train : train + val])


def network(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(64, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 10))
