"""Flow matching: straight paths, their mean velocity, and the way along it."""

import math

import pytest
import torch

from deepglass.training import flow_matching as fm


def test_the_path_begins_at_noise_ends_at_data_and_is_straight():
    noise, data = torch.randn(3, 2, 4, 4), torch.randn(3, 2, 4, 4)
    torch.testing.assert_close(fm.between(noise, data, torch.zeros(3)), noise)
    torch.testing.assert_close(fm.between(noise, data, torch.ones(3)), data)
    first, middle, last = (fm.between(noise, data, torch.full((3,), t)) for t in (0.2, 0.5, 0.8))
    torch.testing.assert_close(middle - first, last - middle)


def test_a_velocity_that_knows_the_data_has_no_error_and_arrives_in_any_number_of_steps():
    data = torch.tensor([[3.0, 1.0], [-2.0, 0.5]])

    def velocity(points, time):
        return (data - points) / (1 - time[:, None])

    noise = torch.randn(2, 2)
    assert fm.errors(velocity, noise, data, torch.tensor([0.1, 0.7])).max() < 1e-10
    for steps in (1, 7):
        torch.testing.assert_close(fm.integrate(velocity, noise, steps), data)


def test_the_mean_velocity_of_two_points_carries_noise_to_both_of_them():
    """Half of the noise ends at each, though every pair was joined by chance."""
    ends = torch.tensor([-2.0, 2.0])

    def velocity(points, time):
        t = time[:, None]
        weights = (-((points - t * ends) ** 2) / (2 * (1 - t) ** 2)).softmax(dim=1)  # (B, 2)
        return ((weights * ends).sum(dim=1, keepdim=True) - points) / (1 - t)

    noise = torch.randn(2000, 1, generator=torch.Generator().manual_seed(0))
    made = fm.integrate(velocity, noise, 50)
    assert ((made.abs() - 2).abs() < 0.05).float().mean() > 0.95
    assert 0.45 < (made > 0).float().mean() < 0.55


@pytest.mark.parametrize(("guidance", "expected"), [(0, 1.0), (1, 3.0), (2, 5.0)])
def test_guidance_goes_farther_where_the_condition_points(guidance, expected):
    velocity = fm.guided(lambda x, t: x * 0 + 3, lambda x, t: x * 0 + 1, guidance)
    assert velocity(torch.zeros(1, 1), torch.zeros(1)).item() == expected


def test_without_guidance_the_network_is_not_asked_twice():
    def refuse(points, time):
        raise AssertionError("asked without the condition")

    assert fm.guided(lambda x, t: x, refuse, 1.0)(torch.ones(1, 1), torch.zeros(1)).item() == 1


def test_times_lie_on_the_way_and_mostly_in_its_middle():
    times, early = fm.random_times(torch.zeros(4000, 1)), fm.random_times(torch.zeros(4000, 1), shift=-1.2)
    assert abs(float(early.median()) - 1 / (1 + math.exp(1.2))) < 0.03
    assert 0 < times.min() < 0.1
    assert 0.9 < times.max() < 1
    assert ((times > 0.25) & (times < 0.75)).float().mean() > 0.65
