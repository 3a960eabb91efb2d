"""What lesson 29 claims about gates (I02, I03)."""

import numpy as np
import pytest
import torch

from tests.lessons.opened import opened


@pytest.fixture(scope="module")
def lesson():
    return opened("29_lstm").module


@pytest.fixture(scope="module")
def opened_lstm(lesson):
    """The error and the layer of an LSTM that began with open forget valves."""
    return lesson.learn("LSTM", keeps=True)[1:]


def test_by_hand_the_memory_is_the_formula_and_what_is_left_a_power_of_the_valve(lesson):
    for keep in (0.0, 0.5, 0.9, 1.0):
        memory, said = lesson.by_hand(keep)
        steps = np.arange(lesson.T - lesson.STORE + 1)
        np.testing.assert_allclose(memory[lesson.STORE - 1 :], 0.9 * float(keep) ** steps, atol=1e-6)
        np.testing.assert_allclose(memory[: lesson.STORE - 1], 0, atol=1e-6)
        np.testing.assert_allclose(said[: lesson.SAY - 1], 0, atol=1e-6)
        np.testing.assert_allclose(said[lesson.SAY - 1 :], np.tanh(memory[lesson.SAY - 1 :]), atol=1e-6)


def test_an_open_forget_valve_keeps_and_a_leak_spoils_it(lesson):
    assert lesson.by_hand(1.0)[0][-1] == pytest.approx(0.9, abs=1e-6)
    assert lesson.by_hand(0.8)[0][-1] < 0.03
    assert abs(lesson.by_hand(1.0, leak=0.5)[0][-1] - 0.9) > 0.2


def test_blame_on_the_way_of_the_memory_is_the_product_of_the_forget_valves():
    cell = torch.nn.LSTMCell(1, 1).double()
    with torch.no_grad():
        for param in cell.parameters():
            param.zero_()  # valves that nothing moves: the memory alone carries on
        cell.bias_ih.copy_(torch.tensor([-1.0, 2.0, 0.5, 0.3]))
    first = c = torch.tensor([[0.4]], dtype=torch.float64, requires_grad=True)
    h = torch.zeros(1, 1, dtype=torch.float64)
    for _ in range(17):
        h, c = cell(torch.ones(1, 1, dtype=torch.float64), (h, c))
    c.backward()
    assert first.grad.item() == pytest.approx(torch.sigmoid(torch.tensor(2.0, dtype=torch.float64)).item() ** 17)


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_the_step_on_the_page_is_pytorchs(lesson, kind):
    from deepglass import glass

    theirs = getattr(torch.nn, f"{kind}Cell")(3, 5)
    ours = getattr(glass.nn, f"{kind}Cell")(3, 5)
    ours.load_state_dict({name: glass.tensor(value.numpy()) for name, value in theirs.state_dict().items()})
    x, h, c = (torch.randn(2, size) for size in (3, 5, 5))
    state = (h, c) if kind == "LSTM" else h
    mine = (glass.tensor(h.numpy()), glass.tensor(c.numpy())) if kind == "LSTM" else glass.tensor(h.numpy())
    with torch.no_grad():
        expected, got = theirs(x, state), ours(glass.tensor(x.numpy()), mine)
    pairs = zip(got, expected) if kind == "LSTM" else [(got, expected)]
    for one, other in pairs:
        np.testing.assert_allclose(one.detach().numpy(), other.numpy(), atol=1e-6)


def test_at_a_hundred_steps_gates_solve_the_adding_problem_and_a_plain_cell_does_not(lesson, opened_lstm):
    """To answer a constant 1 costs 1/6. The LSTM is given open forget valves; the GRU begins as usual."""
    assert opened_lstm[0] < 0.01
    assert lesson.learn("GRU")[1] < 0.01
    assert lesson.learn("plain RNN")[1] > 0.15


def test_an_lstm_with_half_open_valves_does_not_succeed_in_that_time_either(lesson):
    assert lesson.learn("LSTM", keeps=False)[1] > 0.15


def test_it_opens_its_input_valve_where_a_number_is_marked(lesson, opened_lstm):
    _, rnn = opened_lstm
    x = lesson.sums_to_find(1, lesson.LONG, np.random.default_rng(5))[0][:, 0]
    valve, kept = lesson.own_valves(rnn, x)
    marked = x[:, 1] == 1
    unit = (valve[marked].mean(0) - valve[~marked].mean(0)).argmax()
    assert valve[marked, unit].min() > valve[~marked, unit].max()
    assert np.median(kept) > 0.8


def test_the_sums_are_those_of_the_two_marked_numbers(lesson):
    x, y = lesson.sums_to_find(50, 10, np.random.default_rng(0))
    assert (x[:5, :, 1].sum(0) == 1).all()
    assert (x[5:, :, 1].sum(0) == 1).all()
    for row in range(50):
        assert y[row] == pytest.approx(x[x[:, row, 1] == 1, row, 0].sum())
    assert lesson.sums_to_find(20_000, 4, np.random.default_rng(1))[1].var() == pytest.approx(1 / 6, rel=0.05)


@pytest.mark.parametrize(("inputs", "units"), [(1, 1), (2, 12), (7, 64)])
def test_a_gru_has_three_quarters_of_the_numbers_of_an_lstm(inputs, units):
    count = {kind: sum(p.numel() for p in kind(inputs, units).parameters()) for kind in (torch.nn.LSTM, torch.nn.GRU)}
    assert count[torch.nn.GRU] * 4 == count[torch.nn.LSTM] * 3


def test_the_film_stops_before_it_tells():
    from deepglass.course.widgets.film import Film

    film = next(widget for widget in opened("29_lstm").widgets if isinstance(widget, Film))
    assert film.waits_for == "guess"
    assert "goes into the memory" in film.captions[film.held - 1]
