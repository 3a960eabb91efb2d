"""Recurrent networks: one cell read along a sequence, its state carried from step to step.

RNN: Elman (1990), https://doi.org/10.1207/s15516709cog1402_1. LSTM: Hochreiter & Schmidhuber (1997),
https://doi.org/10.1162/neco.1997.9.8.1735. GRU: Cho et al. (2014), https://arxiv.org/abs/1406.1078.
The cells at the bottom are one step, written out; `F.recurrent` holds the same step in a loop over time.

Left out: LSTM's `proj_size`, packed sequences.
"""

import math

from ..creation import empty, zeros
from ..left_out import refuse
from ..ops.shape import cat, stack
from . import functional as F
from . import init
from .module import Module, Parameter


class _Recurrent(Module):
    """Layers × directions of one recurrent kernel.

    Args:
        input_size: Width of the input at a step.
        hidden_size: Width H of the state.
        num_layers: Layers L; each reads the outputs of the one below.
        bias: Whether there are offsets.
        batch_first: Whether sequences are (B, T, ·) rather than (T, B, ·).
        dropout: Probability of dropping a value between two layers while training.
        bidirectional: Whether a second reader goes from the end to the start (D = 2, otherwise D = 1).

    Shape:
        - input: (T, B, input_size), or (T, input_size) without a batch
        - states: (L·D, B, H), zeros if not given
        - output: (T, B, D·H)
    """

    gates, num_states = 1, 1

    def __init__(
        self, input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0, bidirectional=False,
        **factory,
    ):  # fmt: skip
        super().__init__()
        if hidden_size <= 0 or num_layers <= 0:
            raise ValueError(f"hidden_size and num_layers must be positive, got {hidden_size} and {num_layers}")
        if not 0 <= dropout <= 1:
            raise ValueError(f"dropout should be a number in range [0, 1], the probability of dropping, got {dropout}")
        self.input_size, self.hidden_size, self.num_layers, self.bias = input_size, hidden_size, num_layers, bias
        self.batch_first, self.dropout, self.bidirectional = batch_first, float(dropout), bidirectional
        directions = 2 if bidirectional else 1
        self._suffixes = [f"_l{i}{end}" for i in range(num_layers) for end in ("", "_reverse")[:directions]]
        for position, suffix in enumerate(self._suffixes):
            width = input_size if position < directions else hidden_size * directions
            _add_gates(self, suffix, width, hidden_size, self.gates, bias, factory)

    def forward(self, input, hx=None):
        if input.dim() not in (2, 3):
            raise ValueError(f"{type(self).__name__}: Expected input to be 2D or 3D, got {input.dim()}D instead")
        is_batched = input.dim() == 3
        if not is_batched:
            x = input.unsqueeze(1)  # (T, 1, input_size)
        else:
            x = input.transpose(0, 1) if self.batch_first else input  # (T, B, input_size)
        states = self._states(x, hx, is_batched)
        output, states = self._run(x, states)  # (T, B, D·H), each (L·D, B, H)
        if not is_batched:
            output, states = output.squeeze(1), [state.squeeze(1) for state in states]
        elif self.batch_first:
            output = output.transpose(0, 1)
        return output, states[0] if self.num_states == 1 else tuple(states)

    def _run(self, x, states):
        finals = []
        directions = 2 if self.bidirectional else 1
        for layer in range(self.num_layers):
            outputs = []
            for position in range(layer * directions, (layer + 1) * directions):
                goes_back = position % directions == 1
                output, *final = self._kernel(
                    x.flip(0) if goes_back else x, *(state[position] for state in states), *self._weights(position)
                )
                outputs.append(output.flip(0) if goes_back else output)
                finals.append(final)
            x = cat(outputs, -1) if self.bidirectional else outputs[0]  # (T, B, D·H)
            if self.dropout and layer < self.num_layers - 1:
                x = F.dropout(x, self.dropout, self.training)
        return x, [stack(final) for final in zip(*finals)]

    def _weights(self, position):
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        return (self._parameters.get(name + self._suffixes[position]) for name in names)

    def _states(self, x, hx, is_batched):
        """The given first states or zeros, each (L·D, B, H)."""
        _, B, width = x.shape
        if width != self.input_size:
            raise RuntimeError(f"input.size(-1) must be equal to input_size. Expected {self.input_size}, got {width}")
        shape = (len(self._suffixes), B, self.hidden_size)
        if hx is None:
            return [zeros(*shape, dtype=x.dtype)] * self.num_states
        states = [hx] if self.num_states == 1 else list(hx)
        states = states if is_batched else [state.unsqueeze(1) for state in states]
        for state in states:
            if tuple(state.shape) != shape:
                raise RuntimeError(f"Expected hidden size {shape}, got {list(state.shape)}")
        return states

    def extra_repr(self):
        usual = {"num_layers": 1, "bias": True, "batch_first": False, "dropout": 0.0, "bidirectional": False}
        parts = [f"{name}={getattr(self, name)}" for name, value in usual.items() if getattr(self, name) != value]
        return ", ".join([f"{self.input_size}, {self.hidden_size}", *parts])


