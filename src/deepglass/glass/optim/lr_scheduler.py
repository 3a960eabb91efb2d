"""Schedulers: the learning rate over time. Call `step()` once per epoch (or batch), after the optimiser's.

A new one has a constructor and `factor`, by which the first learning rate is multiplied at step t.
Left out: several schedulers on one optimiser at the same time; SequentialLR runs one after the other.
"""

import math
from bisect import bisect_right

from ..left_out import left_out, refuse

__getattr__ = left_out("glass.optim.lr_scheduler")


class LRScheduler:
    """Writes lr(t) = lr(0)·factor(t) into each group of an optimiser.

    Args:
        optimizer: Whose `param_groups` to change.
        last_epoch: Steps done before; -1 begins anew.

    Raises:
        KeyError: If `last_epoch` says to go on, but the groups do not know where they began.
        NotImplementedError: At a step before which somebody else has changed the learning rate.
    """

    def __init__(self, optimizer, last_epoch=-1):
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", float(group["lr"]))
            elif "initial_lr" not in group:
                raise KeyError(f"param 'initial_lr' is not specified in param_groups[{i}] when resuming an optimizer")
        self.optimizer, self.last_epoch = optimizer, last_epoch
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.go_to(last_epoch + 1)

    def factor(self, t):
        raise NotImplementedError

    def get_lr(self):
        """The learning rate of each group at step `last_epoch`."""
        return [lr * self.factor(self.last_epoch) for lr in self.base_lrs]

    def step(self):
        if self._last_lr != self._current():
            raise NotImplementedError(
                f"{type(self).__name__}: expected the learning rates {self._last_lr} of the last step, got "
                f"{self._current()}; two schedulers at once are left out of the glass engine: see SequentialLR"
            )
        self.go_to(self.last_epoch + 1)

    def go_to(self, t):
        """Be at step t, whatever the learning rate is now."""
        self.last_epoch = t
        self._write(self.get_lr())

    def get_last_lr(self):
        return self._last_lr

    def state_dict(self):
        return {name: value for name, value in vars(self).items() if name != "optimizer"}

    def load_state_dict(self, state_dict):
        vars(self).update(state_dict)

    def _write(self, lrs):
        for group, lr in zip(self.optimizer.param_groups, lrs):
            group["lr"] = lr
        self._last_lr = list(lrs)

    def _current(self):
        return [group["lr"] for group in self.optimizer.param_groups]


