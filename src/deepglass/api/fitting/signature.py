"""What the forward of a module takes, so that data can be given to it by order or by name, and errors can say it."""

import inspect
from dataclasses import dataclass
from typing import Any

from torch import nn

from deepglass.core.wording import listing


@dataclass(frozen=True)
class Signature:
    """The parameters of a forward.

    names: Those that may be given by name, in their order.
    required: How many have no default.
    most: How many may be given by order; None without a limit.
    takes_any_name: Whether it has `**kwargs`.
    """

    names: tuple[str, ...]
    required: int
    most: int | None
    takes_any_name: bool

    def __str__(self) -> str:
        return listing(self.names, 12) or "what it likes"

    def takes(self, count: int) -> bool:
        """Whether so many inputs may be given by order."""
        return self.required <= count and (self.most is None or count <= self.most)

    def knows(self, name: str) -> bool:
        """Whether an input may be given by this name."""
        return name in self.names or self.takes_any_name


OPEN = Signature((), 0, None, True)  # of a forward that cannot be read, such as a compiled one's


def signature_of(module: nn.Module) -> Signature:
    """Read the forward of a module, also inside what `torch.compile` and data parallelism wrap around it."""
    inner: Any = getattr(module, "_orig_mod", module)
    inner = inner.module if isinstance(inner, nn.DataParallel) else inner
    try:
        parameters = inspect.signature(inner.forward).parameters.values()
    except (TypeError, ValueError):
        return OPEN
    kinds = inspect.Parameter
    by_order = [p for p in parameters if p.kind in (kinds.POSITIONAL_ONLY, kinds.POSITIONAL_OR_KEYWORD)]
    by_name = [p for p in parameters if p.kind in (kinds.POSITIONAL_OR_KEYWORD, kinds.KEYWORD_ONLY)]
    has_any = any(p.kind is kinds.VAR_POSITIONAL for p in parameters)
    return Signature(
        names=tuple(p.name for p in by_name),
        required=sum(p.default is p.empty for p in [*by_order, *(p for p in by_name if p not in by_order)]),
        most=None if has_any else len(by_order),
        takes_any_name=any(p.kind is kinds.VAR_KEYWORD for p in parameters),
    )
