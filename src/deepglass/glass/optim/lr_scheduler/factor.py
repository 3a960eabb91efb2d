"""Schedules that are the first learning rate times a factor of the step: by steps, exponential, constant, linear, own.

Warm-up, Goyal et al. (2017), https://arxiv.org/abs/1706.02677, is LinearLR, followed by another in SequentialLR.
"""

from bisect import bisect_right

from .scheduler import LRScheduler, for_each_group


class FactorLR(LRScheduler):
    """lr(t) = lr(0)·factor(t), as a change from step to step, so that several schedulers can act together."""

    def get_lr(self):
        t = self.last_epoch
        before, now = self.factor(t - 1) if t else 1.0, self.factor(t)
        return self._current() if before == now or self._is_resumed else [lr * now / before for lr in self._current()]


class StepLR(FactorLR):
    """Multiplied by `gamma` every `step_size` steps."""

    def __init__(self, optimizer, step_size, gamma=0.1, last_epoch=-1):
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def factor(self, t):
        return self.gamma ** (t // self.step_size)


class MultiStepLR(FactorLR):
    """Multiplied by `gamma` at each of the `milestones`."""

    def __init__(self, optimizer, milestones, gamma=0.1, last_epoch=-1):
        self.milestones, self.gamma = sorted(milestones), gamma
        super().__init__(optimizer, last_epoch)

    def factor(self, t):
        return self.gamma ** bisect_right(self.milestones, t)


class ExponentialLR(FactorLR):
    """Multiplied by `gamma` every step."""

    def __init__(self, optimizer, gamma, last_epoch=-1):
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def factor(self, t):
        return self.gamma**t


class ConstantLR(FactorLR):
    """Times `factor` for the first `total_iters` steps."""

    def __init__(self, optimizer, factor=1 / 3, total_iters=5, last_epoch=-1):
        self.start_factor, self.total_iters = factor, total_iters
        if not 0 <= factor <= 1:
            raise ValueError("Constant multiplicative factor expected to be between 0 and 1.")
        super().__init__(optimizer, last_epoch)

    def factor(self, t):
        return self.start_factor if t < self.total_iters else 1.0


class LinearLR(FactorLR):
    """From times `start_factor` to times `end_factor` in `total_iters` steps: the usual warm-up."""

    def __init__(self, optimizer, start_factor=1 / 3, end_factor=1.0, total_iters=5, last_epoch=-1):
        self.start_factor, self.end_factor, self.total_iters = start_factor, end_factor, total_iters
        if not 0 < start_factor <= 1:
            raise ValueError("Starting multiplicative factor expected to be greater than 0 and less or equal to 1.")
        if not 0 <= end_factor <= 1:
            raise ValueError("Ending multiplicative factor expected to be between 0 and 1.")
        super().__init__(optimizer, last_epoch)

    def factor(self, t):
        done = min(t, self.total_iters) / self.total_iters
        return self.start_factor + (self.end_factor - self.start_factor) * done


class LambdaLR(LRScheduler):
    """lr(0) times your own function of the step, one for all groups or one for each."""

    def __init__(self, optimizer, lr_lambda, last_epoch=-1):
        self.lr_lambdas = for_each_group(optimizer, lr_lambda, "lr_lambdas")
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        return [lr * function(self.last_epoch) for lr, function in zip(self.base_lrs, self.lr_lambdas)]
