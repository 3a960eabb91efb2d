import pytest
import torch

from deepglass.core import roofline
from deepglass.core.roofline import Roofs

CPU = torch.device("cpu")
MADE_UP = Roofs("m", 1, {"float32": 100e9}, {"copy": 8e9, "triad": 10e9}, {"forward": 1e-6, "backward": 9e-6})


def test_what_is_measured_is_positive_and_ordered(monkeypatch):
    monkeypatch.setattr(roofline, "SECONDS", 0.02)
    monkeypatch.setattr(roofline, "SIDE", {"cpu": 512})
    monkeypatch.setattr(roofline, "SMALLEST_ARRAY", 16 << 20)
    monkeypatch.setattr(roofline, "CACHES", 0)
    said = []
    roofs = roofline.measure(CPU, 1, said.append)
    assert roofs.threads == 1
    assert set(roofs.flops) == {"float32", "bfloat16"}
    assert roofs.flops["float32"] > 3 * roofs.vector_flops > 0  # a product uses each number many times, a sum once
    assert min(roofs.bytes.values()) > 1e8
    assert 0 < roofs.launch["forward"] < 1e-3
    assert roofs.launch["backward"] > 0
    assert len(said) == 4


def test_a_product_of_known_size_has_its_flops(monkeypatch):
    monkeypatch.setattr(roofline, "quickest", lambda work, device, seconds: 0.5)
    assert roofline.matrix_rate(CPU, "float32", side=10) == 2 * 10**3 / 0.5
    assert roofline.bandwidth(CPU, size=400) == {"copy": 800 / 0.5, "triad": 1200 / 0.5}


@pytest.mark.parametrize("flops_per_second", [270e6, 5e9, 200e9, 50e12])
def test_a_product_is_measured_in_bounded_time_however_slow(monkeypatch, flops_per_second):
    """Without a unit for it, a bfloat16 product of 2048 × 2048 would take a minute."""
    now, sides = [0.0], []

    def product(device, precision, side):
        sides.append(side)
        return lambda: now.__setitem__(0, now[0] + 2 * side**3 / flops_per_second)

    monkeypatch.setattr(roofline, "_product", product)
    monkeypatch.setattr(roofline.time, "perf_counter", lambda: now[0])
    assert roofline.matrix_rate(CPU, "bfloat16", seconds=0.5) == pytest.approx(flops_per_second)
    assert now[0] < 2.0
    assert max(sides) == (2048 if flops_per_second > 100e9 else 512 if flops_per_second > 1e9 else 256)


def test_memory_is_the_limit_left_of_the_ridge_and_arithmetic_right_of_it():
    assert MADE_UP.ridge("float32") == 10
    assert MADE_UP.attainable(1.0, "float32") == 10e9
    assert MADE_UP.attainable(10.0, "float32") == MADE_UP.attainable(1000.0, "float32") == 100e9
    assert MADE_UP.vector_flops == pytest.approx(10e9 / 6)


def test_threads_and_precision_are_put_back():
    before = torch.get_num_threads(), torch.get_float32_matmul_precision()
    with roofline.at_threads(1), roofline.float32_products("high"):
        assert (torch.get_num_threads(), torch.get_float32_matmul_precision()) == (1, "high")
    assert (torch.get_num_threads(), torch.get_float32_matmul_precision()) == before


def test_arrays_are_larger_than_the_cache():
    size = roofline.array_bytes(CPU)
    assert size >= min(2 * roofline.last_cache(), 64 << 20)
    assert size % 4 == 0
