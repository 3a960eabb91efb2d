"""Steps are taken again as they were: with the schedule that was seen, and where weights are moved by hand."""

import pytest
import torch

from deepglass.diagnosis import examples
from deepglass.diagnosis.observing.observer import Stopped, observing
from deepglass.diagnosis.script_child import _enough
from tests.diagnosis.loops import adam, case_of, classes, cross_entropy, net, numbers, shuffled, square, usual, watched


def test_a_schedule_is_followed():
    model = net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: (step + 1) / 40)
    with observing() as observer:
        for x, y in shuffled(classes(), epochs=5):
            usual(cross_entropy(model, x, y), optimizer)
            schedule.step()
    case = case_of(observer)
    assert case.schedule == pytest.approx([float(step + 1) for step in range(40)])
    assert case.baseline.losses == pytest.approx(observer.observed.train_losses(), rel=1e-4)
    assert case.learn(constant=True).losses[-1] > case.baseline.losses[-1]


def test_a_warm_up_that_begins_at_nothing_has_the_rate_of_its_second_step():
    model = net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: step / 10)
    with observing() as observer:
        for x, y in shuffled(classes(), epochs=2):
            usual(cross_entropy(model, x, y), optimizer)
            schedule.step()
    case = case_of(observer)
    assert case.observed.settings["lr"] == pytest.approx(0.03)
    assert case.schedule == pytest.approx([float(step) for step in range(16)])


def descend(model, clears=True):
    """Moves the weights itself."""
    for x, y in shuffled(classes(), epochs=5):
        cross_entropy(model, x, y).backward()
        with torch.no_grad():
            for weight in model.parameters():
                weight -= 0.1 * weight.grad
                weight.grad = None if clears else weight.grad


def by_hand(clears: bool):
    with observing() as observer:
        descend(net(), clears)
    return case_of(observer)


def test_weights_that_are_moved_by_hand_make_steps_of_a_known_rate():
    case = by_hand(clears=True)
    facts = case.observed.steps[:-1]
    assert all(fact.stepped and not fact.stale for fact in facts)
    assert [fact.rate for fact in facts] == pytest.approx([0.1] * len(facts), rel=1e-4)
    assert case.baseline.losses[:39] == pytest.approx(case.observed.train_losses()[:39], rel=1e-4)
    assert all(fact.stale for fact in by_hand(clears=False).observed.steps[1:])


def test_gradients_that_are_gathered_on_purpose_are_not_old_ones():
    model = net()
    optimizer = adam(model)
    with observing() as observer:
        for i, (x, y) in enumerate(shuffled(classes())):
            cross_entropy(model, x, y).backward()
            if i % 2:
                optimizer.step()
                optimizer.zero_grad()
    assert not any(fact.stale for fact in observer.observed.steps)


def test_a_loop_without_an_optimiser_is_stopped_after_so_many_steps():
    with pytest.raises(Stopped), observing(_enough(float("inf"), 7)) as observer:
        descend(net())
    assert sum(fact.stepped for fact in observer.observed.steps) == 7


def test_judged_examples_come_with_their_targets_and_not_with_the_answers():
    X, y = numbers()
    new, truth = X[:20] + 1, y[:20, None]

    def judge(model):
        with torch.no_grad():
            torch.nn.functional.mse_loss(model(new), truth)

    case = watched(net(1), shuffled((X, y), 1), square, after=judge)
    found = examples.judged(case.observed.evals)
    assert found is not None
    assert torch.equal(found[0][:20], new)
    assert torch.equal(found[1][:20], truth.flatten())


def test_a_pool_holds_each_example_once_with_all_its_inputs():
    case = watched(net(), shuffled(classes(), epochs=3))
    found = examples.pool(case.tapes)
    assert found is not None
    assert len(found) == len(classes()[0])
    assert found.inputs[0].shape == classes()[0].shape
    assert sorted(found.target.tolist()) == sorted(classes()[1].tolist())
