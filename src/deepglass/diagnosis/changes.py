"""What an experiment can change: first weights, the scale of inputs and answers, dropout."""

from typing import Any

import torch
from torch import Tensor, nn

from deepglass.diagnosis.observing.tape import Tape

Modules = dict[int, nn.Module]
DROPOUTS = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout)


class Rescaled(nn.Module):
    """A module whose answers are brought to the scale of the targets."""

    def __init__(self, module: nn.Module, mean: float, spread: float):
        super().__init__()
        self.module, self.mean, self.spread = module, mean, spread

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.module(*args, **kwargs) * self.spread + self.mean


@torch.no_grad()
def draw_anew(modules: Modules) -> None:
    """Every layer as PyTorch draws it."""
    torch.manual_seed(1)
    for module in modules.values():
        for part in module.modules():
            reset = getattr(part, "reset_parameters", None)
            if callable(reset) and type(part).__module__.startswith("torch.nn"):
                reset()


def leave_out_dropout(modules: Modules) -> None:
    """All of it."""
    for module in modules.values():
        for part in module.modules():
            if isinstance(part, DROPOUTS):
                part.p = 0.0


def statistics_of(tapes: list[Tape], place: int) -> dict[str, Any]:
    """Mean and standard deviation of every column (of tables and series) or channel (of pictures) of an input."""
    parts = [t.inputs[place].detach().float() for t in tapes if len(t.inputs) > place]
    x = torch.cat([p for p in parts if p.shape[1:] == parts[0].shape[1:]])
    axes = [0, *range(2, x.dim())] if x.dim() == 4 else [*range(x.dim() - 1)]
    mean, spread = x.mean(axes, keepdim=True), x.std(axes, keepdim=True)
    spread = torch.where(spread > 1e-8 * (1 + mean.abs()), spread, torch.ones_like(spread))
    return {
        "mean": mean,
        "spread": spread,
        "largest mean": float(mean.abs().max()),
        "largest spread": float(spread.max()),
        "smallest spread": float(spread.min()),
        "ratio": float(spread.max() / spread.min().clamp(min=1e-12)),
    }


def standardised(tape: Tape, statistics: dict[int, dict[str, Any]]) -> dict[int, Tensor]:
    """From the ids of inputs to the same inputs, of mean 0 and standard deviation 1."""
    places = {i: s for i, s in statistics.items() if i < len(tape.inputs)}
    return {id(tape.inputs[i]): (tape.inputs[i] - s["mean"]) / s["spread"] for i, s in places.items()}
