import torch

from deepglass.training.async_scalar import AsyncScalar


class FakeEvent:
    has_come = True

    def query(self):
        return FakeEvent.has_come

    def record(self):
        pass


def test_a_number_is_seen_as_it_was_at_the_look_before(monkeypatch):
    monkeypatch.setattr("torch.Event", lambda device: FakeEvent())
    late, number = AsyncScalar(torch.device("cuda"), every=1), torch.tensor(1.0, dtype=torch.float64)
    assert late.look(number) == 0.0
    number += 1
    assert late.look(number) == 1.0
    FakeEvent.has_come = False  # the device is busy: what was sent last has not come yet
    number += 1
    assert late.look(number) == 1.0
    FakeEvent.has_come = True
    assert late.look(number) == 2.0
    assert late.look(number) == 3.0


def test_most_looks_repeat_what_was_seen(monkeypatch):
    monkeypatch.setattr("torch.Event", lambda device: FakeEvent())
    late, number = AsyncScalar(torch.device("cuda"), every=3), torch.tensor(7.0)
    assert [late.look(number) for _ in range(7)] == [0, 0, 0, 0, 0, 7, 7]


def test_on_a_processor_a_number_is_there_at_once():
    late, number = AsyncScalar(torch.device("cpu")), torch.tensor(1.0)
    number += 1
    assert late.look(number) == 2.0
