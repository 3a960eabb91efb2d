"""Reading a text that grows, token by token, with what a model keeps of what it has read."""

import torch
from torch import Tensor, nn

from deepglass.core.device import device_of


class Reader:
    """Reads a text that grows, and says what follows it; what a model with a cache has read, it does not read again.

    Once the text is longer than the context, its beginning falls out of sight with every token. Then all positions
    shift, nothing that was kept holds any more, and the window is read anew.

    Args:
        model: tokens (1, T) → logits (1, T, V); one with `new_cache` also takes that.
        context: Most tokens that the model can see.
    """

    def __init__(self, model: nn.Module, context: int):
        self.model, self.context = model, context
        self.device = device_of(model)
        self.cache = model.new_cache() if hasattr(model, "new_cache") else None
        self.num_read = 0

    def read(self, seen: list[int]) -> Tensor:
        """Logits (V,) of what follows `seen`, which begins with what was read before."""
        return self.read_last(seen, 1)[0]

    @torch.no_grad()
    def read_last(self, seen: list[int], count: int) -> Tensor:
        """Logits (count, V) of what follows each of the last places of `seen`, none of which was read before."""
        if self.cache is None or len(seen) > self.context:
            logits = self.model(torch.tensor([seen[-self.context :]], device=self.device))
        else:
            logits = self.model(torch.tensor([seen[self.num_read :]], device=self.device), self.cache)
            self.num_read = len(seen)
        return logits[0, -count:].float().cpu()

    def back_to(self, length: int) -> None:
        """Forget what was read behind so many tokens; all of it where the cache cannot be cut."""
        if self.cache is None or self.num_read <= length:
            return
        can_cut = isinstance(self.cache, list) and all(hasattr(part, "cut") for part in self.cache)
        if can_cut:
            for part in self.cache:
                part.cut(length)
        else:
            self.cache = self.model.new_cache()  # type: ignore[operator]
        self.num_read = length if can_cut else 0
