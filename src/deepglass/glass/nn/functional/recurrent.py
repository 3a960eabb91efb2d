"""One layer of a recurrent network over a whole sequence, with backpropagation through time written out.

Names: T steps, B batch, H hidden units. Input x (T, B, in), weights w_ih (gates·H, in) and w_hh (gates·H, H). The
products with the input are taken for all steps at once, and so are, on the way back, those that give the gradients of
the weights: only the products with the previous state must wait for their turn.
Backpropagation through time: Werbos (1990), https://doi.org/10.1109/5.58337.
"""

import numpy as np

from ...op import op, share


def _sigmoid_(x):
    """σ(x) = ½·tanh(x/2) + ½, in place."""
    x *= 0.5
    np.tanh(x, out=x)
    x *= 0.5
    x += 0.5
    return x


def _inputs(x, w_ih, b_ih, b_hh=None):
    """W_ih·x + b for all steps: (T, B, gates·H)."""
    sums = x.reshape(-1, x.shape[-1]) @ w_ih.T
    for b in (b_ih, b_hh):
        if b is not None:
            sums += b
    return sums.reshape(*x.shape[:2], -1)


def _weight_gradients(d, x, before, w_ih, b_ih, b_hh):
    """∂x, ∂W_ih, ∂W_hh, ∂b from the gradients d (T, B, gates·H) of the sums; `before`: the states before."""
    rows = d.reshape(-1, d.shape[-1])  # (T·B, gates·H)
    bias = rows.sum(0)
    return (
        (rows @ w_ih).reshape(x.shape),
        rows.T @ x.reshape(rows.shape[0], -1),
        rows.T @ before.reshape(rows.shape[0], -1),
        bias if b_ih is not None else None,
        bias.copy() if b_hh is not None else None,
    )


@op
def _lstm(x, h0, c0, w_ih, w_hh, b_ih, b_hh):
    """All hidden states, and below them the last cell state: (T + 1, B, H)."""
    T, B, H = x.shape[0], *h0.shape
    scale = np.repeat(np.array([0.5, 0.5, 1, 0.5], x.dtype), H)  # σ(x) = ½·tanh(x/2) + ½: all gates are one tanh
    gates, wt = _inputs(x, w_ih, b_ih, b_hh) * scale, w_hh.T * scale  # i f g o, side by side: (T, B, 4H)
    i, f, g, o = (gates[..., k * H : (k + 1) * H] for k in range(4))
    out, cells, tanhs = (np.empty((n, B, H), x.dtype) for n in (T + 1, T + 1, T))
    cells[0], h = c0, h0
    for t in range(T):
        a = gates[t]
        a += h @ wt
        np.tanh(a, out=a)
        a *= scale
        a += 1 - scale
        c = np.multiply(f[t], cells[t], out=cells[t + 1])
        c += i[t] * g[t]  # cₜ = f·cₜ₋₁ + i·g
        h = np.multiply(o[t], np.tanh(c, out=tanhs[t]), out=out[t])  # hₜ = o·tanh cₜ
    out[T] = cells[T]

    def backward(grad):
        slopes = gates * (1 - gates)  # σ′ = σ·(1 − σ)
        slopes[..., 2 * H : 3 * H] = 1 - g * g  # tanh′ = 1 − tanh²
        to_cell = o * (1 - tanhs * tanhs)  # ∂hₜ/∂cₜ
        d, dh, dc = np.empty_like(gates), np.zeros_like(h0), grad[T].copy()
        di, df, dg, do = (d[..., k * H : (k + 1) * H] for k in range(4))
        for t in range(T - 1, -1, -1):
            dh += grad[t]
            dc += dh * to_cell[t]
            np.multiply(dc, g[t], out=di[t])
            np.multiply(dc, cells[t], out=df[t])
            np.multiply(dc, i[t], out=dg[t])
            np.multiply(dh, tanhs[t], out=do[t])
            d[t] *= slopes[t]
            dc *= f[t]
            dh = d[t] @ w_hh
        before = np.concatenate([h0[None], out[: T - 1]])
        dx, dw_ih, dw_hh, db_ih, db_hh = _weight_gradients(d, x, before, w_ih, b_ih, b_hh)
        return dx, dh, dc, dw_ih, dw_hh, db_ih, db_hh

    return out, *share(backward, 7)


