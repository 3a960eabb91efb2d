"""PyTorch's own database of optimisers judges ours, and PyTorch's schedulers judge ours, number by number."""

import copy
import math

import numpy as np
import pytest
import torch
from torch.testing._internal.common_optimizers import optim_db
from torch_bridge import as_array, to_glass

from deepglass import glass

PROVES = {
    "test_twenty_steps_equal_pytorch": ("glass/optim",),
    "test_schedule_equals_pytorch": ("glass/optim/lr_scheduler.py",),
    "test_clip_grad_norm_equals_pytorch": ("glass/nn/utils/clip_grad.py",),
}  # read by `deepglass read`

NAMES = ["SGD", "Adagrad", "RMSprop", "Adam", "AdamW"]
OPTIONS = [
    pytest.param(info.optim_cls.__name__, option.kwargs, id=f"{info.optim_cls.__name__}-{option.desc}")
    for info in optim_db
    if info.optim_cls.__name__ in NAMES
    for option in info.optim_inputs_func(device="cpu")
]


class Problem:
    """A small regression through tanh: a matrix, a vector and a number to be found; the same on both engines."""

    def __init__(self, engine):
        draw = np.random.default_rng(0)
        self.x, self.y, *starts = (
            engine.tensor(draw.normal(size=size)) for size in [(16, 4), (16, 3), (4, 3), (3,), ()]
        )
        self.params = [start.requires_grad_() for start in starts]

    def loss(self):
        W, b, scale = self.params
        return ((((self.x @ W) + b).tanh() * scale - self.y) ** 2).mean()

    def train(self, optimizer, steps):
        for _ in range(steps):
            optimizer.zero_grad()
            self.loss().backward()
            optimizer.step()

    def values(self):
        return np.concatenate([as_array(param).ravel() for param in self.params])


def both(name, kwargs):
    """The problem and its optimiser on both engines."""
    ours, theirs = Problem(glass), Problem(torch)
    our_optimizer = getattr(glass.optim, name)(ours.params, **to_glass(kwargs))
    return ours, our_optimizer, theirs, getattr(torch.optim, name)(theirs.params, **kwargs)


@pytest.mark.parametrize(("name", "kwargs"), OPTIONS)
def test_twenty_steps_equal_pytorch(name, kwargs):
    ours, our_optimizer, theirs, their_optimizer = both(name, kwargs)
    start = theirs.values()
    ours.train(our_optimizer, 20)
    theirs.train(their_optimizer, 20)
    assert np.abs(theirs.values() - start).max() > 1e-6
    np.testing.assert_allclose(ours.values(), theirs.values(), rtol=0, atol=1e-10)


@pytest.mark.parametrize(("name", "kwargs"), OPTIONS)
def test_state_dict_has_pytorchs_entries_and_goes_round(name, kwargs):
    ours, our_optimizer, theirs, their_optimizer = both(name, kwargs)
    ours.train(our_optimizer, 10)
    theirs.train(their_optimizer, 10)
    saved, expected = copy.deepcopy(our_optimizer.state_dict()), copy.deepcopy(their_optimizer.state_dict())
    assert saved["param_groups"][0].keys() >= expected["param_groups"][0].keys()
    for number, entries in expected["state"].items():
        entries = {key: value for key, value in entries.items() if value is not None}
        assert saved["state"].get(number, {}).keys() == entries.keys()
        for key, value in entries.items():
            np.testing.assert_allclose(as_array(saved["state"][number][key]), as_array(value), atol=1e-10)
    theirs.train(their_optimizer, 10)
    middle = [param.detach().clone() for param in ours.params]
    for state in (saved, expected):  # our own state, and PyTorch's
        for param, value in zip(ours.params, middle):
            param.data = value.clone()
        optimizer = getattr(glass.optim, name)(ours.params)
        optimizer.load_state_dict(state)
        ours.train(optimizer, 10)
        np.testing.assert_allclose(ours.values(), theirs.values(), rtol=0, atol=1e-10)


