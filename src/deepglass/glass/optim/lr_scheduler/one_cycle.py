"""One cycle up and down, momentum the other way: Smith & Topin (2017), https://arxiv.org/abs/1708.07120."""

import math

from .scheduler import LRScheduler, for_each_group


class OneCycleLR(LRScheduler):
    """Up to `max_lr`, then down to almost nothing; momentum goes the other way.

    Args:
        optimizer: Whose groups to change.
        max_lr: The top, one number or one a group.
        total_steps: Length of the cycle, or give `epochs` and `steps_per_epoch`.
        pct_start: Share of the way up.
        anneal_strategy: "cos" or "linear".
        cycle_momentum: Whether momentum (or β₁) goes from `max_momentum` to `base_momentum` and back.
        div_factor: The start is `max_lr / div_factor`.
        final_div_factor: The end is the start divided by this.
        three_phase: Whether the way down stops at the start first.
    """

    def __init__(
        self, optimizer, max_lr, total_steps=None, epochs=None, steps_per_epoch=None, pct_start=0.3,
        anneal_strategy="cos", cycle_momentum=True, base_momentum=0.85, max_momentum=0.95, div_factor=25.0,
        final_div_factor=1e4, three_phase=False, last_epoch=-1,
    ):  # fmt: skip
        if total_steps is None and (epochs is None or steps_per_epoch is None):
            raise ValueError("You must define either total_steps OR (epochs AND steps_per_epoch)")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}")
        if not 0 <= pct_start <= 1:
            raise ValueError(f"Expected float between 0 and 1 pct_start, but got {pct_start}")
        if cycle_momentum and not {"momentum", "betas"} & set(optimizer.defaults):
            raise ValueError("optimizer must support momentum or beta1 with `cycle_momentum` option enabled")
        self.total_steps = epochs * steps_per_epoch if total_steps is None else total_steps
        self.anneal_strategy, self.cycle_momentum = anneal_strategy, cycle_momentum
        up, end = pct_start * self.total_steps - 1, self.total_steps - 1
        self.phases = [  # last step, learning rate from and to, momentum from and to
            (up, "initial_lr", "max_lr", max_momentum, base_momentum),
            (end, "max_lr", "min_lr", base_momentum, max_momentum),
        ]
        if three_phase:
            back = (2 * up, "max_lr", "initial_lr", base_momentum, max_momentum)
            self.phases[1:] = [back, (end, "initial_lr", "min_lr", max_momentum, max_momentum)]
        for group, top in zip(optimizer.param_groups, for_each_group(optimizer, max_lr, "max_lr")):
            if last_epoch == -1:
                start = top / div_factor
                group |= {"initial_lr": start, "max_lr": top, "min_lr": start / final_div_factor}
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        if self.last_epoch > self.total_steps:
            raise ValueError(
                f"Tried to step {self.last_epoch} times. The specified number of total steps is {self.total_steps}"
            )
        number = min(sum(self.last_epoch > phase[0] for phase in self.phases), len(self.phases) - 1)
        start = self.phases[number - 1][0] if number else 0
        end, lr_from, lr_to, momentum_from, momentum_to = self.phases[number]
        done = (self.last_epoch - start) / (end - start)
        if self.cycle_momentum:
            self._write_momentum(self._between(momentum_from, momentum_to, done))
        return [self._between(group[lr_from], group[lr_to], done) for group in self.optimizer.param_groups]

    def _between(self, start, end, done):
        if self.anneal_strategy == "linear":
            return start + (end - start) * done
        return end + (start - end) / 2 * (1 + math.cos(math.pi * done))

    def _write_momentum(self, momentum):
        for group in self.optimizer.param_groups:
            if "betas" in group:
                group["betas"] = (momentum, *group["betas"][1:])
            else:
                group["momentum"] = momentum