def lstm_layer(x, h0, c0, w_ih, w_hh, b_ih=None, b_hh=None):
    """Long short-term memory (Hochreiter and Schmidhuber, 1997): all hₜ (T, B, H), h_T and c_T (B, H)."""
    packed, T = _lstm(x, h0, c0, w_ih, w_hh, b_ih, b_hh), x.array.shape[0]
    return packed[:T], packed[T - 1], packed[T]


@op
def _gru(x, h0, w_ih, w_hh, b_ih, b_hh):
    T, B, H = x.shape[0], *h0.shape
    gates = _inputs(x, w_ih, b_ih)  # r z n, side by side
    out, news = np.empty((T, B, H), x.dtype), np.empty((T, B, H), x.dtype)  # `news`: W_hn·h + b_hn
    h, wt = h0, np.ascontiguousarray(w_hh.T)
    for t in range(T):
        a, s = gates[t], h @ wt
        if b_hh is not None:
            s += b_hh
        rz, n = a[:, : 2 * H], a[:, 2 * H :]
        rz += s[:, : 2 * H]
        _sigmoid_(rz)
        news[t] = s[:, 2 * H :]
        n += rz[:, :H] * news[t]
        np.tanh(n, out=n)
        h = np.add(n, rz[:, H:] * (h - n), out=out[t])  # hₜ = (1 − z)·n + z·hₜ₋₁

    def backward(grad):
        d, ds = np.empty_like(gates), np.empty_like(gates)  # gradients of both sums: they differ in n only
        dh = np.zeros_like(h0)
        for t in range(T - 1, -1, -1):
            r, z, n = (gates[t][:, k * H : (k + 1) * H] for k in range(3))
            dr, dz, dn = (d[t][:, k * H : (k + 1) * H] for k in range(3))
            dh += grad[t]
            before = out[t - 1] if t else h0
            np.multiply(dh * (1 - z), 1 - n * n, out=dn)
            np.multiply(dh * (before - n), z * (1 - z), out=dz)
            np.multiply(dn * news[t], r * (1 - r), out=dr)
            ds[t] = d[t]
            ds[t][:, 2 * H :] *= r
            dh = dh * z + ds[t] @ w_hh
        before = np.concatenate([h0[None], out[: T - 1]])
        dx, dw_ih, _, db_ih, _ = _weight_gradients(d, x, before, w_ih, b_ih, None)
        rows = ds.reshape(T * B, -1)
        return dx, dh, dw_ih, rows.T @ before.reshape(T * B, H), db_ih, None if b_hh is None else rows.sum(0)

    return out, *share(backward, 6)


def gru_layer(x, h0, w_ih, w_hh, b_ih=None, b_hh=None):
    """Gated recurrent unit (Cho et al., 2014): all hₜ (T, B, H) and h_T (B, H)."""
    out = _gru(x, h0, w_ih, w_hh, b_ih, b_hh)
    return out, out[-1]


@op
def _rnn(x, h0, w_ih, w_hh, b_ih, b_hh, nonlinearity):
    T = x.shape[0]
    out = _inputs(x, w_ih, b_ih, b_hh)  # becomes the states, step by step
    h, wt = h0, np.ascontiguousarray(w_hh.T)
    for t in range(T):
        out[t] += h @ wt
        h = np.tanh(out[t], out=out[t]) if nonlinearity == "tanh" else np.maximum(out[t], 0, out=out[t])

    def backward(grad):
        d, dh = np.empty_like(out), np.zeros_like(h0)
        for t in range(T - 1, -1, -1):
            dh += grad[t]
            np.multiply(dh, 1 - out[t] * out[t] if nonlinearity == "tanh" else out[t] > 0, out=d[t])
            dh = d[t] @ w_hh
        before = np.concatenate([h0[None], out[: T - 1]])
        dx, *rest = _weight_gradients(d, x, before, w_ih, b_ih, b_hh)
        return dx, dh, *rest

    return out, *share(backward, 6)


def rnn_layer(x, h0, w_ih, w_hh, b_ih=None, b_hh=None, nonlinearity="tanh"):
    """Elman's network (1990): all hₜ = tanh(W·xₜ + U·hₜ₋₁ + b) (T, B, H), and h_T (B, H)."""
    out = _rnn(x, h0, w_ih, w_hh, b_ih, b_hh, nonlinearity)
    return out, out[-1]