@pytest.mark.parametrize("name", NAMES)
def test_float32_stays_float32(name):
    layer = glass.nn.Linear(3, 2)
    options = {"momentum": 0.9} if name in ("SGD", "RMSprop") else {}
    optimizer = getattr(glass.optim, name)(layer.parameters(), **options)
    for _ in range(2):
        layer(glass.ones(4, 3)).sum().backward()
        optimizer.step()
    kept = [array for state in optimizer.state.values() for array in state.values() if isinstance(array, np.ndarray)]
    assert kept
    assert {array.dtype for array in kept} | {param.array.dtype for param in layer.parameters()} == {
        np.dtype("float32")
    }


def test_groups_have_their_own_settings():
    ours, theirs = Problem(glass), Problem(torch)
    for problem, engine in ((ours, glass), (theirs, torch)):
        W, b, scale = problem.params
        groups = [{"params": [W], "lr": 0.1, "weight_decay": 0.1}, {"params": [b, scale]}]
        problem.train(engine.optim.Adam(groups, lr=0.01), 20)
    np.testing.assert_allclose(ours.values(), theirs.values(), rtol=0, atol=1e-10)


def test_zero_grad_forgets_or_fills():
    problem = Problem(glass)
    optimizer = glass.optim.SGD(problem.params)
    problem.loss().backward()
    optimizer.zero_grad(set_to_none=False)
    assert all((param.grad.numpy() == 0).all() for param in problem.params)
    optimizer.zero_grad()
    assert all(param.grad is None for param in problem.params)


def test_closure_is_called_with_gradients_on():
    problem = Problem(glass)
    optimizer = glass.optim.SGD(problem.params, lr=0.1)

    def closure():
        optimizer.zero_grad()
        loss = problem.loss()
        loss.backward()
        return loss

    with glass.no_grad():
        losses = [optimizer.step(closure).item() for _ in range(5)]
    assert losses == sorted(losses, reverse=True)


def test_repr_is_pytorchs():
    _, ours, _, theirs = both("Adam", {"lr": 0.1, "weight_decay": 0.5})
    assert repr(ours) == repr(theirs)


@pytest.mark.parametrize(
    ("name", "kwargs", "message"),
    [
        ("SGD", {"lr": -1}, "Invalid learning rate: -1"),
        ("SGD", {"nesterov": True}, "Nesterov momentum requires a momentum and zero dampening"),
        ("Adam", {"betas": (1.0, 0.9)}, "Invalid beta parameter at index 0: 1.0"),
        ("RMSprop", {"alpha": -1}, "Invalid alpha value: -1"),
        ("Adagrad", {"eps": -1}, "Invalid epsilon value: -1"),
    ],
)
def test_bad_settings_are_refused_in_pytorchs_words(name, kwargs, message):
    for engine in (glass, torch):
        with pytest.raises(ValueError, match=message):
            getattr(engine.optim, name)(Problem(engine).params, **kwargs)


def test_bad_parameters_are_refused():
    (W, *_) = Problem(glass).params
    for params, error, message in [
        (W, TypeError, "should be an iterable of Tensors or dicts"),
        ([], ValueError, "empty parameter list"),
        ([W * 2], ValueError, "non-leaf"),
        ([W.detach().numpy()], TypeError, "can only optimize Tensors"),
        ([{"params": [W]}, {"params": [W]}], ValueError, "more than one parameter group"),
    ]:
        with pytest.raises(error, match=message):
            glass.optim.SGD(params)
    with pytest.raises(NotImplementedError, match="LBFGS"):
        glass.optim.LBFGS  # noqa: B018


# ---- Schedulers ----------------------------------------------------------------------------------------------------


