import copy
from contextlib import suppress

import pytest
import torch
from torch import nn

from deepglass.training.fast.gru_cpu import Recurrence, with_fast_gru

CPU = torch.device("cpu")


def answers(layer, steps, first=None):
    """Output, last states and all gradients of a loss that reads both."""
    torch.manual_seed(5)  # of dropout
    steps = steps.clone().requires_grad_()
    output, last = layer(steps, first)
    ((output.cos() * torch.linspace(0.1, 1, output.numel()).view_as(output)).sum() + last.square().sum()).backward()
    return [output, last, steps.grad, *(weight.grad for weight in layer.parameters())]


def is_lean(value):
    """Whether a recurrence of ours is among the operations that a tensor came from."""
    waiting = [value.grad_fn]
    while waiting:
        operation = waiting.pop()
        if operation is not None and "Recurrence" in operation.name():
            return True
        waiting += [before for before, _ in operation.next_functions] if operation is not None else []
    return False


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"batch_first": True},
        {"num_layers": 2},
        {"bidirectional": True},
        {"num_layers": 3, "bidirectional": True, "dropout": 0.3, "batch_first": True},
    ],
)
def test_it_is_pytorchs_own_layer_in_everything(options, first):
    torch.manual_seed(0)
    theirs = nn.GRU(3, 4, **options)
    ours, steps = copy.deepcopy(theirs), torch.randn(5, 6, 3)
    sides = ours.num_layers * (2 if ours.bidirectional else 1)
    state = torch.randn(sides, 5 if ours.batch_first else 6, 4) if first else None
    with with_fast_gru(ours, CPU):
        found = answers(ours, steps, state)
    assert is_lean(found[0])
    for value, expected in zip(found, answers(theirs, steps, state), strict=True):
        torch.testing.assert_close(value, expected, rtol=1e-5, atol=1e-6)


def test_against_central_differences_and_twice():
    torch.manual_seed(0)
    shapes = [(3, 2, 3), (2, 4), (12, 3), (12, 4), (12,), (12,)]
    tensors = [torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in shapes]
    assert torch.autograd.gradcheck(Recurrence.apply, tensors)
    assert torch.autograd.gradgradcheck(Recurrence.apply, tensors)


def test_what_it_cannot_do_is_left_to_pytorch():
    layer, steps = nn.GRU(3, 4), torch.randn(5, 2, 3)
    packed = nn.utils.rnn.pack_padded_sequence(steps, torch.tensor([5, 3]))
    expected = [layer(packed)[0].data, layer(steps[:, 0])[0], layer.double()(steps.double())[0]]
    layer.float()
    with with_fast_gru(layer, CPU):
        found = [layer(packed)[0].data, layer(steps[:, 0])[0], layer.double()(steps.double())[0]]
    assert all(torch.equal(a, b) for a, b in zip(found, expected))
    assert not any(map(is_lean, found))


@pytest.mark.parametrize(("steps", "state"), [((5, 2, 4), None), ((5, 2, 3), (1, 3, 4))])
def test_what_does_not_fit_is_said_in_pytorchs_words(steps, state):
    layer, arguments = nn.GRU(3, 4), [torch.zeros(steps), None if state is None else torch.zeros(state)]
    with pytest.raises(RuntimeError) as theirs:
        layer(*arguments)
    with with_fast_gru(layer, CPU), pytest.raises(RuntimeError) as ours:
        layer(*arguments)
    assert str(ours.value) == str(theirs.value)


def test_the_layer_is_itself_again_afterwards():
    model = nn.ModuleList([nn.GRU(3, 4), nn.GRU(3, 4, bias=False), nn.LSTM(3, 4)])
    with suppress(KeyboardInterrupt), with_fast_gru(model, CPU):
        assert ["forward" in vars(layer) for layer in model] == [True, False, False]
        raise KeyboardInterrupt
    assert "forward" not in vars(model[0])


def test_a_copy_computes_with_its_own_weights():
    model, steps = nn.GRU(3, 4), torch.randn(5, 2, 3)
    with with_fast_gru(model, CPU):
        other = copy.deepcopy(model)
        nn.init.zeros_(other.weight_ih_l0)
        assert not torch.equal(other(steps)[0], model(steps)[0])


def test_within_bfloat16_the_recurrence_stays_exact():
    model, steps = nn.GRU(3, 4), torch.randn(5, 2, 3)
    with with_fast_gru(model, CPU):
        exact = model(steps)[0]
        with torch.autocast("cpu", torch.bfloat16):
            assert torch.equal(model(steps)[0], exact)
            assert model(steps.bfloat16())[0].dtype == torch.float32
