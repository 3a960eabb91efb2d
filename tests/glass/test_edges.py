"""Gradients and values where a function has an edge: ties, zeros, infinities, casts, masks, memory that is shared.

Each program is one kind of fault that an engine is likely to have; PyTorch says after every line what is right.
"""

import pytest
from programs.pair import Pair

D, G = "dtype=T.float64", "dtype=T.float64, requires_grad=True"
X = f"x = T.tensor([-2.0, -0.0, 0.0, 1.0, 4.0, inf, -inf, nan], {G})"
Y = f"x = T.tensor([-2.0, -0.0, 0.0, 1.0, 4.0, 6.0, inf, -inf], {G})"  # for where PyTorch's nan go now here, now there
EDGES = {
    # Masks select: what flows is taken, and not multiplied by 1, so that infinity beside them is not nan
    "clamp before a root": (X, "x1 = x.clamp(min=0).sqrt()", "x1.sum().backward()"),
    "relu before a logarithm": (X, "x1 = F.relu(x).log()", "x1.sum().backward()"),
    "maximum before a root": (X, "x1 = T.maximum(x, T.zeros_like(x)).sqrt()", "x1.sum().backward()"),
    "where before a root": (X, "x1 = T.where(x > 0, x, 0.0).sqrt()", "x1.sum().backward()"),
    "masked_fill before a root": (X, "x1 = x.masked_fill(x < 1, 0).rsqrt()", "x1.sum().backward()"),
    "relu6 before a root": (Y, "x1 = (F.relu6(x) + 0).sqrt()", "x1.sum().backward()"),
    "hardtanh before a root": (Y, "x1 = F.hardtanh(x, 0.0, 1.0).sqrt()", "x1.sum().backward()"),
    "leaky_relu of infinity": (Y, "x1 = F.leaky_relu(x, 0.0)", "x1.sum().backward()"),
    "elu of infinity": (Y, "x1 = F.elu(x) + F.selu(x) + F.celu(x, 2.0)", "x1.sum().backward()"),
    "prelu of infinity": (X, f"x1 = T.tensor([0.25], {G})", "x2 = F.prelu(x, x1)", "x2.sum().backward()"),
    "dropout of infinity": (X, "x1 = F.dropout(x, 1.0)", "x1.sum().backward()"),
    "a class that does not count": (
        f"x = T.tensor([[nan, 1.0], [2.0, 3.0]], {G})", "x1 = T.tensor([-100, 1])",
        "x2 = F.cross_entropy(x, x1, label_smoothing=0.1)", "x2.backward()",
    ),
    # Casts and comparisons cut the tape
    "times its own mask": (X, "x1 = x * x.bool()", "x1.sum().backward()"),
    "times a comparison": (X, "x1 = x[:5] * (x[:5] > 0)", "x1.sum().backward()"),
    "times its own integers": (f"x = T.tensor([1.5, -2.5], {G})", "x1 = x * x.long()", "x1.sum().backward()"),
    "an integer has no history": (f"x = T.tensor([1.5, -2.5], {G})", "x1 = x.int()", "x2 = x1.double() * 2"),
    "nor has an index of the largest": (f"x = T.tensor([1.5, -2.5], {G})", "x1 = x.argmax() * 1.0"),
    "a cast between floats goes on": (f"x = T.tensor([1.5, -2.5], {G})", "x1 = x.float() * 3", "x1.sum().backward()"),
    "a softmax with a type in its place": (
        f"x = T.tensor([1.5, -2.5], {G}).float()", "x1 = T.softmax(x, 0, T.float64)",
        "x2 = x.log_softmax(0, T.float64)", "x3 = F.softmax(x, 0, 3, T.float64)",
        "x4 = F.softmin(x, 0, 3, T.float64)", "x5 = F.softmax(x)",
    ),
    "losses with the places of old": (
        f"x = T.tensor([[0.5, 0.25]], {G})", f"y = T.tensor([[1.0, 0.0]], {D})", "z = T.tensor([1])",
        'x1 = F.mse_loss(x, y, None, None, "sum")', 'x2 = F.cross_entropy(x, z, None, None, -100, None, "sum", 0.1)',
        'x3 = F.nll_loss(x, z, None, None, 1, None, "none")', 'x4 = F.kl_div(x, y, None, None, "sum", False)',
        'x5 = F.binary_cross_entropy(x, y, None, None, None, "sum")', "x6 = F.smooth_l1_loss(x, y, beta=0.0)",
        'x7 = F.hinge_embedding_loss(x, y, 0.5, None, None, "sum")', "x8 = F.l1_loss(x, y, reduce=None)",
        'x9 = F.triplet_margin_loss(x, y, x, 1.0, 2, 1e-6, False, None, None, "none")',
    ),
    # Ties and points without a slope
    "relu at 0": (X, "x1 = F.relu(x)", "x1.sum().backward()"),
    "abs at 0": (X, "x1 = x.abs()", "x1.sum().backward()"),
    "clamp at its bounds": (X, "x1 = x.clamp(-2, 4)", "x1.sum().backward()"),
    "clamp between itself": (f"x = T.tensor([-1.0, 0.0, 2.0], {G})", "x1 = x.clamp(x, x)", "x1.sum().backward()"),
    "clamp between crossed bounds": (
        f"x = T.tensor([-1.0, 0.5, 2.0], {G})", f"x1 = T.tensor([1.0, 1.0, 1.0], {G})",
        f"x2 = T.tensor([0.0, 1.0, 3.0], {G})", "x3 = x.clamp(x1, x2)", "x3.sum().backward()",
    ),
    "maximum of equal ones": (X, "x1 = T.maximum(x, x.detach()) + T.minimum(x, x)", "x1.sum().backward()"),
    "amax of equal ones": (f"x = T.tensor([[2.0, 2.0], [1.0, 3.0]], {G})", "x1 = x.amax(1)", "x1.sum().backward()"),
    "max of all, equal ones": (f"x = T.tensor([2.0, 2.0, 1.0], {G})", "x1 = x.max()", "x1.backward()"),
    "max of a row, equal ones": (f"x = T.tensor([2.0, 2.0, 1.0], {G})", "x1 = x.max(0)[0]", "x1.backward()"),
    "max of all with nan": (f"x = T.tensor([2.0, nan, nan], {G})", "x1 = x.max()", "x1.backward()"),
    "norm at the origin": (f"x = T.zeros(3, {G})", "x1 = x.norm()", "x1.backward()"),
    "spread of equal ones": (f"x = T.ones(3, {G})", "x1 = x.std()", "x1.backward()"),
    "spread of a single one": (f"x = T.ones(1, {G})", "x1 = x.var()", "x1.backward()"),
    "powers": (
        f"x = T.tensor([0.0, 0.0, 0.0, 2.0, -2.0], {G})", f"x1 = T.tensor([0.0, 2.0, -1.0, 0.0, 2.0], {G})",
        "x2 = x ** x1", "x2.sum().backward()",
    ),
    "to its own power": (f"x = T.tensor([0.0, 1.0, 2.0], {G})", "x1 = x ** x", "x1.sum().backward()"),
    "angle at the origin": (
        f"x = T.tensor([0.0, 1.0, -0.0], {G})", f"x1 = T.tensor([0.0, 0.0, -1.0], {G})", "x2 = T.atan2(x, x1)",
        "x2.sum().backward()",
    ),
    "xlogy at 0": (f"x = T.tensor([0.0, 0.0, 1.0], {G})", f"x1 = T.tensor([0.0, 2.0, 0.0], {G})",
                   "x2 = T.xlogy(x, x1)", "x2.sum().backward()"),
    "triplets that coincide": (
        f"x = T.zeros(2, 3, {G})", f"x1 = T.zeros(2, 3, {G})", f"x2 = T.ones(2, 3, {G})",
        "x3 = F.triplet_margin_loss(x, x1, x2)", "x3.backward()",
    ),
    # nan and infinity stay where they are
    "nan in one window": (f"x = T.tensor([[[1.0, 2.0, 3.0, nan, 5.0, 6.0]]], {G})",
                          "x1 = F.adaptive_avg_pool1d(x, 3)", "x1[0, 0, 0].backward()"),
    "infinity in one window": (f"x = T.tensor([[[1.0, inf, 3.0, 4.0, -inf]]], {G})", "x1 = F.avg_pool1d(x, 2, 1)",
                               "x1.sum().backward()"),
    "a window of nan": (f"x = T.tensor([[[nan, 1.0, nan, 2.0]]], {G})", "x1 = F.max_pool1d(x, 3, 1, 1)",
                        "x1.sum().backward()"),
    "a window of minus infinity": (f"x = T.full((1, 1, 4), -inf, {G})", "x1 = F.max_pool1d(x, 3, 1, 1)",
                                   "x1.sum().backward()"),
    "softmax of minus infinity": (f"x = T.tensor([[-inf, -inf], [-inf, 1.0]], {G})", "x1 = x.softmax(1)",
                                  "x2 = x.logsumexp(1)", "(x1[1, 0] + x2[1]).backward()"),
    "resized to its own size": (f"x = T.tensor([[[1.0, inf, 2.0]]], {G})",
                                "x1 = F.interpolate(x, size=3, mode='linear')", "x1.sum().backward()"),
    "layer norm of one number": (f"x = T.tensor([[[1.0], [2.0]], [[3.0], [5.0]]], {G})", f"x1 = T.ones(2, 1, {G})",
                                 "x2 = F.layer_norm(x, (2, 1), x1)", "(x2 * x2 * x2).sum().backward()"),
    # Integers and booleans
    "division without a rest": ("x = T.tensor([-7, 7, -7, 7])", "x1 = T.tensor([2, -2, -2, 2])", "x2 = x // x1",
                                "x3 = x % x1", "x4 = T.div(x, x1, rounding_mode='trunc')", "x5 = x / x1"),
    "division by 0 of floats": ("x = T.tensor([-1.0, 0.0, 1.0, inf])", "x1 = T.tensor([0.0, -0.0, 0.0, 2.0])",
                                "x2 = x // x1", "x3 = x % x1"),
    "relu6 and hardtanh of integers": ("x = T.tensor([-3, 0, 3, 9])", "x1 = F.relu6(x)", "x2 = F.hardtanh(x)",
                                       "x3 = F.relu(x)"),
    "square of a mask": ("x = T.tensor([True, False])", "x1 = x.square()", "x2 = T.square(x)"),
    "sign of a mask is a copy": ("x = T.tensor([True, False])", "x1 = x.sign()", "x1.fill_(False)"),
    "bytes wrap around": ("x = T.tensor([250, 3], dtype=T.uint8)", "x1 = x + 10", "x2 = x * -1", "x3 = -x"),
    "masks of bytes": ("x = T.tensor([250, 0], dtype=T.uint8)", "x1 = x.all()", "x2 = x.any(0)"),
    "a bound that is a float": ("x = T.tensor([1, 2], dtype=T.uint8)", "x1 = x.clamp(-1, 1.5)", "x2 = x.clamp(2, 3)"),
    "powers of integers": ("x = T.tensor([2, -1, 0])", "x1 = x ** T.tensor([-1, -3, 0])", "x2 = 2 ** x.abs()"),
    "steps have a flat gradient": (X, "x1 = x.floor() + x.sign() + T.div(x, 2.0, rounding_mode='floor')",
                                   "x1.sum().backward()"),
    # Memory that is shared, and memory that is not
    "flip of a number": (f"x = T.tensor(2.0, {G})", "x1 = x.flip(0)", "x1.backward()"),
    "flip is a copy": (f"x = T.tensor([1.0, 2.0], {D})", "x1 = x.flip(0)", "x1[0] = 9.0"),
    "repeat is a copy": (f"x = T.tensor([1.0, 2.0], {D})", "x1 = x.repeat(1)", "x1.add_(1)"),
    "pixel_shuffle is a copy": (f"x = T.ones(1, 1, 2, 2, {D})", "x1 = F.pixel_shuffle(x, 1)", "x1.add_(1)"),
    "diagonal is a view": (f"x = T.zeros(2, 2, {D})", "x1 = x.diagonal()", "x1.fill_(3)"),
    "unfold is a view": (f"x = T.zeros(4, {D})", "x1 = x.unfold(0, 2, 2)", "x[0] = 3.0"),
    "an index keeps its place": (f"x = T.arange(24, {D}).reshape(2, 3, 4)", "x1 = x[0, :, [0, 1]]",
                                 "x2 = x[:, 0, T.tensor([1, 3])]", "x[0, :, [0, 1]] = 5.0"),
    "detach shares, data too": (f"x = T.tensor([1.0, 2.0], {G})", "x1 = x.detach()", "x2 = x.data", "x1.add_(1)"),
    "retain_grad, then in place": (f"x = T.tensor([1.0, 2.0], {G})", "x1 = x * 2", "x1.retain_grad()", "x1.mul_(3)",
                                   "x1.sum().backward()"),
    "what needs no values goes back twice": (f"x = T.tensor([1.0, 2.0], {G})", "x1 = (x + x).sum()", "x1.backward()",
                                             "x1.backward()"),
    "in place after a view": (f"x = T.tensor([1.0, 2.0], {D})", "x1 = x.view(2, 1)", "x.mul_(2)", "x1.add_(1)"),
}  # fmt: skip
REFUSED = {
    "backward from integers": (f"x = T.tensor([1.5], {G})", "x.long().float().sum().backward()"),
    "integers cannot require a gradient": ("x = T.tensor([1, 2])", "x.requires_grad_()"),
    "an integer divided by 0": ("x = T.tensor([1, 2])", "x1 = x // T.tensor([1, 0])"),
    "the rest of an integer by 0": ("x = T.tensor([1, 2])", "x1 = x % 0"),
    "the gradient of floor_divide": (f"x = T.tensor([1.5], {G})", "x1 = x // 2", "x1.sum().backward()"),
    "adding to what is expanded": (f"x = T.ones(1, {D}).expand(3)", "x.add_(1)"),
    "cat with None": (f"x = T.ones(2, {D})", "x1 = T.cat([x, None])"),
    "stack of what is no list": (f"x = T.ones(2, {D})", "x1 = T.stack(3)"),
    "view of what is turned": (f"x = T.ones(2, 3, {D})", "x1 = x.t().view(6)"),
    "retain_grad without a gradient": (f"x = T.ones(2, {D})", "x.retain_grad()"),
    "max of nothing": (f"x = T.ones(0, {D})", "x1 = x.max()"),
    "minus a mask": ("x = T.tensor([True])", "x1 = -x"),
    "subtracting masks": ("x = T.tensor([True])", "x1 = x - x"),
    "gelu of integers": ("x = T.tensor([1])", "x1 = F.gelu(x)"),
    "integers to a negative power": ("x = T.tensor([1])", "x1 = x ** -1"),
    "a mask of another shape": (f"x = T.ones(3, {D})", "x1 = x[T.tensor([True, False])]"),
    "an index that is a float": (f"x = T.ones(3, {D})", f"x1 = x[T.tensor([1.0], {D})]"),
    "a negative place to gather from": (f"x = T.ones(3, {D})", "x1 = x.gather(0, T.tensor([-1]))"),
    "classes that are floats": (f"x = T.ones(2, 3, {D})", f"x1 = F.cross_entropy(x, T.ones(2, {D}))"),
    "a result changed before the way back": (f"x = T.tensor([1.0], {G})", "x1 = x.exp()", "x1.add_(1)",
                                             "x1.sum().backward()"),
    "an input changed before the way back": (f"x = T.tensor([1.0], {G})", "x1 = T.ones(1)", "x2 = x * x1",
                                             "x1.add_(1)", "x2.sum().backward()"),
    "a leaf changed in place": (f"x = T.tensor([1.0], {G})", "x.add_(1)"),
    "back twice through kept values": (f"x = T.tensor([1.0], {G})", "x1 = x.exp().sum()", "x1.backward()",
                                       "x1.backward()"),
}  # fmt: skip


@pytest.mark.parametrize("edge", EDGES)
def test_at_an_edge_the_engine_does_what_pytorch_does(edge):
    pair = Pair()
    for line in EDGES[edge]:
        assert pair.run(line) is None
    assert not pair.is_over
    assert not pair.left_out


@pytest.mark.parametrize("case", REFUSED)
def test_what_pytorch_refuses_the_engine_refuses_in_its_own_words(case):
    *before, last = REFUSED[case]
    pair = Pair()
    for line in before:
        assert pair.run(line) is None
    assert pair.run(last) is None
    for names in (pair.torch, pair.glass):
        with pytest.raises((RuntimeError, ValueError, IndexError, TypeError)):
            exec(last, names)


@pytest.mark.parametrize("loss", ["mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"])
def test_a_loss_of_sizes_that_do_not_fit_warns_as_pytorch_does(loss):
    pair = Pair()
    lines = ("x = T.ones(4, 1)", "x1 = T.zeros(4)", f"x2 = F.{loss}(x, x1)", f"x3 = F.{loss}(x1, x1)")
    assert [pair.run(line) for line in lines] == [None] * 4
    with pytest.warns(UserWarning, match="target size"):
        exec(lines[2], pair.glass)
