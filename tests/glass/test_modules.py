"""Modules find their parameters, save, load, print and begin as PyTorch's do."""

import copy
import re
from collections import OrderedDict

import numpy as np
import pytest
import torch
from torch.testing._internal.common_modules import module_db
from torch_bridge import as_array, to_glass

from deepglass import glass
from deepglass.glass import nn

PROVES = {"test_initialiser_draws_pytorchs_numbers": ("glass/nn/init.py",)}  # read by `deepglass read`

ENGINES = (glass, torch)


def small_net(engine):
    return engine.nn.Sequential(
        engine.nn.Linear(3, 4), engine.nn.ReLU(), engine.nn.BatchNorm1d(4), engine.nn.Linear(4, 2)
    )


def one_of_each():
    """Every module of PyTorch's database that we have, once, on both engines, from the same seed."""
    for info in module_db:
        name = info.name.removeprefix("nn.")
        if name not in vars(nn):
            continue
        for sample in info.module_inputs_func(
            info, device="cpu", dtype=torch.float32, requires_grad=False, training=True
        )[:4]:
            args, kwargs = sample.constructor_input.args, sample.constructor_input.kwargs
            torch.manual_seed(3)
            glass.manual_seed(3)
            theirs = info.module_cls(*args, **kwargs)
            try:
                ours = getattr(nn, name)(*to_glass(args), **to_glass(kwargs))
            except NotImplementedError:  # an option that is left out
                continue
            yield name, ours, theirs


def printed(module):
    """The text of a module without what differs: PyTorch 2.11 and 2.13, an inner class, and `(2,)` for 2."""
    text = re.sub(r", bias=\w+", "", repr(module)).replace("NonDynamicallyQuantizableLinear", "Linear")
    return re.sub(r"\((\d+),\)", r"\1", text)


# ---- Names, printing, first values ---------------------------------------------------------------------------------


def test_every_module_has_pytorchs_keys_and_prints_like_it():
    for name, ours, theirs in one_of_each():
        assert list(ours.state_dict()) == list(theirs.state_dict()), name
        assert [n for n, _ in ours.named_parameters()] == [n for n, _ in theirs.named_parameters()], name
        assert printed(ours) == printed(theirs), name


def test_every_module_begins_with_pytorchs_own_numbers_from_the_same_seed():
    for name, ours, theirs in one_of_each():
        if name.startswith("TransformerEncoder"):
            continue  # its layer is an argument, drawn before the seed
        for key, value in theirs.state_dict().items():
            np.testing.assert_allclose(
                as_array(ours.state_dict()[key]), as_array(value), atol=1e-6, err_msg=f"{name} {key}"
            )


INITIALISERS = {
    "uniform_": (-1.0, 3.0),
    "normal_": (1.0, 2.0),
    "trunc_normal_": (0.5, 2.0, -1.0, 2.0),
    "constant_": (0.3,),
    "ones_": (),
    "zeros_": (),
    "xavier_uniform_": (2.0,),
    "xavier_normal_": (),
    "kaiming_uniform_": (0.2,),
    "kaiming_normal_": (0, "fan_out", "relu"),
    "orthogonal_": (1.5,),
}


@pytest.mark.parametrize("shape", [(40, 30), (20, 50), (8, 4, 3, 3)], ids=str)
@pytest.mark.parametrize("name", INITIALISERS)
def test_initialiser_draws_pytorchs_numbers(name, shape):
    values = []
    for engine in ENGINES:
        engine.manual_seed(7)
        tensor = engine.empty(*shape)
        assert getattr(engine.nn.init, name)(tensor, *INITIALISERS[name]) is tensor
        values.append(as_array(tensor))
    np.testing.assert_allclose(*values, atol=2e-5)


def test_truncated_normal_far_in_the_tail_is_refused():
    with pytest.raises(NotImplementedError, match="left out"):
        nn.init.trunc_normal_(glass.empty(2000), mean=0.0, std=1.0, a=2.0, b=9.0)


def test_gains():
    for name in ("linear", "conv2d", "sigmoid", "tanh", "relu", "leaky_relu", "selu"):
        assert nn.init.calculate_gain(name) == pytest.approx(torch.nn.init.calculate_gain(name))
    for engine in ENGINES:
        with pytest.raises(ValueError, match="Unsupported nonlinearity swoosh"):
            engine.nn.init.calculate_gain("swoosh")
        with pytest.raises(ValueError, match="fewer than 2 dimensions"):
            engine.nn.init.xavier_uniform_(engine.empty(3))


# ---- Saving and loading --------------------------------------------------------------------------------------------


def test_loading_says_what_is_missing_unexpected_and_of_another_size():
    messages = []
    for engine in ENGINES:
        net = small_net(engine)
        state = OrderedDict(net.state_dict())
        state["extra"] = state.pop("0.bias")
        state["3.weight"] = engine.zeros(2, 5)
        with pytest.raises(RuntimeError) as error:
            net.load_state_dict(state)
        messages.append(str(error.value))
    assert messages[0] == messages[1]


