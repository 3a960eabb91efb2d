"""How steps that are taken again are judged: nothing random, and against the best answer that ignores the input."""

import math
import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.diagnosis.changes import Modules
from deepglass.diagnosis.observing.tape import Tape, replay, tensors

BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


def set_judging(modules: Modules) -> None:
    """Nothing random: innermost layers as in evaluation, except for batch norm, whose running means a short training
    has not met. Modules around them stay as they learn: some answer in another form when they are judged."""
    for module in modules.values():
        module.train()
        for part in module.modules():
            if not isinstance(part, BATCH_NORMS) and not any(True for _ in part.children()):
                part.eval()


def constant_loss(tapes: Sequence[Tape], modules: Modules) -> float | None:
    """The least mean loss of one constant answer, a number for each place of its last dimension, or None."""
    try:
        answers, owns, tails = [], [], []
        set_judging(modules)
        for tape in tapes:
            last = tape.calls[-1]
            with torch.no_grad():
                answers.append(next(tensors(replay(tape, modules, stop=lambda entry, last=last: entry is last))))
            owns.append(id(next(tensors(last.result))))
            tails.append(Tape([e for e in tape.entries if e.module is None], tape.loss))
        width = answers[0].shape[-1] if answers[0].dim() > 1 else 1
        start = torch.cat([a.float().reshape(-1, width) for a in answers]).mean(dim=0)
        constant = start.clone().requires_grad_()
        descend = torch.optim.LBFGS([constant], max_iter=60, line_search_fn="strong_wolfe")

        def closure() -> Tensor:
            descend.zero_grad()
            losses = []
            for tail, own, answer in zip(tails, owns, answers):
                expanded = constant.expand(answer.shape) if answer.dim() > 1 else constant.expand(len(answer))
                losses.append(replay(tail, {}, {own: expanded * 1}))
            loss = torch.stack(losses).mean()
            loss.backward()
            return loss

        with torch.enable_grad():
            descend.step(closure)
            value = float(closure().detach())
    except Exception:  # a tail may hold anything
        return None
    return value if math.isfinite(value) else None


class seeded:
    """Random numbers inside begin the same and leave those outside alone."""

    def __enter__(self) -> None:
        self.states = (random.getstate(), np.random.get_state(), torch.get_rng_state())
        torch.manual_seed(0)

    def __exit__(self, *error: Any) -> None:
        random.setstate(self.states[0])
        np.random.set_state(self.states[1])
        torch.set_rng_state(self.states[2])