def sequential(lr_scheduler, optimizer):
    warm_up = lr_scheduler.LinearLR(optimizer, 0.1, total_iters=5)
    cosine = lr_scheduler.CosineAnnealingLR(optimizer, 30)
    steps = lr_scheduler.StepLR(optimizer, 4, 0.5)
    return lr_scheduler.SequentialLR(optimizer, [warm_up, cosine, steps], [6, 25])


SCHEDULES = {
    "step": lambda s, o: s.StepLR(o, 7),
    "step-half": lambda s, o: s.StepLR(o, 1, gamma=0.5),
    "multistep": lambda s, o: s.MultiStepLR(o, [30, 10, 10], gamma=0.3),
    "exponential": lambda s, o: s.ExponentialLR(o, 0.9),
    "cosine": lambda s, o: s.CosineAnnealingLR(o, 20),
    "cosine-floor": lambda s, o: s.CosineAnnealingLR(o, 7, eta_min=0.003),
    "one-cycle": lambda s, o: s.OneCycleLR(o, 0.5, total_steps=51),
    "one-cycle-linear": lambda s, o: s.OneCycleLR(o, 0.5, epochs=17, steps_per_epoch=3, anneal_strategy="linear"),
    "one-cycle-groups": lambda s, o: s.OneCycleLR(o, [0.5, 0.1], total_steps=60, pct_start=0.4),
    "one-cycle-plain": lambda s, o: s.OneCycleLR(o, 0.5, total_steps=55, cycle_momentum=False, div_factor=10.0),
    "linear": lambda s, o: s.LinearLR(o),
    "linear-down": lambda s, o: s.LinearLR(o, 1.0, 0.0, total_iters=30),
    "lambda": lambda s, o: s.LambdaLR(o, lambda t: 1 / (1 + t)),
    "lambdas": lambda s, o: s.LambdaLR(o, [lambda t: 0.9**t, lambda t: 1 + t]),
    "sequential": sequential,
}


def run_schedule(engine, make, optimizer="SGD"):
    """Learning rates and momenta of two groups before each of fifty steps."""
    first, second = (engine.nn.Parameter(engine.zeros(2)) for _ in range(2))
    settings = {"momentum": 0.9} if optimizer == "SGD" else {}
    optimizer = getattr(engine.optim, optimizer)(
        [{"params": [first]}, {"params": [second], "lr": 0.02}], lr=0.1, **settings
    )
    scheduler = make(engine.optim.lr_scheduler, optimizer)
    seen = []
    for _ in range(50):
        seen.append(
            [
                group[k] if k != "betas" else group[k][0]
                for group in optimizer.param_groups
                for k in ("lr", "momentum", "betas")
                if k in group
            ]
        )
        assert list(scheduler.get_last_lr()) == [group["lr"] for group in optimizer.param_groups]
        optimizer.step()
        scheduler.step()
    return np.array(seen, dtype=float)


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedule_equals_pytorch(name):
    np.testing.assert_allclose(
        run_schedule(glass, SCHEDULES[name]), run_schedule(torch, SCHEDULES[name]), rtol=1e-10, atol=1e-16
    )


def test_one_cycle_turns_beta1_where_there_is_no_momentum():
    ours, theirs = (run_schedule(engine, SCHEDULES["one-cycle"], "Adam") for engine in (glass, torch))
    np.testing.assert_allclose(ours, theirs, rtol=1e-10)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"patience": 2, "factor": 0.5},
        {"mode": "max", "patience": 3, "cooldown": 4, "threshold_mode": "abs", "threshold": 0.2},
        {"patience": 0, "min_lr": [0.05, 0.001]},
        {"mode": "max", "patience": 1, "threshold": 0.5},
    ],
    ids=str,
)
def test_plateau_equals_pytorch(options):
    measures = np.random.default_rng(0).normal(size=50).cumsum()
    seen = []
    for engine in (glass, torch):
        params = [engine.nn.Parameter(engine.zeros(2)) for _ in range(2)]
        optimizer = engine.optim.SGD([{"params": [params[0]]}, {"params": [params[1]], "lr": 0.02}], lr=0.1)
        scheduler = engine.optim.lr_scheduler.ReduceLROnPlateau(optimizer, **options)
        lrs = []
        for measure in measures:
            scheduler.step(engine.tensor(measure))
            lrs.append([group["lr"] for group in optimizer.param_groups])
        seen.append(lrs)
    assert len(np.unique(seen[1])) > 2
    np.testing.assert_allclose(*seen, rtol=1e-12)


