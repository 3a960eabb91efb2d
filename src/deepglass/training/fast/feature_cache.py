"""Feature extraction: where only the head learns, the frozen layers run once per example and not once per epoch.

    with features_kept(model, "fc", train, val, precision) as (train, val):
        fit(model, learner, train, val, config)

What the head receives is kept when an example is first seen, in the batch in which it is seen, so the head learns from
the same numbers as without. Inside the block the network's forward is its head alone: the loop and the learner
notice nothing, and weights, checkpoints and copies of the network stay whole.

References:
    Donahue et al. (2014), DeCAF: A Deep Convolutional Activation Feature for Generic Visual Recognition,
    https://arxiv.org/abs/1310.1531
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import MethodType

import torch
from torch import Tensor, nn

from deepglass.core.device import autocast, device_of
from deepglass.data.examples import Batch, Examples, announce

FeaturesOf = Callable[..., Tensor]


@contextmanager
def features_kept(
    model: nn.Module, head: str, train: Examples, val: Examples, precision: str
) -> Iterator[tuple[Examples, Examples]]:
    """Training and validation examples as the head sees them; inside, `model` expects them.

    Args:
        model: Everything but its head is frozen.
        head: Name of the layer that answers; the network gives what it gives, at most flattened.
        train, val: Examples that are the same every time they are asked for.
        precision: In which the network computes.
    """

    def features_of(*inputs: Tensor) -> Tensor:
        with torch.no_grad(), autocast(precision, inputs[0].device):
            return features_before(model, head, inputs).float()  # whatever the head is computed in

    model.forward = MethodType(lambda self, features: _answer(self.get_submodule(head)(features)), model)
    try:
        yield KeptFeatures(train, features_of), KeptFeatures(val, features_of)
    finally:
        del model.forward


def can_keep(model: nn.Module, head: str, examples: Examples) -> bool:
    """Whether a network is its head on features: whether the head alone gives what the network gives."""
    if "forward" in vars(model):  # computed by somebody else, such as the glass engine
        return False
    device = device_of(model)
    *inputs, _ = examples.to(device).batch(torch.arange(min(2, len(examples))))
    with torch.no_grad():
        model.eval()
        features = features_before(model, head, inputs)
        return torch.equal(_answer(model.get_submodule(head)(features)), model(*inputs))


def features_before(model: nn.Module, head: str, inputs: Sequence[Tensor]) -> Tensor:
    """What the head receives for these inputs.

    Raises:
        AssertionError: If the network answered without its head.
    """

    def stop(_: nn.Module, received: tuple[Tensor, ...]) -> None:
        raise Reached(received[0])

    hook = model.get_submodule(head).register_forward_pre_hook(stop)
    try:
        type(model).forward(model, *inputs)
    except Reached as reached:
        return reached.features
    finally:
        hook.remove()
    raise AssertionError(f"the network answered without its head {head!r}")


class Reached(Exception):
    """The head is about to be called: there is nothing more to compute."""

    def __init__(self, features: Tensor):
        self.features = features


def _answer(logits: Tensor) -> Tensor:
    """A head that is a convolution answers with a picture of one pixel."""
    return logits.flatten(1)


class KeptFeatures:
    """Examples whose inputs are features, computed when an example is first asked for.

    Args:
        examples: What the network reads.
        features_of: From the inputs of a batch to features (B, ...).
    """

    def __init__(self, examples: Examples, features_of: FeaturesOf):
        self.examples, self.features_of = examples, features_of
        self.features: Tensor | None = None  # (N, ...)
        self.targets: Tensor | None = None  # (N, ...)
        self.is_known = torch.zeros(len(examples), dtype=torch.bool)

    def __len__(self) -> int:
        return len(self.examples)

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """What the examples hold in memory; their device is that of the features."""
        return self.examples.tensors  # type: ignore[attr-defined]

    def batch(self, indices: Tensor) -> Batch:
        """Features and targets at `indices`."""
        new = self._unknown(indices)
        if len(new):
            self._learn(new)
        assert self.features is not None
        assert self.targets is not None
        indices = indices.to(self.features.device, non_blocking=True)
        return self.features.index_select(0, indices), self.targets.index_select(0, indices)

    def to(self, device: torch.device) -> "KeptFeatures":
        return KeptFeatures(self.examples.to(device), self.features_of)

    def announce(self, batches: Sequence[Tensor]) -> None:
        """Pass on what is not known yet."""
        unknown = [self._unknown(indices) for indices in batches]
        announce(self.examples, [indices for indices in unknown if len(indices)])

    def _unknown(self, indices: Tensor) -> Tensor:
        """Those of the indices whose features are not there, each once, in their order."""
        at = indices.cpu()
        new = at[~self.is_known[at]]
        return torch.tensor(list(dict.fromkeys(new.tolist())), dtype=torch.int64)

    def _learn(self, new: Tensor) -> None:
        *inputs, targets = self.examples.batch(new)
        features = self.features_of(*inputs)
        if self.features is None or self.targets is None:
            self.features = features.new_zeros(len(self), *features.shape[1:])
            self.targets = targets.new_zeros(len(self), *targets.shape[1:])
        self.features[new], self.targets[new] = features, targets
        self.is_known[new] = True
