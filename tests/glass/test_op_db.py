"""PyTorch's own database of operators judges the engine: every sample input, values to 1e-6, gradients to 1e-5.

An operator counts only if at least one of its samples is computed; samples whose arguments the engine leaves out (it
raises NotImplementedError) are skipped one by one.
"""

import numpy as np
import pytest
import torch
from torch.testing._internal.common_methods_invocations import op_db
from torch.testing._internal.common_utils import SEED, set_rng_seed
from torch_bridge import tensors

from deepglass import glass

PROVES = {"test_operator_agrees_with_pytorch": ("glass/ops", "glass/nn/functional")}  # read by `deepglass read`

# Their values are not defined (uninitialised memory, random numbers) or they are PyTorch's own internals.
UNDEFINED = {
    "empty", "empty_like", "new_empty", "bernoulli", "multinomial", "normal", "rand_like", "randn", "randn_like",
    "randint", "randint_like", "nn.functional.dropout", "nn.functional.dropout2d", "nn.functional.dropout3d",
    "nn.functional.alpha_dropout", "nn.functional.feature_alpha_dropout", "nn.functional.rrelu",
    "uniform", "exponential",
}  # fmt: skip
LEFT_OUT = {  # variants of an operator that the engine refuses as a whole
    "norm-nuc", "nn.functional.pad-replicate_negative",
    *(f"nn.functional.interpolate-{mode}" for mode in ("nearest-exact", "trilinear", "bicubic", "area")),
}  # fmt: skip
REFLECTED = {"__radd__", "__rmul__", "__rsub__", "__rdiv__", "__rpow__", "__rmod__", "__rmatmul__", "__getitem__"}
TENSOR_ONLY = {"T", "mT"}
ADAPTED = {  # operators whose samples come in another order than the function takes them
    "nn.functional.embedding": lambda weight, index, **options: glass.nn.functional.embedding(index, weight, **options),
    "where": lambda self, condition, other: glass.where(condition, self, other),
    "zero_": lambda x: x.clone().zero_(),
    "__getitem__": lambda x, index: x[index],
}


def find(op):
    """The engine's function of an operator's name, or None."""
    if op.name in ADAPTED:
        return ADAPTED[op.name]
    if op.name in REFLECTED or op.name in TENSOR_ONLY:
        name = {"__rdiv__": "__rtruediv__"}.get(op.name, op.name)
        attribute = getattr(glass.Tensor, name, None)
        return attribute.fget if isinstance(attribute, property) else attribute
    place = glass
    for part in op.name.split("."):
        try:
            place = getattr(place, part)
        except (AttributeError, NotImplementedError):
            return getattr(glass.Tensor, op.name, None) if "." not in op.name else None
    return place if callable(place) else None


def is_judged(op):
    return (
        (torch.float64 in op.dtypes and op.name not in UNDEFINED and not op.name.startswith("_"))
        or op.name in REFLECTED
    ) and find(op) is not None


def label(op):
    return f"{op.name}-{op.variant_test_name}" if op.variant_test_name else op.name


JUDGED = [op for op in op_db if is_judged(op) and label(op) not in LEFT_OUT]


def to_glass(value, known):
    """PyTorch's arguments as the engine's; a tensor that comes twice stays one tensor."""
    if id(value) in known:
        return known[id(value)]
    if isinstance(value, torch.Tensor):
        if value.dtype not in TYPES:
            raise NotImplementedError(f"{value.dtype} is left out of the engine")
        known[id(value)] = glass.tensor(value.detach().numpy()).requires_grad_(value.requires_grad)
        return known[id(value)]
    if isinstance(value, torch.nn.Module):
        return getattr(glass.nn, type(value).__name__)()
    if hasattr(torch.nn.functional, getattr(value, "__name__", "")):
        return getattr(glass.nn.functional, value.__name__)
    if isinstance(value, torch.dtype):
        if value not in TYPES:
            raise NotImplementedError(f"{value} is left out of the engine")
        return TYPES[value]
    if isinstance(value, (list, tuple)) and not isinstance(value, torch.Size):
        return type(value)(to_glass(item, known) for item in value)
    if isinstance(value, dict):
        return {key: to_glass(item, known) for key, item in value.items()}
    return value


TYPES = {
    getattr(torch, name): getattr(glass, name)
    for name in ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64")
}


def gradients(outputs, inputs, engine):
    """Gradient at every input of one fixed random projection of all outputs."""
    random = np.random.default_rng(0)
    total = None
    for output in outputs:
        direction = engine.tensor(random.standard_normal(tuple(output.shape)))
        if output.requires_grad:
            term = (output * direction).sum()
            total = term if total is None else total + term
    if total is None:
        return None
    for x in inputs:
        x.grad = None
    total.backward()
    return [None if x.grad is None else np.array((x.grad + 0).tolist()).reshape(tuple(x.shape)) for x in inputs]


def check(op, function, sample):
    arguments = (sample.input, sample.args, sample.kwargs)
    ours = to_glass(arguments, {})
    before = [x for x in tensors(ours, glass.Tensor) if x.requires_grad]
    theirs_in = [x for x in tensors(arguments, torch.Tensor) if x.requires_grad]
    actual = tensors(function(ours[0], *ours[1], **ours[2]), glass.Tensor)
    expected = tensors(op(sample.input, *sample.args, **sample.kwargs), torch.Tensor)
    assert len(actual) == len(expected)
    for a, e in zip(actual, expected):
        assert tuple(a.shape) == tuple(e.shape)
        assert str(a.dtype) == str(e.dtype)
        np.testing.assert_allclose(a.detach().numpy(), e.detach().numpy(), rtol=1e-6, atol=1e-6)
    if not op.supports_autograd or not theirs_in:
        return
    assert [a.requires_grad for a in actual] == [e.requires_grad for e in expected]
    grads, wanted = gradients(actual, before, glass), gradients(expected, theirs_in, torch)
    for a, e in zip(grads or [], wanted or []):
        if e is not None and a is not None:
            np.testing.assert_allclose(a, e, rtol=1e-5, atol=1e-5)
        else:
            assert not any(x is not None and x.any() for x in (a, e))


def samples_of(op):
    """What `op.sample_inputs` gives, each drawn from the same seed; that also walks through the stack for every one."""
    samples = iter(op.sample_inputs_func(op, "cpu", torch.float64, op.supports_autograd))
    while True:
        set_rng_seed(SEED)
        sample = next(samples, None)
        if sample is None:
            return
        yield sample


@pytest.mark.parametrize("op", JUDGED, ids=label)
def test_operator_agrees_with_pytorch(op):
    function, computed, refused = find(op), 0, []
    for sample in samples_of(op):
        if sample.kwargs.get("dropout_p"):  # random
            continue
        try:
            check(op, function, sample)
            computed += 1
        except NotImplementedError as error:
            refused.append(str(error))
    assert computed, f"all {len(refused)} samples are refused: {set(refused)}"


def test_at_least_160_operators_are_judged():
    assert len({op.name for op in JUDGED}) >= 160