def test_two_schedulers_at_once_are_refused():
    optimizer = glass.optim.SGD([glass.nn.Parameter(glass.zeros(2))], lr=0.1)
    first, second = (glass.optim.lr_scheduler.ExponentialLR(optimizer, 0.9) for _ in range(2))
    first.step()
    with pytest.raises(NotImplementedError, match="SequentialLR"):
        second.step()


@pytest.mark.parametrize("name", ["step", "cosine", "one-cycle", "sequential", "linear"])
def test_scheduler_goes_on_from_its_state(name):
    def make():
        optimizer = glass.optim.SGD([glass.nn.Parameter(glass.zeros(2))], lr=0.1, momentum=0.9)
        return optimizer, SCHEDULES[name](glass.optim.lr_scheduler, optimizer)

    (optimizer, scheduler), (other_optimizer, other) = make(), make()
    for _ in range(13):
        scheduler.step()
    other_optimizer.load_state_dict(optimizer.state_dict())
    other.load_state_dict(copy.deepcopy(scheduler.state_dict()))
    for _ in range(20):
        scheduler.step()
        other.step()
        assert optimizer.param_groups[0]["lr"] == other_optimizer.param_groups[0]["lr"]


def test_last_epoch_goes_on_without_a_state():
    seen = []
    for engine in (glass, torch):
        optimizer = engine.optim.SGD([engine.nn.Parameter(engine.zeros(2))], lr=0.05)
        with pytest.raises(KeyError, match="initial_lr"):
            engine.optim.lr_scheduler.StepLR(optimizer, 5, 0.5, last_epoch=7)
        optimizer.param_groups[0]["initial_lr"] = 0.1
        scheduler = engine.optim.lr_scheduler.StepLR(optimizer, 5, 0.5, last_epoch=7)
        lrs = []
        for _ in range(10):
            optimizer.step()
            scheduler.step()
            lrs.append(optimizer.param_groups[0]["lr"])
        seen.append(lrs)
    np.testing.assert_allclose(*seen, rtol=1e-12)


# ---- Clipping ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("norm_type", [1, 2.0, 3.0, math.inf])
@pytest.mark.parametrize("max_norm", [0.01, 1e6])
def test_clip_grad_norm_equals_pytorch(norm_type, max_norm):
    ours, theirs = Problem(glass), Problem(torch)
    totals = []
    for problem, engine in ((ours, glass), (theirs, torch)):
        problem.loss().backward()
        totals.append(engine.nn.utils.clip_grad_norm_(problem.params, max_norm, norm_type).item())
    np.testing.assert_allclose(*totals, rtol=1e-12)
    for x, y in zip(ours.params, theirs.params):
        np.testing.assert_allclose(as_array(x.grad), as_array(y.grad), rtol=1e-12)


def test_clip_grad_norm_complains_about_infinity_if_asked():
    problem = Problem(glass)
    problem.loss().backward()
    problem.params[0].grad.numpy()[0, 0] = math.inf
    with pytest.raises(RuntimeError, match="non-finite"):
        glass.nn.utils.clip_grad_norm_(problem.params, 1.0, error_if_nonfinite=True)


def test_clip_grad_value_cuts_off():
    problem = Problem(glass)
    problem.loss().backward()
    glass.nn.utils.clip_grad_value_(problem.params, 0.01)
    assert max(np.abs(param.grad.numpy()).max() for param in problem.params) == 0.01
