import torch

from deepglass.core.device import denormals_flushed


def are_flushed():
    return bool((torch.full((4,), 1e-39) * 1.5 == 0).all())


def test_denormals_are_flushed_inside_and_nowhere_else():
    assert not are_flushed()
    with denormals_flushed():
        assert are_flushed()
        with denormals_flushed():
            pass
        assert are_flushed()
    assert not are_flushed()
