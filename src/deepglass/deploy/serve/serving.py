"""What every protocol does alike: find the model, keep the deadline, hold memory for the body and give it back.

async with Exchange(request, model) as exchange:
    asked, tensors = await exchange.read(understand)
    …                                           # 504 wherever the deadline passes, memory is free at the end
"""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Any, TypeVar

import numpy as np
from starlette.requests import Request

from deepglass.deploy.runtime.records import Inspected
from deepglass.deploy.serve.body import Body, Reading, read_body
from deepglass.deploy.serve.errors import RequestError
from deepglass.deploy.serve.preparation import INLINE_BYTES, LIGHT_BYTES, guarded
from deepglass.deploy.serve.served_model import ServedModel
from deepglass.deploy.serve.tensors import Tensors

DEADLINE = "X-Request-Timeout-Ms"
T = TypeVar("T")
Understand = Callable[[Body], tuple[T, Tensors | Inspected]]


def model_for(request: Request, name: str | None, version: str | None = None) -> ServedModel:
    """The model that a request means; the only one where it names none.

    Raises:
        RequestError: 404 if there is none, 422 if it does not say which of several.
    """
    registry = request.app.state.registry
    model = registry.only() if name is None else registry.choose(name, version)
    request.scope["deepglass"] = {"model": model.name, "version": model.version}
    return model


def seconds_of(microseconds: Any) -> float:
    """Triton's parameter `timeout`.

    Raises:
        RequestError: 400 if it is not a positive number.
    """
    if type(microseconds) is not int or not 0 < microseconds < 2**53:
        raise RequestError(400, "timeout: expected microseconds above 0", "timeout")
    return microseconds / 1e6


class Exchange(Reading):
    """One request and its answer.

    The deadline counts from the first byte of the request. It comes from the header X-Request-Timeout-Ms, Triton's
    parameter `timeout`, or the settings of the server.

    Raises:
        RequestError: 400 if the header of the deadline is not a number of milliseconds.
    """

    def __init__(self, request: Request, model: ServedModel):
        super().__init__(request)
        self.model = model
        self.began = request.scope.get("received_at") or asyncio.get_running_loop().time()
        self.seconds = _asked_for(self.header(DEADLINE)) or model.config.timeout_s

    async def __aenter__(self) -> "Exchange":
        self._timeout = asyncio.timeout_at(self.began + self.seconds)
        await self._timeout.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__()
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError:
            message = f"no answer within {self.seconds:g} s: send less, or allow more time"
            raise RequestError(504, message) from None

    def answer_within(self, seconds: float) -> None:
        """Another deadline, found in the body."""
        self.seconds = seconds
        self._timeout.reschedule(self.began + seconds)

    async def read(self, understand: Understand[T], *, is_heavy: bool = False) -> tuple[T, Tensors]:
        """What the body asks, read and understood; meanwhile a batch may wait for it.

        Args:
            understand: From the body to what it says, and tensors or what will become them; runs in a thread where
                the body is large.
            is_heavy: Whether it may take long although the body is small.
        """
        with self.model.batcher.arriving():
            body = await read_body(self)
        if len(body) > INLINE_BYTES or is_heavy:
            return await self._read_large(understand, body, LIGHT_BYTES + 1 if is_heavy else len(body))
        asked, found = guarded(lambda _: understand(body), lambda: True)
        if isinstance(found, dict):
            return asked, found
        if found.is_quick:
            return asked, guarded(found.encode, lambda: True)
        return asked, await self.model.unpacked(found, self.share_of(self.model.preparation.heavy.tensors))

    async def _read_large(self, understand: Understand[T], body: Body, size: int) -> tuple[T, Tensors]:
        share = self.share_of(self.model.preparation.heavy.tensors)
        asked, tensors = await self.model.prepared(lambda: understand(body), size, share)
        if not any(shares_memory(array, body) for array in tensors.values()):
            for other in self.shares:
                other.shrink_to(share.bytes if other is share else 0)
        return asked, tensors


def shares_memory(array: np.ndarray, body: Body) -> bool:
    """Whether an array's numbers are bytes of the body."""
    base: Any = array
    while isinstance(base, np.ndarray):
        base = base.base
    return isinstance(base, memoryview) and base.obj is body


def _asked_for(header: str | None) -> float | None:
    """Seconds by the header; None where it is not there."""
    if header is None:
        return None
    if not (header.isascii() and header.isdigit() and len(header) <= 10 and int(header) > 0):
        raise RequestError(400, f"{DEADLINE}: expected milliseconds above 0, got {header[:20]!r}", DEADLINE)
    return int(header) / 1000