class StepLR(LRScheduler):
    """Multiplied by `gamma` every `step_size` steps."""

    def __init__(self, optimizer, step_size, gamma=0.1, last_epoch=-1):
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def factor(self, t):
        return self.gamma ** (t // self.step_size)


class MultiStepLR(LRScheduler):
    """Multiplied by `gamma` at each of the `milestones`."""

    def __init__(self, optimizer, milestones, gamma=0.1, last_epoch=-1):
        self.milestones, self.gamma = sorted(milestones), gamma
        super().__init__(optimizer, last_epoch)

    def factor(self, t):
        return self.gamma ** bisect_right(self.milestones, t)


class ExponentialLR(LRScheduler):
    """Multiplied by `gamma` every step."""

    def __init__(self, optimizer, gamma, last_epoch=-1):
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def factor(self, t):
        return self.gamma**t


class LinearLR(LRScheduler):
    """From times `start_factor` to times `end_factor` in `total_iters` steps: the usual warm-up.

    Goyal et al. (2017), https://arxiv.org/abs/1706.02677

    Raises:
        ValueError: If a factor is not between 0 and 1.
    """

    def __init__(self, optimizer, start_factor=1 / 3, end_factor=1.0, total_iters=5, last_epoch=-1):
        if not (0 < start_factor <= 1 and 0 <= end_factor <= 1):
            raise ValueError(f"expected factors between 0 and 1, got {start_factor=} and {end_factor=}")
        self.start_factor, self.end_factor, self.total_iters = start_factor, end_factor, total_iters
        super().__init__(optimizer, last_epoch)

    def factor(self, t):
        done = min(t, self.total_iters) / self.total_iters
        return self.start_factor + (self.end_factor - self.start_factor) * done


class CosineAnnealingLR(LRScheduler):
    """From lr(0) to `eta_min` along half a cosine of `T_max` steps, and back up if it goes on.

    Loshchilov & Hutter (2016), https://arxiv.org/abs/1608.03983
    """

    def __init__(self, optimizer, T_max, eta_min=0.0, last_epoch=-1):
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        height = (1 + math.cos(math.pi * self.last_epoch / self.T_max)) / 2
        return [self.eta_min + (lr - self.eta_min) * height for lr in self.base_lrs]


class LambdaLR(LRScheduler):
    """lr(0) times your own function of the step, one for all groups or one for each."""

    def __init__(self, optimizer, lr_lambda, last_epoch=-1):
        self.lr_lambdas = for_each_group(optimizer, lr_lambda, "lr_lambdas")
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        return [lr * function(self.last_epoch) for lr, function in zip(self.base_lrs, self.lr_lambdas)]


class OneCycleLR(LRScheduler):
    """Up to `max_lr`, then down to almost nothing; momentum goes the other way.

    Smith & Topin (2017), https://arxiv.org/abs/1708.07120

    Args:
        optimizer: Whose groups to change.
        max_lr: The top, one number or one per group.
        total_steps: Length of the cycle, or give `epochs` and `steps_per_epoch`.
        pct_start: Share of the way up.
        anneal_strategy: "cos" or "linear".
        cycle_momentum: Whether momentum (or β₁) goes from `max_momentum` to `base_momentum` and back.
        div_factor: The start is `max_lr / div_factor`.
        final_div_factor: The end is the start divided by this.
        three_phase: Left out.

    Raises:
        ValueError: If the number of steps is not said, the strategy is unknown, or more steps are taken than were said.
    """

    def __init__(
        self, optimizer, max_lr, total_steps=None, epochs=None, steps_per_epoch=None, pct_start=0.3,
        anneal_strategy="cos", cycle_momentum=True, base_momentum=0.85, max_momentum=0.95, div_factor=25.0,
        final_div_factor=1e4, three_phase=False, last_epoch=-1,
    ):  # fmt: skip
        refuse("OneCycleLR", three_phase=three_phase)
        if total_steps is None and (epochs is None or steps_per_epoch is None):
            raise ValueError("You must define either total_steps OR (epochs AND steps_per_epoch)")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}")
        self.total_steps = epochs * steps_per_epoch if total_steps is None else total_steps  # pyright: ignore[reportOptionalOperand]
        self.top, self.is_linear = pct_start * self.total_steps - 1, anneal_strategy == "linear"
        self.momenta = (max_momentum, base_momentum) if cycle_momentum else None
        for group, top in zip(optimizer.param_groups, for_each_group(optimizer, max_lr, "max_lr")):
            start = top / div_factor
            group |= {"initial_lr": start, "max_lr": top, "min_lr": start / final_div_factor}
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        t, groups = self.last_epoch, self.optimizer.param_groups
        if t > self.total_steps:
            raise ValueError(f"Tried to step {t} times. The specified number of total steps is {self.total_steps}")
        is_up = t <= self.top
        done = t / self.top if is_up else (t - self.top) / (self.total_steps - 1 - self.top)
        if self.momenta:
            momentum = self._between(*(self.momenta if is_up else self.momenta[::-1]), done)
            for group in groups:
                group |= {"betas": (momentum, *group["betas"][1:])} if "betas" in group else {"momentum": momentum}
        start, end = ("initial_lr", "max_lr") if is_up else ("max_lr", "min_lr")
        return [self._between(group[start], group[end], done) for group in groups]

    def _between(self, start, end, done):
        share = done if self.is_linear else (1 - math.cos(math.pi * done)) / 2
        return start + (end - start) * share