class RNN(_Recurrent):
    """hₜ = tanh(W_ih xₜ + b_ih + W_hh hₜ₋₁ + b_hh), or ReLU in the place of tanh; returns output, h_T.

    Raises:
        ValueError: If the nonlinearity is neither 'tanh' nor 'relu'.
    """

    def __init__(self, input_size, hidden_size, num_layers=1, nonlinearity="tanh", *args, **kwargs):
        super().__init__(input_size, hidden_size, num_layers, *args, **kwargs)
        self.nonlinearity = _known(nonlinearity)

    def _kernel(self, *inputs):
        return F.recurrent.rnn_layer(*inputs, self.nonlinearity)


class LSTM(_Recurrent):
    """Three gates guard a memory c: cₜ = f·cₜ₋₁ + i·g, hₜ = o·tanh(cₜ); returns output, (h_T, c_T)."""

    gates, num_states = 4, 2

    def __init__(
        self, input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0, bidirectional=False,
        proj_size=0, **factory,
    ):  # fmt: skip
        refuse("LSTM", proj_size=proj_size or None)
        settings = (num_layers, bias, batch_first, dropout, bidirectional)
        super().__init__(input_size, hidden_size, *settings, **factory)

    def _kernel(self, *inputs):
        return F.recurrent.lstm_layer(*inputs)


class GRU(_Recurrent):
    """Two gates mix old state and new: hₜ = (1 - z)·n + z·hₜ₋₁; returns output, h_T."""

    gates = 3

    def _kernel(self, *inputs):
        return F.recurrent.gru_layer(*inputs)


class _Cell(Module):
    """One step of a recurrent network: input (B, input_size) or (input_size), state (B, H) or (H)."""

    gates = 1

    def __init__(self, input_size, hidden_size, bias=True, **factory):
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        _add_gates(self, "", input_size, hidden_size, self.gates, bias, factory)

    def forward(self, input, hx=None):
        if input.dim() not in (1, 2):
            raise ValueError(f"{type(self).__name__}: Expected input to be 1D or 2D, got {input.dim()}D instead")
        zero = zeros(*input.shape[:-1], self.hidden_size, dtype=input.dtype)
        h, *c = hx if isinstance(hx, tuple) else (zero if hx is None else hx, zero)
        bias_ih, bias_hh = (self._parameters.get(name) for name in ("bias_ih", "bias_hh"))
        return self._step(F.linear(input, self.weight_ih, bias_ih), F.linear(h, self.weight_hh, bias_hh), h, *c)

    def extra_repr(self):
        return f"{self.input_size}, {self.hidden_size}" + ("" if self.bias else ", bias=False")


class RNNCell(_Cell):
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or ReLU in the place of tanh.

    Raises:
        ValueError: If the nonlinearity is neither 'tanh' nor 'relu'.
    """

    def __init__(self, input_size, hidden_size, bias=True, nonlinearity="tanh", **factory):
        super().__init__(input_size, hidden_size, bias, **factory)
        self.nonlinearity = _known(nonlinearity)

    def _step(self, from_input, from_state, h, _):
        return getattr(F, self.nonlinearity)(from_input + from_state)

    def extra_repr(self):
        return super().extra_repr() + ("" if self.nonlinearity == "tanh" else f", nonlinearity={self.nonlinearity}")


class LSTMCell(_Cell):
    """i, f, g, o = σ, σ, tanh, σ of the sums; c' = f·c + i·g; h' = o·tanh(c')."""

    gates = 4

    def _step(self, from_input, from_state, h, c):
        i, f, g, o = (from_input + from_state).chunk(4, -1)  # each (B, H)
        c = F.sigmoid(f) * c + F.sigmoid(i) * F.tanh(g)
        return F.sigmoid(o) * F.tanh(c), c


class GRUCell(_Cell):
    """r, z = σ, σ of the sums; n = tanh(x's sum + r·h's sum); h' = (1 - z)·n + z·h."""

    gates = 3

    def _step(self, from_input, from_state, h, _):
        (xr, xz, xn), (hr, hz, hn) = from_input.chunk(3, -1), from_state.chunk(3, -1)  # each (B, H)
        r, z = F.sigmoid(xr + hr), F.sigmoid(xz + hz)
        n = F.tanh(xn + r * hn)
        return (1 - z) * n + z * h


def _known(nonlinearity):
    if nonlinearity not in ("tanh", "relu"):
        raise ValueError(f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'.")
    return nonlinearity


def _add_gates(module, suffix, input_size, hidden_size, gates, bias, factory):
    """Give the module the weights of all gates stacked, drawn from U(-1/√H, 1/√H)."""
    shapes = {"weight_ih": (gates * hidden_size, input_size), "weight_hh": (gates * hidden_size, hidden_size)}
    if bias:
        shapes |= {"bias_ih": (gates * hidden_size,), "bias_hh": (gates * hidden_size,)}
    bound = 1 / math.sqrt(hidden_size)
    for name, shape in shapes.items():
        param = Parameter(empty(*shape, **factory))
        module.register_parameter(name + suffix, init.uniform_(param, -bound, bound))
