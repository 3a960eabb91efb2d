"""The flow: what it reads, and that it learns to go where words say."""

import pytest
import torch

from deepglass.models.flow import Config, Flow, waves
from deepglass.training.flow_matching import errors, integrate

SMALL = Config(width=8, num_scales=2, embed_dim=16, num_heads=2, text_layers=1)


def model(**more):
    torch.manual_seed(0)
    flow = Flow(vocab_size=6, max_length=4, in_channels=1, image_size=(4, 4), config=SMALL)
    with torch.no_grad():
        for parameter in flow.parameters():
            if not parameter.any():
                parameter.normal_(std=0.1)
    return flow.eval()


def test_it_begins_with_the_way_to_the_mean_picture_which_is_grey():
    flow = Flow(vocab_size=6, max_length=4, in_channels=1, image_size=(4, 4), config=SMALL)
    x, tokens = torch.randn(2, 1, 4, 4), torch.ones(2, 3, dtype=torch.long)
    with torch.no_grad():
        made = integrate(lambda points, time: flow(points, time, tokens), x, 10)
    torch.testing.assert_close(flow(x, torch.full((2,), 0.5), tokens), -x / 0.5)
    assert made.abs().max() < 1e-5


def test_padding_says_nothing_and_words_and_time_do():
    flow, x, t = model(), torch.randn(1, 1, 4, 4), torch.tensor([0.3])
    said = flow(x, t, torch.tensor([[2, 3]]))
    torch.testing.assert_close(said, flow(x, t, torch.tensor([[2, 3, 0, 0]])))
    for time, tokens in ((t, [[3, 2]]), (t, [[2, 4]]), (t, [[0, 0]]), (torch.tensor([0.8]), [[2, 3]])):
        assert (said - flow(x, time, torch.tensor(tokens))).abs().max() > 1e-4


def test_pictures_of_any_size_come_back_in_that_size():
    flow = Flow(vocab_size=6, max_length=4, in_channels=3, image_size=(5, 7), config=SMALL)
    assert flow(torch.randn(2, 3, 5, 7), torch.rand(2), torch.zeros(2, 1, dtype=torch.long)).shape == (2, 3, 5, 7)


def test_a_caption_that_is_too_long_and_heads_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="at most 4 words"):
        model()(torch.randn(1, 1, 4, 4), torch.rand(1), torch.ones(1, 5, dtype=torch.long))
    with pytest.raises(ValueError, match="not divisible"):
        Flow(vocab_size=6, max_length=4, config=Config(embed_dim=10, num_heads=4))


def test_times_are_told_apart_by_waves():
    found = waves(torch.linspace(0, 1, 50), 16)
    assert found.shape == (50, 16)
    assert torch.cdist(found, found).add(torch.eye(50) * 9).min() > 0.02


def test_it_learns_to_paint_what_a_word_says():
    """Word 2 is a bright picture, word 3 a dark one: after some steps noise becomes what was asked for."""
    torch.manual_seed(0)
    flow = Flow(vocab_size=6, max_length=4, in_channels=1, image_size=(4, 4), config=SMALL)
    optimizer = torch.optim.Adam(flow.parameters(), lr=5e-3)
    for _ in range(120):
        words = torch.randint(2, 4, (32, 1))
        data = (5 - 2 * words).float().reshape(-1, 1, 1, 1).expand(-1, 1, 4, 4) + 0.1 * torch.randn(32, 1, 4, 4)
        loss = errors(lambda x, t, words=words: flow(x, t, words), torch.randn_like(data), data, torch.rand(32)).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    asked = torch.tensor([[2]] * 8 + [[3]] * 8)
    with torch.no_grad():
        made = integrate(lambda x, t: flow(x, t, asked), torch.randn(16, 1, 4, 4), 20).mean(dim=(1, 2, 3))
    assert made[:8].min() > 0.5
    assert made[8:].max() < -0.5