class SequentialLR(LRScheduler):
    """One scheduler after the other, changing at the `milestones`; one more scheduler than milestones.

    Raises:
        ValueError: If there is not one scheduler more than milestones.
    """

    def __init__(self, optimizer, schedulers, milestones, last_epoch=-1):
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(
                f"SequentialLR: expected one more scheduler than milestones, got {len(schedulers)}, {len(milestones)}"
            )
        refuse("SequentialLR", last_epoch=None if last_epoch == -1 else last_epoch)
        self.optimizer, self.schedulers, self.milestones = optimizer, schedulers, milestones
        self.go_to(0)

    def step(self):
        self.go_to(self.last_epoch + 1)

    def go_to(self, t):
        self.last_epoch = t
        number = bisect_right(self.milestones, t)
        self.schedulers[number].go_to(t - ([0, *self.milestones][number]))
        self._last_lr = self.schedulers[number].get_last_lr()

    def state_dict(self):
        return super().state_dict() | {"schedulers": [scheduler.state_dict() for scheduler in self.schedulers]}

    def load_state_dict(self, state_dict):
        super().load_state_dict({name: value for name, value in state_dict.items() if name != "schedulers"})
        for scheduler, state in zip(self.schedulers, state_dict["schedulers"]):
            scheduler.load_state_dict(state)


class ReduceLROnPlateau(LRScheduler):
    """Multiplied by `factor` when a measure has not improved for more than `patience` steps.

    Args:
        optimizer: Whose groups to change.
        mode: "min" if less is better, "max" if more is.
        factor: What the learning rate is multiplied by, below 1.
        patience: How many steps without improvement are borne.
        threshold: By how much better counts as better, …
        threshold_mode: … as a share of the best ("rel") or as such ("abs").
        cooldown: Steps after a change during which nothing is counted.
        min_lr: Never below this, one number or one per group.
        eps: Changes smaller than this are not made.

    Raises:
        ValueError: If the factor is not below 1, or a mode is unknown.
    """

    def __init__(
        self, optimizer, mode="min", factor=0.1, patience=10, threshold=1e-4, threshold_mode="rel", cooldown=0,
        min_lr=0, eps=1e-8,
    ):  # fmt: skip
        if factor >= 1.0 or mode not in ("min", "max") or threshold_mode not in ("rel", "abs"):
            raise ValueError(f"expected factor < 1 and known modes, got {factor=}, {mode=}, {threshold_mode=}")
        self.optimizer, self.mode, self.times, self.patience, self.eps = optimizer, mode, factor, patience, eps
        self.threshold, self.threshold_mode, self.cooldown = threshold, threshold_mode, cooldown
        self.min_lrs = for_each_group(optimizer, min_lr, "min_lrs")
        self.last_epoch, self.num_bad_epochs, self.cooldown_counter = 0, 0, 0
        self.best, self._last_lr = math.inf if mode == "min" else -math.inf, self._current()

    def step(self, metrics):
        self.last_epoch += 1
        is_better = self.is_better(float(metrics))
        self.best, self.num_bad_epochs = (float(metrics), 0) if is_better else (self.best, self.num_bad_epochs + 1)
        if self.cooldown_counter > 0:
            self.cooldown_counter, self.num_bad_epochs = self.cooldown_counter - 1, 0
        if self.num_bad_epochs > self.patience:
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
            lower = [max(lr * self.times, least) for lr, least in zip(self._current(), self.min_lrs)]
            self._write([new if old - new > self.eps else old for old, new in zip(self._current(), lower)])

    def is_better(self, value):
        sign = 1 if self.mode == "max" else -1
        margin = self.threshold * (self.best if self.threshold_mode == "rel" else 1)
        return math.isinf(self.best) or sign * (value - self.best) > margin


def for_each_group(optimizer, value, name):
    """One value for all groups, or a list with one for each.

    Raises:
        ValueError: If the list has another length.
    """
    values = list(value) if isinstance(value, (list, tuple)) else [value] * len(optimizer.param_groups)
    if len(values) != len(optimizer.param_groups):
        raise ValueError(f"Expected {len(optimizer.param_groups)} {name}, but got {len(values)}")
    return values
