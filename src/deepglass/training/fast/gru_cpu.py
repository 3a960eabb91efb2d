"""A GRU's steps on a processor, forward and back through time, without a note of autograd for each.

    r, z = sigmoid(W x + U h + b)      n = tanh(W x + b + r · (U h + b))      h = n + z · (h - n)

PyTorch composes a GRU of a dozen small operations per step, notes each, and walks the notes back one by one; the
products themselves take a third of the time. Here the inputs of all steps are multiplied at once, a step is seven
operations that write where they are read, and the way back is the chain rule written out: what a step hands to the one
before is one product more, and the gradients of the weights are a single product over all steps after the last one.

References:
    Cho et al. (2014), Learning Phrase Representations using RNN Encoder-Decoder, https://arxiv.org/abs/1406.1078
    Werbos (1990), Backpropagation Through Time, https://doi.org/10.1109/5.58337
    PyTorch, GRU: the reset gate is applied after the product,
        https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@contextmanager
def with_fast_gru(model: nn.Module, device: torch.device) -> Iterator[None]:
    """Inside, the GRUs of `model` learn in this way where they can; afterwards they are PyTorch's own again."""
    layers = [layer for layer in model.modules() if type(layer) is nn.GRU and layer.bias and device.type == "cpu"]
    for layer in layers:
        layer.forward = partial(forward, layer)
    try:
        yield
    finally:
        for layer in layers:
            del layer.forward


def forward(layer: nn.GRU, input: Any, hx: Tensor | None = None) -> tuple[Any, Tensor]:
    """What `layer(input, hx)` gives; whatever is not a batch of float sequences to learn from is left to PyTorch."""
    is_plain = isinstance(input, Tensor) and input.dim() == 3 and layer.weight_hh_l0.dtype == torch.float32
    if not is_plain or not torch.is_grad_enabled() or torch.compiler.is_compiling():
        return nn.GRU.forward(layer, input, hx)
    with torch.autocast("cpu", enabled=False):  # a step's products are too small to gain from bfloat16
        input = input.float()
        steps = input.transpose(0, 1) if layer.batch_first else input  # (T, B, C)
        shape = (len(layer.all_weights), steps.shape[1], layer.hidden_size)  # layers · directions
        first = steps.new_zeros(shape) if hx is None else hx.float()
        layer.check_forward_args(input, first, None)
        output, last = run_layers(layer, steps, first)
    return (output.transpose(0, 1) if layer.batch_first else output), last


def run_layers(layer: nn.GRU, steps: Tensor, first: Tensor) -> tuple[Tensor, Tensor]:
    """All layers and directions; (T, B, D·H) states of the last layer and (L·D, B, H) last states of each."""
    directions, lasts = 2 if layer.bidirectional else 1, []
    for number in range(layer.num_layers):
        if number and layer.dropout:
            steps = F.dropout(steps, layer.dropout, layer.training)
        sides = []
        for direction in range(directions):
            weights = layer.all_weights[number * directions + direction]
            along = steps.flip(0) if direction else steps
            states = Recurrence.apply(along.contiguous(), first[number * directions + direction], *weights)
            lasts.append(states[-1])
            sides.append(states.flip(0) if direction else states)
        steps = torch.cat(sides, dim=2) if direction else sides[0]
    return steps, torch.stack(lasts)