def test_loading_not_strictly_returns_the_names():
    for engine in ENGINES:
        net = small_net(engine)
        state = OrderedDict(net.state_dict())
        state["extra"] = state.pop("0.bias")
        keys = net.load_state_dict(state, strict=False)
        assert (keys.missing_keys, keys.unexpected_keys) == (["0.bias"], ["extra"])


def test_weights_go_across_both_ways():
    theirs, ours = small_net(torch), small_net(glass)
    ours.load_state_dict(theirs.state_dict())
    back = small_net(torch)
    back.load_state_dict({name: torch.from_numpy(value.numpy()) for name, value in ours.state_dict().items()})
    for name, value in theirs.state_dict().items():
        assert torch.equal(value, back.state_dict()[name])


def test_state_dict_shares_memory_and_leaves_out_what_is_not_persistent():
    layer = nn.Linear(2, 2)
    layer.register_buffer("kept", glass.ones(1))
    layer.register_buffer("dropped", glass.ones(1), persistent=False)
    state = layer.state_dict()
    assert list(state) == ["weight", "bias", "kept"]
    nn.init.zeros_(layer.weight)
    assert not state["weight"].numpy().any()


def test_copies_are_independent():
    net = small_net(glass)
    other = copy.deepcopy(net)
    nn.init.zeros_(other[0].weight)
    assert net[0].weight.detach().numpy().any()
    assert isinstance(other[0].weight, nn.Parameter)
    assert repr(net) == repr(other)


# ---- The tree ------------------------------------------------------------------------------------------------------


def test_walks_equal_pytorchs():
    walks = []
    for engine in ENGINES:
        net = engine.nn.ModuleDict({"a": small_net(engine), "b": engine.nn.ModuleList([engine.nn.Identity()])})
        net["shared"] = net["a"][0]
        walks.append(
            [
                [name for name, _ in net.named_modules()],
                [name for name, _ in net.named_parameters()],
                [name for name, _ in net.named_buffers()],
                [name for name, _ in net.named_children()],
                [type(module).__name__ for module in net.modules()],
                list(net.state_dict()),
                type(net.get_submodule("a.1")).__name__,
                printed(net),
            ]
        )
    assert walks[0] == walks[1]


def test_modes_apply_and_freezing_reach_everything():
    net = small_net(glass)
    assert not any(module.training for module in net.eval().modules())
    seen = []
    net.train().apply(lambda module: seen.append(type(module).__name__))
    assert seen == ["Linear", "ReLU", "BatchNorm1d", "Linear", "Sequential"]
    assert not any(param.requires_grad for param in net.requires_grad_(False).parameters())


def test_conversion_reaches_floats_only():
    net = small_net(glass).double()
    kinds = {name: value.dtype for name, value in net.state_dict().items()}
    assert kinds.pop("2.num_batches_tracked") is glass.int64
    assert set(kinds.values()) == {glass.float64}
    assert net.to("cpu").float()[0].weight.dtype is glass.float32
    assert isinstance(net[0].weight, nn.Parameter)
    with pytest.raises(NotImplementedError, match="cuda"):
        net.to("cuda")


def test_zero_grad_forgets():
    net = small_net(glass)
    net(glass.randn(5, 3)).sum().backward()
    assert all(param.grad is not None for param in net.parameters())
    net.zero_grad()
    assert all(param.grad is None for param in net.parameters())


def test_hooks_see_and_change_and_go_away():
    for engine in ENGINES:
        layer, seen = engine.nn.Linear(2, 2), []
        before = layer.register_forward_pre_hook(lambda module, inputs: (inputs[0] * 0,))
        after = layer.register_forward_hook(
            lambda module, inputs, output, seen=seen: seen.append(inputs[0].sum().item())
        )
        double = layer.register_forward_hook(lambda module, inputs, output: output * 2)
        output = layer(engine.ones(1, 2))
        np.testing.assert_allclose(as_array(output)[0], as_array(layer.bias) * 2, rtol=1e-6)
        assert seen == [0.0]
        for handle in (before, after, double):
            handle.remove()
        assert as_array(layer(engine.ones(1, 2)))[0] == pytest.approx(
            as_array(layer.weight).sum(1) + as_array(layer.bias)
        )
        assert seen == [0.0]


# ---- Attributes and containers -------------------------------------------------------------------------------------


def test_assigning_sorts_by_kind():
    for engine in ENGINES:
        module = engine.nn.Module()
        module.layer = None
        module.layer = engine.nn.Linear(1, 1)
        module.scale = engine.nn.Parameter(engine.ones(1))
        module.plain = engine.ones(1)
        module.register_buffer("mean", engine.zeros(1))
        module.mean = engine.ones(1)
        module.register_parameter("nothing", None)
        assert list(module.state_dict()) == ["scale", "mean", "layer.weight", "layer.bias"]
        assert module.nothing is None
        del module.scale
        assert not hasattr(module, "scale")
        module.layer = None
        assert list(module.state_dict()) == ["mean"]


