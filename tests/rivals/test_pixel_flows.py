"""Velocities that need no network are those of Monte Carlo, and paint what they say they paint."""

import torch

from deepglass.rivals.pixel_flows import IndependentPixels, NearestCaptions
from deepglass.training.flow_matching import integrate


def test_independent_pixels_have_the_mean_velocity_of_gaussians():
    """Least squares over many paths: the slope and the offset are those of the formula."""
    generator, count, t = torch.Generator().manual_seed(0), 200_000, 0.6
    data = 1.5 + 0.7 * torch.randn(count, 1, 1, 1, generator=generator)
    noise = torch.randn(count, 1, 1, 1, generator=generator)
    points = ((1 - t) * noise + t * data).flatten()
    velocity = (data - noise).flatten()
    slope = torch.cov(torch.stack([points, velocity]))[0, 1] / points.var()
    rule = IndependentPixels(data)
    tokens = torch.zeros(2, 1, dtype=torch.long)
    said = rule(torch.tensor([0.0, 1.0]).reshape(2, 1, 1, 1), torch.full((2,), t), tokens).flatten()
    torch.testing.assert_close(said[1] - said[0], slope, atol=0.02, rtol=0)
    torch.testing.assert_close(said[0], velocity.mean() - slope * points.mean(), atol=0.02, rtol=0)


def test_the_nearest_captions_paint_their_own_pictures():
    generator = torch.Generator().manual_seed(0)
    pictures = torch.randn(6, 1, 4, 4, generator=generator)
    tokens = torch.tensor([[2, 3], [2, 4], [5, 3], [5, 4], [6, 3], [6, 4]])
    rule = NearestCaptions(pictures, tokens, pictures + 0.01, vocab_size=7)
    noise = torch.randn(2, 1, 4, 4, generator=generator)
    asked = torch.tensor([[5, 4], [2, 3]])
    made = integrate(lambda x, t: rule(x, t, asked), noise, 40)
    assert (made - pictures[[3, 0]]).abs().max() < 0.1