class Recurrence(torch.autograd.Function):
    """One layer in one direction.

    Shape:
        - inputs: (T, B, C); first: (B, H), the state before the first step
        - w_input: (3H, C), w_state: (3H, H), both biases: (3H,), the gates r, z, n one below the other
        - output: (T, B, H), the state after each step
    """

    @staticmethod
    def forward(
        ctx: Any, inputs: Tensor, first: Tensor, w_input: Tensor, w_state: Tensor, b_input: Tensor, b_state: Tensor
    ) -> Tensor:
        (T, B, C), H = inputs.shape, first.shape[1]
        bias = b_input + F.pad(b_state[: 2 * H], (0, H))  # the part of n is multiplied by r first
        gates = torch.addmm(bias, inputs.view(T * B, C), w_input.T).view(T, B, 3 * H)
        rz, n_inputs = gates.split((2 * H, H), dim=2)
        n_states, candidates = inputs.new_empty(2, T, B, H)
        states = inputs.new_empty(T + 1, B, H)
        states[0] = h = first
        product, w, b = inputs.new_empty(B, 3 * H), w_state.T.contiguous(), b_state[2 * H :]
        product_rz, product_n = product.split((2 * H, H), dim=1)
        steps = (rz, *rz.chunk(2, dim=2), n_inputs, n_states, candidates, states[1:])
        for both, r, z, n_input, n_state, n, new in zip(*(part.unbind() for part in steps)):
            torch.mm(h, w, out=product)
            both.add_(product_rz).sigmoid_()
            torch.add(product_n, b, out=n_state)
            torch.addcmul(n_input, r, n_state, out=n).tanh_()
            h = torch.lerp(n, h, z, out=new)
        ctx.save_for_backward(inputs, first, w_input, w_state, b_input, b_state, rz, n_states, candidates, states)
        return states[1:]

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, ...]:  # type: ignore[override]
        """Gradients of the six, by the chain rule from the last step to the first."""
        if torch.is_grad_enabled():  # somebody will ask for the gradient of this gradient
            return by_pytorch(*ctx.saved_tensors[:6], grad)
        inputs, first, w_input, w_state, _, _, rz, n_states, candidates, states = ctx.saved_tensors
        (T, B, C), H = inputs.shape, first.shape[1]
        # of the sums that go into the gates: U h of n, r, z, and W x of n, so that both matrices find theirs together
        d = inputs.new_empty(T, B, 4 * H)
        w = w_state.roll(H, dims=0)  # n, r, z
        d_h, passed, d_n, spare = grad[-1].clone(), *inputs.new_empty(3, B, H)
        steps = (*rz.chunk(2, dim=2), candidates, n_states, states[1:], d[:, :, : 3 * H], *d.chunk(4, dim=2))
        earlier = (None, *grad[:-1].unbind())
        for r, z, n, n_state, h, d_state, d_un, d_r, d_z, d_wn, more in backwards(steps, earlier):
            torch.mul(d_h, z, out=passed)  # what goes around the step
            torch.sub(d_h, passed, out=d_n)  # d_h · (1 - z)
            torch.ops.aten.tanh_backward.grad_input(d_n, n, grad_input=d_wn)
            torch.mul(d_wn, r, out=d_un)
            torch.mul(d_wn, n_state, out=spare)
            torch.ops.aten.sigmoid_backward.grad_input(spare, r, grad_input=d_r)
            torch.sub(h, n, out=spare)  # z · (state before - n)
            torch.mul(d_n, spare, out=d_z)
            torch.addmm(passed, d_state, w, out=passed)
            d_h, passed = passed, d_h
            if more is not None:
                d_h.add_(more)
        rows, states = d.view(T * B, 4 * H), states[:-1].view(T * B, H)
        d_b = rows.sum(0)
        return (
            (rows[:, H:] @ w_input).view_as(inputs),
            d_h,
            rows[:, H:].T @ inputs.view(T * B, C),
            (rows[:, : 3 * H].T @ states).roll(-H, dims=0),
            d_b[H:],
            d_b[: 3 * H].roll(-H),
        )


def backwards(parts: tuple[Tensor, ...], earlier: tuple[Tensor | None, ...]) -> Iterator[tuple]:
    """The steps of all parts together, the last one first."""
    return zip(*(reversed(part.unbind()) for part in parts), reversed(earlier))


def by_pytorch(*arguments: Tensor) -> tuple[Tensor, ...]:
    """The same gradients in a form that has gradients itself."""
    *own, grad = arguments
    inputs, first, *weights = own
    output = torch.gru(inputs, first[None], weights, True, 1, 0.0, True, False, False)[0]
    wanted = [tensor for tensor in own if tensor.requires_grad]
    found = iter(torch.autograd.grad(output, wanted, grad, create_graph=True))
    return tuple(next(found) if tensor.requires_grad else None for tensor in own)  # type: ignore[return-value]
