"""Thresholds by group as a part of the network: the odds of one class are moved by what a column of the input says.

    log-odds of the class  +  shift[group]          one threshold for all is then one for each group

What answers is a network like any other, and asks for the column as it asks for every other one: it predicts, exports
and is served as such. An unknown group is not moved.

Hardt, Price & Srebro (2016), Equality of Opportunity in Supervised Learning, https://arxiv.org/abs/1610.02413
"""

import math
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.core.run_folder import RunFolder
from deepglass.core.state import require

FILE = "group_shift.json"
FIELDS = ("column", "place", "positive", "shifts")
LARGEST = 50.0  # of log-odds: a probability of e^−50


class GroupShift(nn.Module):
    """A network whose log-odds of a class are moved by the code in a column of categories.

    Args:
        network: Logits (B, K), or (B, M, K) of an ensemble.
        place: Of the column among the codes.
        positive: The class.
        shifts: What is added, by code; 0 for codes without an entry.

    Shape:
        - numeric: (B, F); categories: (B, n) int64; further inputs are handed on
        - output: (B, K) logarithms of probabilities that are not normalised
    """

    shifts: Tensor

    def __init__(self, network: nn.Module, place: int, positive: int, shifts: list[float]):
        super().__init__()
        self.network, self.place, self.positive = network, place, positive
        self.num_inputs = getattr(network, "num_inputs", None)
        self.register_buffer("shifts", torch.tensor(shifts, dtype=torch.float32), persistent=False)

    def forward(self, numeric: Tensor, categories: Tensor, *more: Tensor) -> Tensor:
        said = self.network(numeric, categories, *more).float()
        probs = said.softmax(dim=-1)
        probs = probs.mean(dim=1) if probs.dim() == 3 else probs  # (B, K)
        return self.moved(probs, categories)

    def moved(self, probs: Tensor, categories: Tensor) -> Tensor:
        """(B, K) logarithms, of probabilities (B, K) of rows with these codes (B, n)."""
        logs = probs.clamp(min=torch.finfo(torch.float32).tiny).log()
        moved = self.shifts[categories[:, self.place]]  # (B,)
        chosen = torch.arange(logs.shape[1], device=logs.device) == self.positive  # (K,)
        return logs + moved.unsqueeze(1) * chosen  # (B, K)


def save(folder: RunFolder, column: str, shift: GroupShift) -> None:
    """Write column and shifts into the run."""
    content = {"column": column, "place": shift.place, "positive": shift.positive, "shifts": shift.shifts.tolist()}
    folder.write(FILE, content)


def load(folder: RunFolder, network: nn.Module, inputs: tuple[Tensor, ...]) -> nn.Module:
    """The network with the shifts that lie in the folder; alone where there are none.

    Args:
        folder: Of the run.
        network: What answers without them.
        inputs: That it takes (`BaseTask.extremes`); it is tried with them.

    Raises:
        RunError: If the file is damaged.
    """
    if not folder.has(FILE):
        return network
    content: dict[str, Any] = folder.require_record(FILE, *FIELDS)
    with folder.understanding(FILE), torch.no_grad():
        shifts = [float(value) for value in content["shifts"]]
        require(all(math.isfinite(v) and abs(v) <= LARGEST for v in shifts), "finite shifts", str(shifts)[:80])
        place, positive = int(content["place"]), int(content["positive"])
        codes = inputs[1]
        require(
            0 <= place < codes.shape[1] and len(shifts) > int(codes[:, place].max()), "a shift for every code", place
        )
        shifted = GroupShift(network, place, positive, shifts).eval()
        require(0 <= positive < shifted(*inputs).shape[1], "a class of the network", positive)
        return shifted