def mistakes(engine):
    """Code that is wrong, and the error that it must give."""

    class Early(engine.nn.Module):
        def __init__(self):
            self.layer = engine.nn.Linear(1, 1)

    layer = engine.nn.Linear(1, 1)
    layer.register_buffer("mean", None)
    layer.child = engine.nn.Identity()
    return [
        (Early, AttributeError),
        (lambda: layer.nowhere, AttributeError),
        (lambda: setattr(layer, "weight", 3), TypeError),
        (lambda: setattr(layer, "mean", 3), TypeError),
        (lambda: setattr(layer, "child", 3), TypeError),
        (lambda: layer.register_buffer("a.b", None), KeyError),
        (lambda: layer.register_buffer("forward", None), KeyError),
        (lambda: layer.register_parameter("p", engine.ones(1)), TypeError),
        (lambda: layer.add_module("m", 3), TypeError),
        (lambda: layer.train("yes"), ValueError),
        (lambda: layer.get_submodule("child.none"), AttributeError),
        (lambda: engine.nn.Module()(1), NotImplementedError),
        (lambda: engine.nn.Sequential(layer)[1], IndexError),
        (lambda: engine.nn.Dropout(1.5), ValueError),
        (lambda: engine.nn.Conv2d(3, 4, 3, groups=2), ValueError),
        (lambda: engine.nn.Conv2d(3, 4, 3, stride=2, padding="same"), ValueError),
        (lambda: engine.nn.GroupNorm(2, 3), ValueError),
        (lambda: engine.nn.BatchNorm2d(3)(engine.ones(1, 3)), ValueError),
        (lambda: engine.nn.InstanceNorm2d(3)(engine.ones(1, 3)), ValueError),
        (lambda: engine.nn.InstanceNorm2d(3)(engine.ones(2, 3, 1, 1)), ValueError),
        (lambda: engine.nn.LSTM(3, 4)(engine.ones(5, 2, 7)), RuntimeError),
        (lambda: engine.nn.GRU(3, 4)(engine.ones(5, 2, 3), engine.ones(1, 2, 5)), RuntimeError),
        (lambda: engine.nn.RNN(3, 4, nonlinearity="sin"), ValueError),
        (lambda: engine.nn.Embedding(3, 4, padding_idx=5), AssertionError),
        (lambda: engine.nn.Linear(3, 4)(engine.ones(2, 5)), RuntimeError),
    ]


@pytest.mark.parametrize("engine", ENGINES, ids=["glass", "torch"])
def test_mistakes_are_refused_by_both_engines_alike(engine):
    for position, (mistake, error) in enumerate(mistakes(engine)):
        with pytest.raises(error) as caught:
            mistake()
        assert str(caught.value), position


def test_what_is_left_out_says_so():
    with pytest.raises(NotImplementedError, match=r"nn\.EmbeddingBag is left out"):
        nn.EmbeddingBag  # noqa: B018
    with pytest.raises(NotImplementedError, match="proj_size"):
        nn.LSTM(3, 4, proj_size=2)
    with pytest.raises(NotImplementedError, match="max_norm"):
        nn.Embedding(3, 4, max_norm=1.0)
    with pytest.raises(NotImplementedError, match="size_average"):
        nn.MSELoss(size_average=True)
    for module, name in [
        (nn.utils, "weight_norm"),
        (nn.init, "dirac_"),
        (glass.optim, "LBFGS"),
        (glass.optim.lr_scheduler, "CyclicLR"),
    ]:
        with pytest.raises(NotImplementedError, match=f"{name} is left out"):
            getattr(module, name)
    with pytest.raises(NotImplementedError, match="with_kwargs"):
        nn.Identity().register_forward_hook(print, with_kwargs=True)
    with pytest.raises(AttributeError, match="Lineal"):
        nn.Lineal  # noqa: B018


def test_containers_behave_like_lists_and_dictionaries():
    results = []
    for engine in ENGINES:
        e = engine.nn
        net = e.Sequential(OrderedDict(first=e.Linear(2, 3), second=e.ReLU()))
        net.append(e.Linear(3, 1))
        modules = e.ModuleList([e.ReLU()]).extend([e.Tanh(), e.Sigmoid()])
        modules[0] = e.SiLU()
        named = e.ModuleDict({"a": e.ReLU()})
        named.update({"b": e.Tanh()})
        results.append(
            [
                repr(net), repr(net[1:]), len(net), type(net[-1]).__name__, repr(modules), repr(modules[:2]),
                repr(named), list(named), "a" in named,
                e.Flatten()(engine.zeros(2, 3, 4)).shape, e.Unflatten(1, (2, 2))(engine.zeros(3, 4)).shape,
                repr(e.ModuleList(e.Linear(2, 2) for _ in range(3))),
            ]
        )  # fmt: skip
    assert [str(x) for x in results[0]] == [str(x) for x in results[1]]


def test_recurrent_dropout_acts_between_layers_while_training():
    glass.manual_seed(0)
    lstm = nn.LSTM(3, 64, num_layers=2, dropout=0.5)
    x = glass.randn(5, 4, 3)
    assert not np.array_equal(lstm(x)[0].detach().numpy(), lstm(x)[0].detach().numpy())
    lstm.eval()
    np.testing.assert_array_equal(lstm(x)[0].detach().numpy(), lstm(x)[0].detach().numpy())
